import type { Refusal, Service, ServiceAnswer } from '../services/service';
import type { TaskReceipt, TaskReference, TaskReport } from '../services/task';
import type { NotSent, Outcome } from '../transport/outcome';

/**
 * What may be sent again, decided here and nowhere else.
 *
 * - A submit costs money. It is repeated only where the service, or the network, is known to have
 *   made no task: 429, the two 5xx reasons that say so, and requests that never left. Everything
 *   that leaves it open (a lost answer, a bare 5xx, a success without a task id) is *unconfirmed*.
 * - A poll costs nothing. It is repeated on 429, 5xx, network faults and answers that make no sense.
 */
export type SubmitVerdict =
	/** `acceptedAt` in milliseconds since 1970. */
	| { kind: 'accepted'; receipt: TaskReceipt; acceptedAt: number }
	/** Too many requests or active tasks; `retryAfter` in milliseconds where the service gave it. */
	| { kind: 'busy'; refusal: Refusal; retryAfter?: number }
	/** No task was made; the same submit may work a moment later. */
	| { kind: 'repeat'; cause: Refusal | NotSent; retryAfter?: number }
	| { kind: 'refused'; refusal: Refusal }
	| { kind: 'unreachable'; cause: NotSent }
	/** The task may exist and be billed. */
	| { kind: 'unconfirmed'; cause: string };

export type PollVerdict =
	| { kind: 'report'; report: TaskReport }
	| { kind: 'repeat'; cause: string; refusal?: Refusal; retryAfter?: number }
	| { kind: 'refused'; refusal: Refusal }
	/** It did not leave, and never will. */
	| { kind: 'unreachable'; cause: NotSent };

/** How a submit ended; `now` in milliseconds since 1970. */
export function judgeSubmit(service: Service, outcome: Outcome, now: number): SubmitVerdict {
	switch (outcome.kind) {
		case 'notSent':
			return { kind: outcome.temporary ? 'repeat' : 'unreachable', cause: outcome };
		case 'lost':
			return { kind: 'unconfirmed', cause: outcome.cause };
		case 'answered': {
			const refusal = service.readRefusal(outcome.answer);
			if (refusal === undefined) {
				const receipt = service.readReceipt(outcome.answer);
				return receipt === undefined
					? { kind: 'unconfirmed', cause: 'an answer without a task id' }
					: { kind: 'accepted', receipt, acceptedAt: now };
			}
			if (refusal.mayHaveCreatedTask) {
				return { kind: 'unconfirmed', cause: refusal.text ?? `HTTP status ${refusal.status}` };
			}
			const retryAfter = readPause(outcome.answer, refusal, now);
			if (refusal.kind === 'rateLimit') return { kind: 'busy', refusal, retryAfter };
			if (refusal.kind === 'unavailable') return { kind: 'repeat', cause: refusal, retryAfter };
			return { kind: 'refused', refusal };
		}
	}
}

/** How a request for a task ended; `now` in milliseconds since 1970. */
export function judgePoll(
	service: Service,
	{ taskId }: TaskReference,
	outcome: Outcome,
	now: number,
): PollVerdict {
	if (outcome.kind !== 'answered') {
		const isForGood = outcome.kind === 'notSent' && !outcome.temporary;
		return isForGood
			? { kind: 'unreachable', cause: outcome }
			: { kind: 'repeat', cause: outcome.cause };
	}
	const refusal = service.readRefusal(outcome.answer);
	if (refusal === undefined) {
		const report = service.readTask(outcome.answer, taskId);
		return report === undefined
			? { kind: 'repeat', cause: 'an answer that makes no sense' }
			: { kind: 'report', report };
	}
	if (refusal.kind === 'rateLimit' || refusal.status >= 500 || refusal.status === 408) {
		const retryAfter = readPause(outcome.answer, refusal, now);
		const cause = refusal.text ?? `HTTP status ${refusal.status}`;
		return { kind: 'repeat', cause, refusal, retryAfter };
	}
	return { kind: 'refused', refusal };
}

/**
 * Milliseconds to wait before attempt number `attempt` (0 = first repetition): exponential with
 * full jitter, so that many workflows do not come back in step.
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backOff(attempt: number, random: () => number): number {
	return random() * Math.min(30_000, 500 * 2 ** attempt);
}

/** Milliseconds the service wants us to wait, as the header or else the body of its refusal says. */
function readPause(answer: ServiceAnswer, refusal: Refusal, now: number): number | undefined {
	const inBody = refusal.retryAfter === undefined ? 0 : refusal.retryAfter * 1000;
	return readRetryAfter(answer, now) ?? (inBody > 0 ? inBody : undefined);
}

/**
 * `Retry-After` in milliseconds from now (RFC 9110, 10.2.3: seconds or a date); undefined when it is
 * missing, unreadable, or over already.
 */
export function readRetryAfter({ headers }: ServiceAnswer, now: number): number | undefined {
	const value = headers['retry-after'];
	if (value === undefined) return undefined;
	const milliseconds = /^\s*\d+(\.\d+)?\s*$/.test(value)
		? Number(value) * 1000
		: // A date has a month in letters; without this, "1, 2" would be one.
			/[a-z]{3}/i.test(value)
			? Date.parse(value) - now
			: NaN;
	// "At once" is no advice: the usual back-off then is the better one.
	return Number.isFinite(milliseconds) && milliseconds > 0 ? milliseconds : undefined;
}
