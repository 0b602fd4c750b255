import type { NodeRun } from './nodeRun';
import { problem } from './problems';
import { readParameter, show } from './readFields';

/** @throws NodeOperationError when it cannot be the id of a task */
export function readTaskId(run: NodeRun, itemIndex: number): string {
	const value = readParameter(run, itemIndex, 'taskId', '');
	const taskId = typeof value === 'number' ? String(value) : value;
	if (typeof taskId === 'string' && /^\s*[^\s\p{Cc}]{1,200}\s*$/u.test(taskId))
		return taskId.trim();
	throw problem(
		{ context: run.context, itemIndex },
		taskId === '' || taskId === undefined || taskId === null
			? "'Task ID' is empty"
			: `'Task ID' is ${show(value)}, which cannot be the id of a task`,
		"Enter the task_id that 'Submit' returned, e.g. {{ $json.task_id }}.",
	);
}
