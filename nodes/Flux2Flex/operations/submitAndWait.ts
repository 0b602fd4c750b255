import type { INodeExecutionData } from 'n8n-workflow';

import { emitImages, emitTask } from '../output/items';
import { readOutputSettings, type OutputSettings } from '../read/outputSettings';
import { readGenerationRequest, type GenerationRequest } from '../read/request';
import { readWaitSettings, type WaitSettings } from '../read/settings';
import type { NodeRun } from '../run/nodeRun';
import { failedTaskProblem } from '../run/problems';
import { runItems } from '../run/runItems';
import type { TaskReceipt } from '../services/task';
import { openQueue } from '../submit/openQueue';
import { withTask } from '../submit/submitTask';
import { Limiter } from '../timing/limiter';
import { TaskDurations } from '../wait/pollSchedule';
import { timeoutProblem, waitForTask, type WaitResult } from '../wait/waitForTask';

/** Images downloaded at a time: more only share the same line. */
export const MAX_DOWNLOADS = 20;

/** Submits a task for every item, waits for all of them together and returns their images. */
export async function submitAndWait(run: NodeRun): Promise<INodeExecutionData[]> {
	return await runItems(run, {
		read: async (item) => ({
			...(await readGenerationRequest(item)),
			wait: readWaitSettings(item),
			output: await readOutputSettings(item),
		}),
		start: (requests) => {
			const queue = openQueue(run, requests, { seesTasksEnd: true });
			const durations = new TaskDurations();
			const downloads = new Limiter(MAX_DOWNLOADS);
			return async (request) =>
				await withTask(queue, request, request.wait.timeout, async (task) => {
					const result = await waitForTask(request, task, request.wait, durations);
					return await downloads.run(async () => {
						// Not before its download begins: tasks whose links live for minutes must not pile up.
						task.slot.end();
						return await emitResult(request, task.receipt, result);
					});
				});
		},
	});
}

interface WaitingRequest extends GenerationRequest {
	wait: WaitSettings;
	output: OutputSettings;
}

async function emitResult(
	{ item, account, wait, output, seed, ledgerKey }: WaitingRequest,
	receipt: TaskReceipt,
	result: WaitResult,
): Promise<INodeExecutionData[]> {
	if (result.kind === 'timedOut') {
		if (!wait.returnsPending) throw timeoutProblem(item, wait.timeout, result.lastFailure);
		const { taskId, status } = result.lastSeen;
		return [emitTask(item, { reference: receipt, task: { taskId, status } }, output)];
	}
	const { task, answer } = result.report;
	if (task.status === 'failed') {
		// It will never have an image: only a new task can, so a retry may submit again.
		item.run.ledger.forget(ledgerKey);
		throw failedTaskProblem(item, account, task);
	}
	const requestedSeed = seed === -1 ? undefined : seed;
	const { charges } = receipt;
	return await emitImages(
		{ item, account, reference: receipt, task, answer, requestedSeed, charges },
		output,
	);
}
