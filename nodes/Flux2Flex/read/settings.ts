import {
	maxConcurrentTasks,
	maxTasks,
	onTimeout,
	pollingInterval,
	timeout,
} from '../description/options';
import type { Item } from '../run/item';
import { readChoice, readNumber } from './fields';

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
	/** Whether a task that is not over in time goes on as an item instead of an error. */
	returnsPending: boolean;
	/** 0 = adaptive. */
	pollingInterval: number;
}

/** @throws NodeOperationError for a value out of range */
export function readRunSettings(item: Item): RunSettings {
	return {
		maxConcurrentTasks: readNumber(item, maxConcurrentTasks),
		maxTasks: readNumber(item, maxTasks),
	};
}

/** @throws NodeOperationError for a value out of range */
export function readWaitSettings(item: Item): WaitSettings {
	return {
		timeout: 1000 * readNumber(item, timeout, 'seconds'),
		returnsPending: readChoice(item, onTimeout) === 'returnPending',
		pollingInterval: 1000 * readNumber(item, pollingInterval, 'seconds'),
	};
}
