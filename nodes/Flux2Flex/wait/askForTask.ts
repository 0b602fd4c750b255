import type { Item } from '../run/item';
import { refusalProblem, unreachableProblem } from '../run/problems';
import { backOff, judgePoll, type PollVerdict } from '../run/retryRules';
import type { Account } from '../services/account';
import type { TaskReference, TaskReport } from '../services/task';

/** Most milliseconds for an answer about a task. */
export const POLL_TIME_LIMIT = 30_000;
/** Requests for a task when nobody set a time to wait. */
const MAX_ATTEMPTS = 5;
/** Longest `Retry-After`, in milliseconds, that is waited for when nobody set a time to wait. */
const MAX_RETRY_AFTER = 60_000;

/** Asks for the task once. Asking costs nothing, so the run's halt may cut it short. */
export async function askOnce(
	{ run }: Item,
	account: Account,
	task: TaskReference,
	timeLimit: number,
): Promise<PollVerdict> {
	const outcome = await run.transport.call(account, account.service.taskRequest(task), {
		timeLimit,
		signal: run.haltSignal,
	});
	run.assertRunning();
	return judgePoll(account.service, task, outcome, run.clock.now());
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
): Promise<TaskReport> {
	const { run } = item;
	for (let attempt = 1; ; attempt++) {
		const verdict = await askOnce(item, account, reference, POLL_TIME_LIMIT);
		if (verdict.kind === 'report') return verdict.report;
		if (verdict.kind === 'refused') throw refusalProblem(item, account, verdict.refusal);
		if (verdict.kind === 'unreachable') throw unreachableProblem(item, account, verdict.cause);
		item.log('no answer about a task', { attempt, reason: verdict.cause });
		const pause = verdict.retryAfter ?? backOff(attempt - 1, run.random);
		if (attempt >= MAX_ATTEMPTS || pause > MAX_RETRY_AFTER) {
			throw verdict.refusal
				? refusalProblem(item, account, verdict.refusal)
				: item.problem(
						`${account.service.displayName} gave no usable answer about the task`,
						`The task is not lost: ask for it again later. Last answer: ${verdict.cause}`,
					);
		}
		await run.sleep(pause);
	}
}
