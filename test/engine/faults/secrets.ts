/** Every text in a value, also where JSON does not look, such as in an error. */
export function textsIn(value: unknown, seen = new Set<unknown>()): string[] {
	if (typeof value === 'string') return [value];
	if (typeof value !== 'object' || value === null || seen.has(value)) return [];
	seen.add(value);
	if (Buffer.isBuffer(value)) return [value.toString('latin1')];
	return Object.getOwnPropertyNames(value).flatMap((name) => [
		name,
		...textsIn((value as Record<string, unknown>)[name], seen),
	]);
}

/** The texts in a value that have the secret in them. */
export function textsWith(secret: string, value: unknown): string[] {
	return textsIn(value).filter((text) => text.includes(secret));
}
