import type { Item } from '../run/item';
import { describeCause, noAnswerProblem, refusalProblem, settleUnusable } from '../run/problems';
import {
	backOff,
	judgePoll,
	type PendingReport,
	type PollVerdict,
	type SettledReport,
} from '../run/retryRules';
import type { Account } from '../services/account';
import type { FollowUp, ServiceAnswer } from '../services/service';
import type { TaskReference, TaskReport } from '../services/task';

/** Most milliseconds for an answer about a task. */
export const POLL_TIME_LIMIT = 30_000;
/** Looks at a finished task before it is believed that there is no way to its image. */
export const MAX_LOOKS_AT_END = 3;
/** Requests for a task when nobody set a time to wait. */
export const MAX_ATTEMPTS = 5;
/** Longest `Retry-After`, in milliseconds, that is waited for when nobody set a time to wait. */
export const MAX_RETRY_AFTER = 60_000;

/**
 * Asks for the task once, with as many requests as that takes. Asking costs nothing, so the run's
 * halt may cut it short.
 *
 * @param timeLimit milliseconds for the answer to each request
 */
export async function askOnce(
	{ run }: Item,
	account: Account,
	task: TaskReference,
	timeLimit: number,
): Promise<Exclude<PollVerdict, { kind: 'leadsOn' }>> {
	const { service } = account;
	let request = service.taskRequest(task);
	let readTask = (answer: ServiceAnswer): TaskReport | FollowUp | undefined =>
		service.readTask(answer, task);
	for (;;) {
		const outcome = await run.transport.call(account, request, {
			timeLimit,
			signal: run.haltSignal,
		});
		run.assertRunning();
		const verdict = judgePoll(service, readTask, outcome, run.clock.now());
		if (verdict.kind !== 'leadsOn') return verdict;
		({ request, readTask } = verdict.followUp);
	}
}

/**
 * The task as it stands now, asked for again a few times when the network or the service fails.
 *
 * @throws NodeOperationError when the service refuses, or keeps failing
 */
export async function askForTask(
	item: Item,
	account: Account,
	reference: TaskReference,
): Promise<SettledReport | PendingReport> {
	const { run } = item;
	for (let attempt = 1; ; attempt++) {
		const verdict = await askOnce(item, account, reference, POLL_TIME_LIMIT);
		if (verdict.kind === 'report') return verdict.report;
		if (verdict.kind === 'refused') throw refusalProblem(item, account, verdict.refusal);
		let pause = backOff(attempt - 1, run.random);
		if (verdict.kind === 'unusable') {
			item.log('finished without a way to the image', { attempt });
			if (attempt >= MAX_LOOKS_AT_END) return settleUnusable(item, verdict.report);
		} else {
			const { cause, retryAfter } = verdict;
			item.log('no answer about a task', { attempt, reason: describeCause(cause, account) });
			pause = retryAfter ?? pause;
			const isHopeless = cause.kind === 'notSent' && !cause.temporary;
			if (isHopeless || attempt >= MAX_ATTEMPTS || pause > MAX_RETRY_AFTER) {
				throw noAnswerProblem(item, account, cause);
			}
		}
		await run.sleep(pause);
	}
}
