import { asObject } from '../values/untrusted';
import type { NodeRun } from '../run/nodeRun';
import { problem } from '../run/problems';
import { checkNumber, readParameter, show } from './fields';

/** Options that hold for the whole run; read from its first good item. */
export interface RunSettings {
	/** Most tasks at the service at a time. */
	maxConcurrentTasks: number;
	/** Most tasks the run may pay for; 0 = no limit. */
	maxTasks: number;
}

/** Options of one item's wait, in milliseconds. */
export interface WaitSettings {
	/** From the task's acceptance. */
	timeout: number;
	onTimeout: 'error' | 'returnPending';
	/** 0 = adaptive. */
	pollingInterval: number;
}

/** The options the user set for an item. */
export function readOptions(run: NodeRun, itemIndex: number): Record<string, unknown> {
	if (run.lastOptions?.itemIndex !== itemIndex) {
		const options = asObject(readParameter(run, itemIndex, 'options', {})) ?? {};
		run.lastOptions = { itemIndex, options };
	}
	return run.lastOptions.options;
}

/** @throws NodeOperationError for a value out of range */
export function readRunSettings(run: NodeRun, itemIndex: number): RunSettings {
	const { maxConcurrentTasks = 20, maxTasks = 0 } = readOptions(run, itemIndex);
	return {
		maxConcurrentTasks: checkNumber(run, itemIndex, maxConcurrentTasks, {
			label: 'Max Concurrent Tasks',
			min: 1,
			max: 1000,
			whole: true,
		}),
		maxTasks: checkNumber(run, itemIndex, maxTasks, { label: 'Max Tasks', min: 0, whole: true }),
	};
}

/** @throws NodeOperationError for a value out of range */
export function readWaitSettings(run: NodeRun, itemIndex: number): WaitSettings {
	const { timeout = 600, onTimeout = 'error', pollingInterval = 0 } = readOptions(run, itemIndex);
	if (onTimeout !== 'error' && onTimeout !== 'returnPending') {
		throw problem(
			{ context: run.context, itemIndex },
			`'On Timeout' is ${show(onTimeout)}, which is not one of its choices`,
			"Choose 'Return an Error' or 'Return the Pending Task'.",
		);
	}
	const seconds = { unit: 'seconds', max: 86_400 };
	return {
		timeout: 1000 * checkNumber(run, itemIndex, timeout, { label: 'Timeout', min: 1, ...seconds }),
		onTimeout,
		pollingInterval:
			1000 *
			checkNumber(run, itemIndex, pollingInterval, {
				label: 'Polling Interval',
				min: 0,
				...seconds,
			}),
	};
}
