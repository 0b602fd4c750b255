/** Keys shorter than this are too common a text to be cut out of answers. */
export const SHORTEST_SECRET = 6;

/** The text with every occurrence of the secrets replaced. */
export function redact(text: string, secrets: readonly string[]): string {
	return secrets
		.filter(({ length }) => length >= SHORTEST_SECRET)
		.reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), text);
}
