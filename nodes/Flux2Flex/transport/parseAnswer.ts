import { redact } from './redact';

/**
 * JSON where it is JSON (whatever its content type says), else the text; in either the secrets are
 * replaced, and keys named `__proto__`, poison for whoever copies the object, are gone. Whole numbers
 * too large to be exact become text, digit by digit: task ids come like that.
 */
export function parseAnswer(text: string, secrets: readonly string[]): unknown {
	try {
		const json = quoteLongNumbers(text.replace(/^\uFEFF/, ''));
		// Without an escape in the text, both would be there letter by letter.
		const isPlain = !json.includes('\\') && !json.includes('__proto__');
		if (isPlain) return JSON.parse(redact(json, secrets)) as unknown;
		return JSON.parse(json, (key, value: unknown) =>
			key === '__proto__' ? undefined : redactValue(value, secrets),
		) as unknown;
	} catch {
		return redact(text, secrets);
	}
}

const LONG_NUMBER = /(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g;

/** Texts are passed over, so that no digits within them are taken for a number. */
function quoteLongNumbers(json: string): string {
	if (!/\d{16}/.test(json)) return json;
	let result = '';
	for (let at = 0; at < json.length; ) {
		const quote = json.indexOf('"', at);
		const start = quote === -1 ? json.length : quote;
		let end = start + 1;
		while (end < json.length && json[end] !== '"') end += json[end] === '\\' ? 2 : 1;
		result += json.slice(at, start).replace(LONG_NUMBER, '"$&"') + json.slice(start, end + 1);
		at = end + 1;
	}
	return result;
}

function redactValue(value: unknown, secrets: readonly string[]): unknown {
	if (typeof value === 'string') return redact(value, secrets);
	if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
	const isClean = Object.keys(value).every((name) => redact(name, secrets) === name);
	if (isClean) return value;
	const fields = Object.entries(value).map(([name, field]) => [redact(name, secrets), field]);
	return Object.fromEntries(fields) as unknown;
}
