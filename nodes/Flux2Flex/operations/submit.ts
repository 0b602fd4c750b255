import type { INodeExecutionData } from 'n8n-workflow';

import type { NodeRun } from '../tasks/nodeRun';
import { emitReceipt } from '../tasks/outputItems';
import { readGenerationRequest } from '../tasks/readRequest';
import { readRunSettings } from '../tasks/readSettings';
import { runItems } from '../tasks/runItems';
import { checkSpendingLimit } from '../tasks/spendingLimit';
import { SubmitQueue } from '../tasks/submitQueue';
import { submitTask } from '../tasks/submitTask';

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
