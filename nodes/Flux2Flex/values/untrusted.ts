/**
 * Readers for values that come from outside: each returns the value in the type we need, or
 * undefined, and never throws, whatever was sent.
 */

/** The value as an object, undefined for arrays, null and everything else. */
export function asObject(value: unknown): Record<string, unknown> | undefined {
	return typeof value === 'object' && value !== null && !Array.isArray(value)
		? (value as Record<string, unknown>)
		: undefined;
}

/** A text with something in it. */
export function asText(value: unknown): string | undefined {
	return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

/** A finite number, also when it came as a string (`"3600"`). */
export function asNumber(value: unknown): number | undefined {
	const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
	return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** An id, also when it came as a number, as long as that is exact. */
export function asId(value: unknown): string | undefined {
	if (typeof value !== 'number') return asText(value);
	return Number.isSafeInteger(value) ? String(value) : undefined;
}

/** The seed an image was made with; negative ones stand for "random". */
export function asSeed(value: unknown): number | undefined {
	const seed = asNumber(value);
	return seed !== undefined && Number.isSafeInteger(seed) && seed >= 0 ? seed : undefined;
}

/** An absolute http(s) link; every other scheme is refused, since links come from outside. */
export function asHttpUrl(value: unknown): string | undefined {
	const text = asText(value);
	if (text === undefined || !/^https?:\/\//i.test(text) || !URL.canParse(text)) return undefined;
	// Other letters have to be escaped on the way; what is ASCII may be signed, and stays as it is.
	return /[^\p{ASCII}]/u.test(text) ? new URL(text).href : text;
}
