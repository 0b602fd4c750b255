import type { GenerationRequest } from '../read/request';
import { readRunSettings } from '../read/settings';
import { Item } from '../run/item';
import type { NodeRun } from '../run/nodeRun';
import { checkSpendingLimit } from './spendingLimit';
import { SubmitQueue, type QueueSettings } from './submitQueue';

/**
 * The queue for all requests of a run, if the run may pay for them.
 *
 * @throws NodeOperationError when the run would pay for more tasks than the user allows
 */
export function openQueue(
	run: NodeRun,
	requests: GenerationRequest[],
	{ seesTasksEnd }: Pick<QueueSettings, 'seesTasksEnd'>,
): SubmitQueue {
	const firstItem = requests[0]?.item ?? new Item(run, 0);
	const { maxConcurrentTasks, maxTasks } = readRunSettings(firstItem);
	checkSpendingLimit(requests, maxTasks);
	const declared = new Set(requests.map(({ account }) => account.service.maxActiveTasks));
	return new SubmitQueue(run, {
		maxInFlight: maxConcurrentTasks,
		// With accounts of several services in one run, no single number holds.
		maxActiveTasks: declared.size === 1 ? [...declared][0] : undefined,
		seesTasksEnd,
	});
}
