/** A value as it can stand in a message, whatever it is. */
export function show(value: unknown): string {
	const text = written(value);
	return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

function written(value: unknown): string {
	if (typeof value === 'string') return `"${value}"`;
	// JSON has no words for these.
	if (typeof value === 'number' || typeof value === 'bigint') return String(value);
	if (value instanceof Date) return String(value);
	try {
		return JSON.stringify(value) ?? 'not defined';
	} catch {
		return 'something that cannot be shown';
	}
}
