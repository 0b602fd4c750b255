import type { GenerationRequest } from '../read/request';
import type { WaitSettings } from '../read/settings';
import type { Item } from '../run/item';
import { describeCause, refusalProblem, settleUnusable } from '../run/problems';
import { backOff, type PendingReport, type SettledReport } from '../run/retryRules';
import type { PendingTask } from '../services/task';
import type { AcceptedTask } from '../submit/submitTask';
import { askOnce, MAX_LOOKS_AT_END, POLL_TIME_LIMIT } from './askForTask';
import { nextPollDelay, type TaskDurations } from './pollSchedule';

/** How a wait ended: the task is over, or its time is. */
export type WaitResult =
	| { kind: 'finished'; report: SettledReport }
	/** `lastFailure`: why the last look brought no answer, if it did not. */
	| { kind: 'timedOut'; lastSeen: PendingTask; lastFailure?: string };

/** Milliseconds after a submit in which the service may not know its own task yet. */
export const UNKNOWN_TASK_GRACE = 30_000;
/** Its multiples, taken modulo 1, spread any number of items evenly. */
const GOLDEN_RATIO = 0.618033988749895;
/** Longest pause between two looks, in milliseconds, whatever was asked for. */
const LONGEST_PAUSE = 60_000;
/** Least milliseconds an answer gets, so that the last look at the deadline can succeed. */
const SHORTEST_TIME_LIMIT = 5_000;

/**
 * Asks for the task until it is over or its deadline has come. Whatever fails in between, or answers
 * in the service's place, only delays: the task is paid for.
 *
 * @throws NodeOperationError when the service itself says that there will be no image to be had
 */
export async function waitForTask(
	{ item, account, ledgerKey }: GenerationRequest,
	{ receipt, acceptedAt, resumed }: AcceptedTask,
	{ timeout, pollingInterval }: WaitSettings,
	durations: TaskDurations,
): Promise<WaitResult> {
	const { run } = item;
	const { taskId } = receipt;
	// A resumed task gets the whole time again: its own may have passed before the retry.
	const deadline = (resumed ? run.clock.now() : acceptedAt) + timeout;
	let lastSeen: PendingTask = { status: 'processing', taskId };
	let lastPending = 0;
	let delay = resumed ? 0 : planDelay();
	let lastFailure: string | undefined;
	let failures = 0;
	let looksAtEnd = 0;

	function planDelay(): number {
		return nextPollDelay({
			elapsed: run.clock.now() - acceptedAt,
			eta: lastSeen.eta === undefined ? undefined : lastSeen.eta * 1000,
			fixedInterval: pollingInterval,
			durations,
			// A low-discrepancy sequence; a single item starts it at 0.
			offset: (item.index * GOLDEN_RATIO) % 1,
		});
	}

	for (;;) {
		await run.sleep(Math.min(delay, deadline - run.clock.now()));
		const left = deadline - run.clock.now();
		const timeLimit = Math.min(POLL_TIME_LIMIT, Math.max(SHORTEST_TIME_LIMIT, left));
		const verdict = await askOnce(item, account, receipt, timeLimit);
		if (verdict.kind === 'report') {
			const { report } = verdict;
			if (isSettled(report)) {
				const milliseconds = run.clock.now() - acceptedAt;
				if (!resumed) durations.record(lastPending, milliseconds);
				item.log('task finished', { status: report.task.status, milliseconds });
				return { kind: 'finished', report };
			}
			lastSeen = report.task;
			lastPending = run.clock.now() - acceptedAt;
			failures = 0;
			lastFailure = undefined;
			delay = planDelay();
		} else if (verdict.kind === 'unusable') {
			item.log('finished without a way to the image');
			if (++looksAtEnd >= MAX_LOOKS_AT_END) {
				return { kind: 'finished', report: settleUnusable(item, verdict.report) };
			}
			delay = backOff(failures++, run.random);
		} else {
			const cause = verdict.kind === 'refused' ? verdict.refusal : verdict.cause;
			const isFresh = run.clock.now() - acceptedAt < UNKNOWN_TASK_GRACE;
			if (verdict.kind === 'refused' && !(cause.kind === 'unknownTask' && isFresh)) {
				// Told by its own error; nothing else may promise that the task can be fetched.
				if (cause.kind === 'unknownTask') run.ledger.markUnknown(ledgerKey);
				throw refusalProblem(item, account, verdict.refusal);
			}
			lastFailure = describeCause(cause, account);
			item.log('no answer about a task', { reason: lastFailure });
			const retryAfter = verdict.kind === 'repeat' ? verdict.retryAfter : undefined;
			// A finished image may be gone by the end of a longer pause, and asking costs nothing.
			delay = Math.min(retryAfter ?? backOff(failures++, run.random), LONGEST_PAUSE);
		}
		if (run.clock.now() >= deadline) return { kind: 'timedOut', lastSeen, lastFailure };
	}
}

function isSettled(report: SettledReport | PendingReport): report is SettledReport {
	return report.task.status === 'succeeded' || report.task.status === 'failed';
}

/**
 * The error for a task that was not over in time.
 *
 * @param timeout milliseconds
 * @param lastFailure why the last look brought no answer, if it did not
 */
export function timeoutProblem(item: Item, timeout: number, lastFailure?: string) {
	const reason =
		lastFailure === undefined ? '' : ` The last look brought no answer: ${lastFailure}`;
	return item.problem(
		`The task was not finished within ${timeout / 1000} seconds`,
		`It is paid for and goes on: fetch its image later with the operation 'Get Task Result', or raise 'Timeout' under 'Options'.${reason}`,
	);
}
