/** Keys shorter than this are too common a text to be cut out of answers. */
const SHORTEST_SECRET = 6;

/** The text with every occurrence of the secret replaced. */
export function redact(text: string, secret: string): string {
	return secret.length < SHORTEST_SECRET ? text : text.replaceAll(secret, '[redacted]');
}
