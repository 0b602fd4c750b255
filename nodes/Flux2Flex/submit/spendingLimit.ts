import type { GenerationRequest } from '../read/request';

/**
 * Refuses the run before it pays for more tasks than the user allows. Items of which an
 * earlier try paid the task, or may have, are not submitted again and do not count.
 *
 * @param maxTasks 0 = no limit
 * @throws NodeOperationError when there are too many
 */
export function checkSpendingLimit(requests: GenerationRequest[], maxTasks: number): void {
	if (maxTasks === 0) return;
	const unpaid = requests.filter(({ item, ledgerKey, resubmitUnconfirmed }) => {
		const known = item.run.ledger.find(ledgerKey);
		return known === undefined || (known.state === 'unconfirmed' && resubmitUnconfirmed);
	});
	const firstTooMany = unpaid[maxTasks];
	if (firstTooMany === undefined) return;
	throw firstTooMany.item.problem(
		`The run would submit ${unpaid.length} tasks, but 'Max Tasks' allows ${maxTasks}`,
		"Nothing was submitted. Raise 'Max Tasks' under 'Options', or send fewer items.",
	);
}
