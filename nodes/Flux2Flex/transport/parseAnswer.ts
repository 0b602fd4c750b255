import { redact } from './redact';

/**
 * JSON where it is JSON (whatever its content type says), else the text; in either the secret is
 * replaced, and keys named `__proto__`, poison for whoever copies the object, are gone.
 */
export function parseAnswer(text: string, secret: string): unknown {
	try {
		// Without an escape in the text, both would be there letter by letter.
		const isPlain = !text.includes('\\') && !text.includes('__proto__');
		if (isPlain) return JSON.parse(redact(text, secret)) as unknown;
		return JSON.parse(text, (key, value: unknown) =>
			key === '__proto__' ? undefined : redactValue(value, secret),
		) as unknown;
	} catch {
		return redact(text, secret);
	}
}

function redactValue(value: unknown, secret: string): unknown {
	if (typeof value === 'string') return redact(value, secret);
	if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
	const isClean = Object.keys(value).every((name) => redact(name, secret) === name);
	if (isClean) return value;
	const fields = Object.entries(value).map(([name, field]) => [redact(name, secret), field]);
	return Object.fromEntries(fields) as unknown;
}
