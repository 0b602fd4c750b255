import type { Refusal } from '../services/service';
import type { TaskReceipt } from '../services/task';
import { backOff, judgeSubmit, type SubmitVerdict } from '../run/retryRules';
import type { NodeRun } from '../run/nodeRun';
import { refusalProblem, unconfirmedProblem, unreachableProblem } from '../run/problems';
import { assembleInput, type GenerationRequest } from '../read/request';
import type { Place, SubmitQueue } from './submitQueue';

/** A task the service works on, or has worked on: it is paid for. */
export interface AcceptedTask {
	receipt: TaskReceipt;
	/** Milliseconds since 1970. */
	acceptedAt: number;
	/** It was paid for by an earlier try. */
	resumed: boolean;
	/** Its place among the tasks in flight; to be given back when it ends. */
	place: Place;
}

/** Sends of one request where the service is known to have made no task. */
const MAX_ATTEMPTS = 5;
/** Sends of one request with 'Resubmit Unconfirmed'. */
const MAX_UNCONFIRMED_ATTEMPTS = 3;
/** Refusals in a row after which a rate limit is taken to last; about a minute and a half. */
const MAX_REFUSALS_IN_A_ROW = 10;
/** Milliseconds for an answer to a submit, plus what a slow line needs for inline images. */
const SUBMIT_TIME_LIMIT = 60_000;
const SLOW_LINE_BYTES_PER_MILLISECOND = 100;

/**
 * Submits the request, unless an earlier try already paid for it. The task is in the ledger before
 * anything else happens to it.
 *
 * @param patience milliseconds that a busy service may make this request wait with nothing in flight
 * @throws NodeOperationError when the service refuses, cannot be reached, or the answer is lost
 */
export async function submitTask(
	run: NodeRun,
	queue: SubmitQueue,
	request: GenerationRequest,
	patience: number,
): Promise<AcceptedTask> {
	const { itemIndex, account, ledgerKey } = request;
	const where = { context: run.context, itemIndex };
	const known = run.ledger.find(ledgerKey);
	if (known?.state === 'accepted') {
		run.log('task resumed', { itemIndex, taskId: known.receipt.taskId });
		run.resumedTasks++;
		const { receipt, acceptedAt } = known;
		return { receipt, acceptedAt, resumed: true, place: queue.adopt() };
	}
	if (known?.state === 'unconfirmed' && !request.resubmitUnconfirmed) {
		throw unconfirmedProblem(where, account, known.cause);
	}
	for (let attempt = 1; ; attempt++) {
		const place = await queue.enter(attempt > 1);
		const verdict = await sendSubmit(run, queue, request, place);
		switch (verdict.kind) {
			case 'accepted': {
				const { receipt } = verdict;
				const acceptedAt = run.clock.now();
				run.ledger.record(ledgerKey, { state: 'accepted', receipt, acceptedAt });
				queue.accepted(place);
				run.log('task submitted', { itemIndex, taskId: receipt.taskId, ...receipt.charges });
				return { receipt, acceptedAt, resumed: false, place };
			}
			case 'busy': {
				const { refusal, retryAfter } = verdict;
				run.log('submit refused for now', { itemIndex, reason: refusal.text, retryAfter });
				if (isHopeless(queue, patience, retryAfter ?? 0)) {
					queue.leave(place);
					throw refusalProblem(where, account, refusal);
				}
				queue.refused(place, retryAfter);
				break;
			}
			case 'repeat': {
				queue.leave(place);
				const { cause } = verdict;
				run.log('submit not taken', { itemIndex, attempt, reason: describe(cause) });
				const pause = verdict.retryAfter ?? backOff(attempt - 1, run.random);
				if (attempt >= MAX_ATTEMPTS || pause > patience) {
					throw 'cause' in cause
						? unreachableProblem(where, account, cause)
						: refusalProblem(where, account, cause);
				}
				await run.sleep(pause);
				break;
			}
			case 'unconfirmed': {
				queue.leave(place);
				run.ledger.record(ledgerKey, { state: 'unconfirmed', cause: verdict.cause });
				run.log('submit unconfirmed', { itemIndex, attempt, reason: verdict.cause });
				run.assertRunning();
				if (!request.resubmitUnconfirmed || attempt >= MAX_UNCONFIRMED_ATTEMPTS) {
					throw unconfirmedProblem(where, account, verdict.cause);
				}
				await run.sleep(backOff(attempt - 1, run.random));
				break;
			}
			case 'refused':
				queue.leave(place);
				run.log('submit refused', { itemIndex, reason: verdict.refusal.text });
				throw refusalProblem(where, account, verdict.refusal);
			case 'unreachable':
				queue.leave(place);
				throw unreachableProblem(where, account, verdict.cause);
		}
	}
}

async function sendSubmit(
	run: NodeRun,
	queue: SubmitQueue,
	request: GenerationRequest,
	place: Place,
): Promise<SubmitVerdict> {
	const { account } = request;
	try {
		run.assertRunning();
		const input = await assembleInput(run, request);
		run.assertRunning();
		const inlineBytes = input.images.reduce((sum, image) => sum + image.length, 0);
		const outcome = await run.transport.call(account, account.service.submitRequest(input), {
			timeLimit: SUBMIT_TIME_LIMIT + inlineBytes / SLOW_LINE_BYTES_PER_MILLISECOND,
			// Only a cancel ends a submit under way: ended by another item's failure, its task would
			// be paid for and never known.
			signal: run.cancelSignal,
		});
		return judgeSubmit(account.service, outcome, run.clock.now());
	} catch (error) {
		queue.leave(place);
		throw run.asNodeError(error, request.itemIndex);
	}
}

/** While own tasks are in flight a refusal is natural: their ends make room. */
function isHopeless(queue: SubmitQueue, patience: number, retryAfter: number): boolean {
	if (retryAfter > patience) return true;
	if (queue.active > 0) return false;
	return queue.refusals >= MAX_REFUSALS_IN_A_ROW || queue.refusedFor + retryAfter > patience;
}

function describe(cause: Refusal | { cause: string }): string | undefined {
	return 'cause' in cause ? cause.cause : cause.text;
}
