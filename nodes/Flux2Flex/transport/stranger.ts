import { isRedirect } from '../services/refusals';
import type { ServiceAnswer } from '../services/service';
import type { Stranger } from './outcome';
import { redact } from './redact';

/** Enough to recognise who speaks, and short enough for a message. */
export const MAX_WORDS_LENGTH = 200;

/**
 * An answer that is not the service's, with its first words for people to recognise it by.
 *
 * @param secrets what must not be among these words
 */
export function strangerOf(
	{ status, headers, body }: ServiceAnswer,
	secrets: readonly string[],
): Stranger {
	const { location } = headers;
	// What a login page is told in its address is nobody's business.
	const said =
		isRedirect(status) && location !== undefined
			? `redirect to ${location.replace(/[?#].*$/s, '').replace(/\/\/[^/]*@/, '//')}`
			: firstWords(body);
	return { kind: 'stranger', status, headers, words: shorten(redact(said, secrets)) };
}

/** The readable text of a page or an answer, in one line. */
function firstWords(body: unknown): string {
	const text = typeof body === 'string' ? body : asJson(body);
	const readable = /^\s*</.test(text)
		? text.replace(/<(script|style)\b[\s\S]*?(<\/\1\s*>|$)/gi, ' ').replace(/<[^>]*(>|$)/g, ' ')
		: text;
	return readable.replace(/[\s\p{Cc}]+/gu, ' ').trim();
}

/** Lists in lists in lists can be too deep to be written. */
function asJson(body: unknown): string {
	try {
		return JSON.stringify(body) ?? '';
	} catch {
		return '';
	}
}

function shorten(line: string): string {
	return line.length > MAX_WORDS_LENGTH ? `${line.slice(0, MAX_WORDS_LENGTH - 1)}…` : line;
}
