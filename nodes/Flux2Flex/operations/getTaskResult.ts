import type { INodeExecutionData } from 'n8n-workflow';

import { askForTask } from '../wait/askForTask';
import type { NodeRun } from '../run/nodeRun';
import { emitImages, emitTask } from '../output/items';
import { Places } from '../timing/limiter';
import { readAccount } from '../read/account';
import { readOutputSettings } from '../read/outputSettings';
import { readTaskId } from '../read/taskId';
import { runItems } from '../run/runItems';

/** Tasks asked for, and images downloaded, at a time. */
const MAX_AT_A_TIME = 20;

/** Asks once for every item's task and returns its images, or how far it is. */
export async function getTaskResult(run: NodeRun): Promise<INodeExecutionData[]> {
	return await runItems(run, {
		read: async (itemIndex) => {
			const account = await readAccount(run, itemIndex);
			return {
				account,
				reference: readTaskId(run, itemIndex, account),
				output: readOutputSettings(run, itemIndex),
			};
		},
		start: () => {
			const places = new Places(MAX_AT_A_TIME);
			return async ({ account, reference, output }, itemIndex) =>
				await places.run(async () => {
					run.assertRunning();
					const { task, answer } = await askForTask(run, account, itemIndex, reference);
					const { taskId, status } = task;
					run.log('task asked for', { itemIndex, taskId, status });
					return task.status === 'succeeded'
						? await emitImages(run, { itemIndex, account, reference, task, answer }, output)
						: [emitTask(itemIndex, { reference, task, answer }, output)];
				});
		},
	});
}
