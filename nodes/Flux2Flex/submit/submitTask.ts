import type { GenerationRequest } from '../read/request';
import { describeCause, noTaskProblem, unconfirmedProblem } from '../run/problems';
import { backOff, judgeSubmit, type SubmitVerdict } from '../run/retryRules';
import type { TaskReceipt } from '../services/task';
import { assembleInput } from './assembleInput';
import type { SubmitQueue, TaskSlot } from './submitQueue';

/** A task the service works on, or has worked on: it is paid for. */
export interface AcceptedTask {
	receipt: TaskReceipt;
	/** Milliseconds since 1970. */
	acceptedAt: number;
	/** It was paid for by an earlier try. */
	resumed: boolean;
	/** Free from the task's end on, at the latest when the work with it is done. */
	slot: TaskSlot;
}

/** Sends of one request where the service is known to have made no task. */
export const MAX_ATTEMPTS = 5;
/** Sends of one request with 'Resubmit Unconfirmed'. */
export const MAX_UNCONFIRMED_ATTEMPTS = 3;
/** Milliseconds for an answer to a submit, plus what a slow line needs for inline images. */
export const SUBMIT_TIME_LIMIT = 60_000;
const SLOW_LINE_BYTES_PER_MILLISECOND = 100;

/**
 * Submits the request, unless an earlier try already paid for it, and works with the task, which
 * counts as in flight until that work is done. The task is in the ledger before anything else
 * happens to it.
 *
 * @param patience milliseconds that a busy service may make this request wait with nothing in flight
 * @throws NodeOperationError when the service refuses, cannot be reached, or the answer is lost
 */
export async function withTask<Result>(
	queue: SubmitQueue,
	request: GenerationRequest,
	patience: number,
	work: (task: AcceptedTask) => Promise<Result>,
): Promise<Result> {
	const task = resumeTask(queue, request) ?? (await submitTask(queue, request, patience));
	try {
		return await work(task);
	} finally {
		task.slot.end();
	}
}

/** @throws NodeOperationError when an earlier try sent the request and its answer was lost */
function resumeTask(queue: SubmitQueue, request: GenerationRequest): AcceptedTask | undefined {
	const { item, account, ledgerKey, resubmitUnconfirmed } = request;
	const known = item.run.ledger.find(ledgerKey);
	if (known?.state === 'unconfirmed' && !resubmitUnconfirmed) {
		throw unconfirmedProblem(item, account, known.cause);
	}
	if (known?.state !== 'accepted') return undefined;
	const { receipt, acceptedAt } = known;
	item.taskId = receipt.taskId;
	item.run.hints.taskResumed();
	item.log('task resumed');
	return { receipt, acceptedAt, resumed: true, slot: queue.adopt() };
}

async function submitTask(
	queue: SubmitQueue,
	request: GenerationRequest,
	patience: number,
): Promise<AcceptedTask> {
	const { item, account } = request;
	const { run } = item;
	for (let attempt = 1; ; attempt++) {
		const turn = { isRepeated: attempt > 1, patience };
		const verdict = await queue.send(turn, async () => await sendOnce(request));
		switch (verdict.kind) {
			case 'accepted': {
				const { receipt, acceptedAt, slot } = verdict;
				return { receipt, acceptedAt, resumed: false, slot };
			}
			case 'busy': {
				const { cause, retryAfter } = verdict;
				item.log('submit refused for now', { reason: describeCause(cause, account), retryAfter });
				break;
			}
			case 'repeat': {
				const { cause } = verdict;
				item.log('submit not taken', { attempt, reason: describeCause(cause, account) });
				const pause = verdict.retryAfter ?? backOff(attempt - 1, run.random);
				if (attempt >= MAX_ATTEMPTS || pause > patience) throw noTaskProblem(item, account, cause);
				await run.sleep(pause);
				break;
			}
			case 'unconfirmed':
				item.log('submit unconfirmed', { attempt, reason: verdict.cause });
				run.assertRunning();
				if (!request.resubmitUnconfirmed || attempt >= MAX_UNCONFIRMED_ATTEMPTS) {
					throw unconfirmedProblem(item, account, verdict.cause);
				}
				await run.sleep(backOff(attempt - 1, run.random));
				break;
			case 'refused':
				item.log('submit refused', { reason: describeCause(verdict.cause, account) });
				throw noTaskProblem(item, account, verdict.cause);
		}
	}
}

/** Sends the request. What came of it is in the ledger before anything else happens. */
async function sendOnce(request: GenerationRequest): Promise<SubmitVerdict> {
	const { item, account, ledgerKey } = request;
	const { run } = item;
	run.assertRunning();
	const input = await assembleInput(request);
	run.assertRunning();
	const inlineBytes = input.images.reduce((sum, image) => sum + image.length, 0);
	const outcome = await run.transport.call(account, account.service.submitRequest(input), {
		timeLimit: SUBMIT_TIME_LIMIT + inlineBytes / SLOW_LINE_BYTES_PER_MILLISECOND,
		// Only a cancel ends a submit under way: ended by another item's failure, its task would
		// be paid for and never known.
		signal: run.cancelSignal,
	});
	const verdict = judgeSubmit(account.service, outcome, run.clock.now());
	if (verdict.kind === 'accepted') {
		const { receipt, acceptedAt } = verdict;
		run.ledger.record(ledgerKey, { state: 'accepted', receipt, acceptedAt });
		item.taskId = receipt.taskId;
		item.log('task submitted', { ...receipt.charges });
	} else if (verdict.kind === 'unconfirmed') {
		run.ledger.record(ledgerKey, { state: 'unconfirmed', cause: verdict.cause });
	}
	return verdict;
}
