import type { GenerationRequest } from '../read/request';
import type { WaitSettings } from '../read/settings';
import type { Item } from '../run/item';
import { refusalProblem, unreachableProblem } from '../run/problems';
import { backOff } from '../run/retryRules';
import type { FailedTask, PendingTask, SucceededTask, TaskReport } from '../services/task';
import type { AcceptedTask } from '../submit/submitTask';
import { askOnce, POLL_TIME_LIMIT } from './askForTask';
import { nextPollDelay, type TaskDurations } from './pollSchedule';

/** How a wait ended: the task is over, or its time is. */
export type WaitResult =
	| { kind: 'finished'; report: TaskReport & { task: SucceededTask | FailedTask } }
	| { kind: 'timedOut'; lastSeen: PendingTask };

/** Milliseconds after a submit in which the service may not know its own task yet. */
const UNKNOWN_TASK_GRACE = 30_000;
/** Its multiples, taken modulo 1, spread any number of items evenly. */
const GOLDEN_RATIO = 0.618033988749895;
/** Least milliseconds an answer gets, so that the last look at the deadline can succeed. */
const SHORTEST_TIME_LIMIT = 5_000;

/**
 * Asks for the task until it is over or its deadline has come. A network or service that fails in
 * between only delays: the task is paid for.
 *
 * @throws NodeOperationError when the service refuses to tell
 */
export async function waitForTask(
	{ item, account }: GenerationRequest,
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
	let failures = 0;

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
			const { task, answer } = verdict.report;
			if (task.status === 'succeeded' || task.status === 'failed') {
				const milliseconds = run.clock.now() - acceptedAt;
				if (!resumed) durations.record(lastPending, milliseconds);
				item.log('task finished', { status: task.status, milliseconds });
				return { kind: 'finished', report: { task, answer } };
			}
			lastSeen = task;
			lastPending = run.clock.now() - acceptedAt;
			failures = 0;
			delay = planDelay();
		} else {
			if (verdict.kind === 'unreachable') throw unreachableProblem(item, account, verdict.cause);
			const isFresh = run.clock.now() - acceptedAt < UNKNOWN_TASK_GRACE;
			if (verdict.kind === 'refused' && !(verdict.refusal.kind === 'unknownTask' && isFresh)) {
				throw refusalProblem(item, account, verdict.refusal);
			}
			const reason = verdict.kind === 'repeat' ? verdict.cause : verdict.refusal.text;
			item.log('no answer about a task', { reason });
			delay =
				(verdict.kind === 'repeat' ? verdict.retryAfter : undefined) ??
				backOff(failures++, run.random);
		}
		if (run.clock.now() >= deadline) return { kind: 'timedOut', lastSeen };
	}
}

/** The error for a task that was not over in time; `timeout` in milliseconds. */
export function timeoutProblem(item: Item, timeout: number) {
	return item.problem(
		`The task was not finished within ${timeout / 1000} seconds`,
		"It is paid for and goes on: fetch its image later with the operation 'Get Task Result', or raise 'Timeout' under 'Options'.",
	);
}
