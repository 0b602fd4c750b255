import { NodeOperationError, type IExecuteFunctions, type INodeExecutionData } from 'n8n-workflow';

import { operation } from '../description/operation';
import { NodeRun, type Surroundings } from '../run/nodeRun';
import { realClock } from '../timing/clock';
import { getTaskResult } from './getTaskResult';
import { submit } from './submit';
import { submitAndWait } from './submitAndWait';

const operations: Record<string, (run: NodeRun) => Promise<INodeExecutionData[]>> = {
	getTaskResult,
	submit,
	submitAndWait,
};

/**
 * Runs the chosen operation for all input items.
 *
 * @throws NodeOperationError when the run as a whole cannot go on
 */
export async function runOperation(
	context: IExecuteFunctions,
	surroundings: Surroundings = { clock: realClock, random: Math.random },
): Promise<INodeExecutionData[]> {
	const run = new NodeRun(context, surroundings);
	// After a cancel, Retry On Fail still calls execute() for every try that is left.
	run.assertRunning();
	const name = String(context.getNodeParameter(operation.name, 0));
	if (!Object.hasOwn(operations, name) || operations[name] === undefined) {
		throw new NodeOperationError(context.getNode(), `The operation "${name}" is not known`, {
			description: "Choose an 'Operation' of this node.",
		});
	}
	return await operations[name](run);
}
