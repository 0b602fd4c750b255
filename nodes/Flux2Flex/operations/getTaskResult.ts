import type { INodeExecutionData } from 'n8n-workflow';

import { emitImages, emitTask } from '../output/items';
import { readAccount } from '../read/account';
import { readOutputSettings } from '../read/outputSettings';
import { readTaskId } from '../read/taskId';
import type { NodeRun } from '../run/nodeRun';
import { runItems } from '../run/runItems';
import { Limiter } from '../timing/limiter';
import { askForTask } from '../wait/askForTask';

/** Tasks asked for, and images downloaded, at a time. */
export const MAX_AT_A_TIME = 20;

/** Asks once for every item's task and returns its images, or how far it is. */
export async function getTaskResult(run: NodeRun): Promise<INodeExecutionData[]> {
	return await runItems(run, {
		read: async (item) => {
			const account = await readAccount(item);
			const reference = readTaskId(item, account);
			return { account, reference, output: await readOutputSettings(item) };
		},
		start: () => {
			const limiter = new Limiter(MAX_AT_A_TIME);
			return async ({ account, reference, output }, item) =>
				await limiter.run(async () => {
					run.assertRunning();
					item.taskId = reference.taskId;
					const { task, answer } = await askForTask(item, account, reference);
					item.log('task asked for', { status: task.status });
					return task.status === 'succeeded'
						? await emitImages({ item, account, reference, task, answer }, output)
						: [emitTask(item, { reference, task, answer }, output)];
				});
		},
	});
}
