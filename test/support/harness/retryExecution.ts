import {
	deepCopy,
	WorkflowOperationError,
	type IRunExecutionData,
	type Workflow,
} from 'n8n-workflow';

/**
 * The data "Retry execution" starts from: the failed execution as it lies in the database, with
 * the failed node's input and the nodes' contexts, but without the failure.
 * Follows `ExecutionService.retry` in n8n's `executions/execution.service.ts`, in its variant
 * "Retry with currently saved workflow".
 *
 * @throws WorkflowOperationError when a node that waits to run is no longer in the workflow
 */
export function retryExecutionData(
	failed: IRunExecutionData,
	workflow: Workflow,
): IRunExecutionData {
	// What was in memory only, such as a Map in a node's context, is lost on the way to the database.
	const data = deepCopy(failed);
	const { lastNodeExecuted, runData } = data.resultData;
	if (lastNodeExecuted !== undefined) {
		delete data.resultData.error;
		const nodeRunData = runData[lastNodeExecuted];
		if (nodeRunData?.at(-1)?.error !== undefined) nodeRunData.pop();
	}
	for (const waiting of data.executionData?.nodeExecutionStack ?? []) {
		const { name } = waiting.node;
		const node = workflow.getNode(name);
		if (node === null) throw new WorkflowOperationError(`Could not find the node "${name}".`);
		waiting.node = node;
	}
	return data;
}
