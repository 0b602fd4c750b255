import type { NodeRun } from './nodeRun';
import { problem } from './problems';
import type { GenerationRequest } from './readRequest';

/**
 * Refuses the run before it pays for more tasks than the user allows. Tasks that an earlier try
 * paid for cost nothing again and do not count.
 *
 * @param maxTasks 0 = no limit
 * @throws NodeOperationError when there are too many
 */
export function checkSpendingLimit(
	run: NodeRun,
	requests: GenerationRequest[],
	maxTasks: number,
): void {
	if (maxTasks === 0) return;
	const unpaid = requests.filter(
		({ ledgerKey }) => run.ledger.find(ledgerKey)?.state !== 'accepted',
	);
	if (unpaid.length <= maxTasks) return;
	throw problem(
		{ context: run.context, itemIndex: unpaid[maxTasks]?.itemIndex ?? 0 },
		`The run would submit ${unpaid.length} tasks, but 'Max Tasks' allows ${maxTasks}`,
		"Nothing was submitted. Raise 'Max Tasks' under 'Options', or send fewer items.",
	);
}
