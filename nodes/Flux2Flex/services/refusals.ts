import { asObject, asText } from '../values/untrusted';
import type { RefusalKind } from './service';
import type { UnusableTask } from './task';

/** What an HTTP status means where the body says nothing better; `text` is the service's words. */
export function kindOfStatus(status: number, text: string | undefined): RefusalKind {
	if (status >= 500) return 'unavailable';
	switch (status) {
		case 401:
			return 'badKey';
		case 402:
			return 'emptyBalance';
		case 403:
			if (text !== undefined && /balance|credits/i.test(text)) return 'emptyBalance';
			return text !== undefined && /key|auth/i.test(text) ? 'badKey' : 'notAllowed';
		case 404:
			return text !== undefined && /task/i.test(text) ? 'unknownTask' : 'routeNotFound';
		case 413:
			return 'unreadableImage';
		case 429:
			return 'rateLimit';
		case 400:
		case 422:
			return 'invalidRequest';
		default:
			return 'unexpected';
	}
}

/** Whether an HTTP status says that all went well. */
export function isSuccess(status: number): boolean {
	return status >= 200 && status < 300;
}

/** Whether an HTTP status leads elsewhere. */
export function isRedirect(status: number): boolean {
	return status >= 300 && status < 400;
}

/** Whether the service may have got further than it says: a submit may then have made a task. */
export function isAmbiguousStatus(status: number): boolean {
	return status >= 500 || status === 408;
}

/**
 * What a part of an answer that says no has to say: a text, texts in lists and objects, or what
 * FastAPI makes of a bad field, `[{loc, msg, type, input}]`, of which `input` echoes the request.
 */
export function sentences(part: unknown): string[] {
	const text = asText(part);
	if (text !== undefined) return [text];
	if (Array.isArray(part)) return part.flatMap(sentences);
	const fields = asObject(part);
	if (fields === undefined) return [];
	const complaint = asText(fields.msg) ?? asText(fields.message);
	if (complaint === undefined) {
		const others = Object.entries(fields).filter(([name]) => name !== 'input');
		return others.flatMap(([, value]) => sentences(value));
	}
	// The path starts with "body", which is always so.
	const field = Array.isArray(fields.loc) ? fields.loc.slice(1).join('.') : '';
	return [field === '' ? complaint : `${field}: ${complaint}`];
}

/** Whether the reason of a failed task is its content. */
export function speaksOfContent(reason: string | undefined): boolean {
	return (
		reason !== undefined && /nsfw|sensitive|moderat|illegal|safety|content[ _]polic/i.test(reason)
	);
}

/** A finished task without an image: withheld for its content, or not there yet for a moment. */
export function withoutImage(taskId: string, reason?: string): UnusableTask {
	return {
		status: 'unusable',
		taskId,
		link: undefined,
		otherwise: {
			status: 'failed',
			taskId,
			reason: reason ?? 'The service finished the task without an image',
			filtered: true,
		},
	};
}
