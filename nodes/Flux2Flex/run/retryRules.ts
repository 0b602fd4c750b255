import { isAmbiguousStatus, isSuccess } from '../services/refusals';
import type { FollowUp, Refusal, Service, ServiceAnswer } from '../services/service';
import type {
	FailedTask,
	PendingTask,
	SucceededTask,
	TaskReceipt,
	TaskReport,
	UnusableTask,
} from '../services/task';
import type { Lost, NotSent, Outcome, Stranger } from '../transport/outcome';

/**
 * What may be sent again, decided here and nowhere else.
 *
 * - A submit costs money. It is repeated only where the service, or the network, is known to have
 *   made no task: 429, the 5xx answers that say so, and requests that never left. Everything that
 *   leaves it open (a lost answer, a bare 5xx, a success without a task id) is *unconfirmed*.
 * - A poll costs nothing. It is repeated on 429, 5xx, network faults, answers that make no sense, and
 *   whatever is not the service's: only its own words can end a wait.
 */
export type SubmitVerdict =
	/** `acceptedAt` in milliseconds since 1970. */
	| { kind: 'accepted'; receipt: TaskReceipt; acceptedAt: number }
	/** Too many requests or active tasks; `retryAfter` in milliseconds where it was said. */
	| { kind: 'busy'; cause: Refusal | Stranger; retryAfter?: number }
	/** No task was made; the same submit may work a moment later. */
	| { kind: 'repeat'; cause: Refusal | NotSent; retryAfter?: number }
	/** No task was made, and none will be. */
	| { kind: 'refused'; cause: Refusal | Stranger | NotSent }
	/** The task may exist and be billed. */
	| { kind: 'unconfirmed'; cause: string };

export type PollVerdict =
	| { kind: 'report'; report: SettledReport | PendingReport }
	/** The answer to another request has the task. */
	| { kind: 'leadsOn'; followUp: FollowUp }
	/** The task is over, but there is no way to its image; the next answer may have one. */
	| { kind: 'unusable'; report: UnusableReport }
	/** No answer about the task; the next one may be. */
	| { kind: 'repeat'; cause: Refusal | Stranger | NotSent | Lost; retryAfter?: number }
	/** The service's own word that there will be none. */
	| { kind: 'refused'; refusal: Refusal };

/** A task that is over, and the answer that says so. */
export type SettledReport = TaskReport & { task: SucceededTask | FailedTask };
export type PendingReport = TaskReport & { task: PendingTask };
export type UnusableReport = TaskReport & { task: UnusableTask };

/** How a submit ended; `now` in milliseconds since 1970. */
export function judgeSubmit(service: Service, outcome: Outcome, now: number): SubmitVerdict {
	switch (outcome.kind) {
		case 'notSent':
			return { kind: outcome.temporary ? 'repeat' : 'refused', cause: outcome };
		case 'lost':
			return { kind: 'unconfirmed', cause: outcome.cause };
		case 'stranger': {
			const { status, headers } = outcome;
			// Whoever refuses a request for its rate has not let it through.
			if (status === 429) {
				return { kind: 'busy', cause: outcome, retryAfter: readRetryAfter(headers, now) };
			}
			// A page instead of an answer may have taken the place of the service's own.
			return isSuccess(status) || isAmbiguousStatus(status)
				? { kind: 'unconfirmed', cause: describeStranger(outcome, service) }
				: { kind: 'refused', cause: outcome };
		}
		case 'answered': {
			const { answer } = outcome;
			const receipt = service.readReceipt(answer);
			if (receipt !== undefined) return { kind: 'accepted', receipt, acceptedAt: now };
			const refusal = service.readRefusal(answer, 'submit');
			if (refusal === undefined) {
				return { kind: 'unconfirmed', cause: 'an answer without a task ID' };
			}
			if (refusal.mayHaveCreatedTask) {
				return { kind: 'unconfirmed', cause: refusal.text ?? `HTTP status ${refusal.status}` };
			}
			const retryAfter = readPause(answer, refusal, now);
			if (refusal.kind === 'rateLimit' || refusal.kind === 'overloaded') {
				return { kind: 'busy', cause: refusal, retryAfter };
			}
			if (refusal.kind === 'unavailable') return { kind: 'repeat', cause: refusal, retryAfter };
			return { kind: 'refused', cause: refusal };
		}
	}
}

/** How a request for a task ended; `readTask` finds it in the answer, `now` in milliseconds since 1970. */
export function judgePoll(
	service: Service,
	readTask: (answer: ServiceAnswer) => TaskReport | FollowUp | undefined,
	outcome: Outcome,
	now: number,
): PollVerdict {
	if (outcome.kind === 'stranger') {
		const retryAfter = readRetryAfter(outcome.headers, now);
		return { kind: 'repeat', cause: outcome, retryAfter };
	}
	if (outcome.kind !== 'answered') return { kind: 'repeat', cause: outcome };
	const { answer } = outcome;
	// A failed task may come as an HTTP error, so a task is looked for first.
	const report = readTask(answer);
	if (report !== undefined) {
		if (!('task' in report)) return { kind: 'leadsOn', followUp: report };
		return report.task.status === 'unusable'
			? { kind: 'unusable', report: report as UnusableReport }
			: { kind: 'report', report: report as SettledReport | PendingReport };
	}
	const refusal = service.readRefusal(answer, 'task');
	if (refusal === undefined) {
		return { kind: 'repeat', cause: { kind: 'lost', cause: 'an answer that makes no sense' } };
	}
	if (refusal.kind === 'rateLimit' || isAmbiguousStatus(refusal.status)) {
		const retryAfter = readPause(answer, refusal, now);
		return { kind: 'repeat', cause: refusal, retryAfter };
	}
	return { kind: 'refused', refusal };
}

/** Where the user finds who answers in a service's place. */
export const WHERE_TO_LOOK =
	"Look at the proxy and the firewall of this n8n's network, and check 'Base URL' in the credential";

/** Who answered in the service's place, and what it said, to follow "Cause:". */
export function describeStranger({ status, words }: Stranger, service: Service): string {
	const said = words === '' ? 'without a word' : `with these words: "${words}"`;
	return `something between n8n and ${service.displayName} answered in its place, HTTP status ${status}, ${said}. ${WHERE_TO_LOOK}`;
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
	return readRetryAfter(answer.headers, now) ?? (inBody > 0 ? inBody : undefined);
}

/**
 * `Retry-After` in milliseconds from now (RFC 9110, 10.2.3: seconds or a date); undefined when it is
 * missing, unreadable, or over already.
 */
export function readRetryAfter(headers: Record<string, string>, now: number): number | undefined {
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
