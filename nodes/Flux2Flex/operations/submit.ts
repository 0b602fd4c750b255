import type { INodeExecutionData } from 'n8n-workflow';

import type { NodeRun } from '../run/nodeRun';
import { emitReceipt } from '../output/items';
import { readGenerationRequest } from '../read/request';
import { readRunSettings } from '../read/settings';
import { runItems } from '../run/runItems';
import { checkSpendingLimit } from '../submit/spendingLimit';
import { SubmitQueue } from '../submit/submitQueue';
import { submitTask } from '../submit/submitTask';

/** Milliseconds that a busy service may keep a submit waiting. */
const PATIENCE = 600_000;

/** Submits a task for every item and returns the task ids without waiting for images. */
export async function submit(run: NodeRun): Promise<INodeExecutionData[]> {
	return await runItems(run, {
		read: async (itemIndex) => await readGenerationRequest(run, itemIndex),
		start: (requests) => {
			const { maxConcurrentTasks, maxTasks } = readRunSettings(run, requests[0]?.itemIndex ?? 0);
			checkSpendingLimit(run, requests, maxTasks);
			const queue = new SubmitQueue(maxConcurrentTasks, run);
			return async (request, itemIndex) => {
				const { receipt, place } = await submitTask(run, queue, request, PATIENCE);
				queue.forget(place);
				return [emitReceipt(itemIndex, receipt)];
			};
		},
	});
}
