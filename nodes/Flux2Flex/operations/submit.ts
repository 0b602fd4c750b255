import type { INodeExecutionData } from 'n8n-workflow';

import { emitReceipt } from '../output/items';
import { readGenerationRequest } from '../read/request';
import type { NodeRun } from '../run/nodeRun';
import { runItems } from '../run/runItems';
import { openQueue } from '../submit/openQueue';
import { withTask } from '../submit/submitTask';

/** Milliseconds that a busy service may keep a submit waiting. */
export const PATIENCE = 600_000;

/** Submits a task for every item and returns the task ids without waiting for images. */
export async function submit(run: NodeRun): Promise<INodeExecutionData[]> {
	return await runItems(run, {
		read: readGenerationRequest,
		start: (requests) => {
			const queue = openQueue(run, requests, { seesTasksEnd: false });
			return async (request, item) =>
				await withTask(queue, request, PATIENCE, async ({ receipt }) => [
					emitReceipt(item, receipt),
				]);
		},
	});
}
