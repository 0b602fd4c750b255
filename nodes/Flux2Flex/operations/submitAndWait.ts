import type { INodeExecutionData } from 'n8n-workflow';

import type { TaskReceipt } from '../services/task';
import type { NodeRun } from '../run/nodeRun';
import { emitImages, emitTask } from '../output/items';
import { Places } from '../timing/limiter';
import { TaskDurations } from '../wait/pollSchedule';
import { failedTaskProblem } from '../run/problems';
import { readOutputSettings, type OutputSettings } from '../read/outputSettings';
import { readGenerationRequest, type GenerationRequest } from '../read/request';
import { readRunSettings, readWaitSettings, type WaitSettings } from '../read/settings';
import { runItems } from '../run/runItems';
import { checkSpendingLimit } from '../submit/spendingLimit';
import { SubmitQueue } from '../submit/submitQueue';
import { submitTask } from '../submit/submitTask';
import { timeoutProblem, waitForTask, type WaitResult } from '../wait/waitForTask';

/** Images downloaded at a time: more only share the same line. */
const MAX_DOWNLOADS = 20;

/** Submits a task for every item, waits for all of them together and returns their images. */
export async function submitAndWait(run: NodeRun): Promise<INodeExecutionData[]> {
	return await runItems(run, {
		read: async (itemIndex) => ({
			...(await readGenerationRequest(run, itemIndex)),
			wait: readWaitSettings(run, itemIndex),
			output: readOutputSettings(run, itemIndex),
		}),
		start: (requests) => {
			const { maxConcurrentTasks, maxTasks } = readRunSettings(run, requests[0]?.itemIndex ?? 0);
			checkSpendingLimit(run, requests, maxTasks);
			const queue = new SubmitQueue(maxConcurrentTasks, run);
			const durations = new TaskDurations();
			const downloads = new Places(MAX_DOWNLOADS);
			return async (request) => {
				const accepted = await submitTask(run, queue, request, request.wait.timeout);
				try {
					const result = await waitForTask(run, request, accepted, request.wait, durations);
					return await downloads.run(async () => {
						// Not before its download begins: tasks whose links live for minutes must not pile up.
						queue.leave(accepted.place);
						return await emitResult(run, request, accepted.receipt, result);
					});
				} finally {
					queue.leave(accepted.place);
				}
			};
		},
	});
}

interface WaitingRequest extends GenerationRequest {
	wait: WaitSettings;
	output: OutputSettings;
}

async function emitResult(
	run: NodeRun,
	{ itemIndex, account, wait, output, seed, ledgerKey }: WaitingRequest,
	receipt: TaskReceipt,
	result: WaitResult,
): Promise<INodeExecutionData[]> {
	const { taskId } = receipt;
	if (result.kind === 'timedOut') {
		if (wait.onTimeout === 'error') throw timeoutProblem(run, itemIndex, taskId, wait.timeout);
		const { status } = result.lastSeen;
		return [emitTask(itemIndex, { reference: receipt, task: { taskId, status } }, output)];
	}
	const { task, answer } = result.report;
	if (task.status === 'failed') {
		// It will never have an image: only a new task can, so a retry may submit again.
		run.ledger.forget(ledgerKey);
		throw failedTaskProblem({ context: run.context, itemIndex, taskId }, account, task);
	}
	const requestedSeed = seed === -1 ? undefined : seed;
	const { charges } = receipt;
	return await emitImages(
		run,
		{ itemIndex, account, reference: receipt, task, answer, requestedSeed, charges },
		output,
	);
}
