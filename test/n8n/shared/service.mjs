import { freePort } from '../../../scripts/lib/ports.mjs';
import { startSimulator } from '../../../scripts/lib/simulator-process.mjs';
import { until } from './until.mjs';

/** The only key that the services of these tests let in. */
export const apiKey = 'key-of-the-tests';

/**
 * @typedef {import('../../support/simulator/tasks.js').SimulatedTask} SimulatedTask
 * @typedef {import('../../support/simulator/requests.js').RecordedRequest} RecordedRequest
 */

/** A simulated service, and what has reached it. */
export class Service {
	/** @param {Record<string, number>} [options] how it behaves, see simulator-process.mjs */
	static async start(options) {
		const { url } = await startSimulator({ port: await freePort(), apiKey, ...options });
		return new Service(url);
	}

	/** @param {string} url */
	constructor(url) {
		this.url = url;
	}

	/** @returns {Promise<{ tasks: SimulatedTask[], requests: RecordedRequest[] }>} */
	async state() {
		return await (await fetch(`${this.url}/simulator/state`)).json();
	}

	/**
	 * @param {string} [marker] in the prompt
	 * @returns {Promise<SimulatedTask[]>} the tasks with this marker: accepted, therefore paid
	 */
	async paid(marker = '') {
		return (await this.state()).tasks.filter(({ prompt }) => prompt.includes(marker));
	}

	/**
	 * @param {string} marker in the prompt
	 * @returns {Promise<RecordedRequest[]>} those that submitted, asked for or downloaded such a task
	 */
	async requestsOf(marker) {
		const { tasks, requests } = await this.state();
		const ids = new Set(tasks.filter(({ prompt }) => prompt.includes(marker)).map(({ id }) => id));
		return requests.filter(({ taskId, query }) => ids.has(taskId ?? String(query.task_id)));
	}

	/** @param {string} id of a task */
	async task(id) {
		const task = (await this.state()).tasks.find((each) => each.id === id);
		if (!task) throw new Error(`The service has no task ${id}`);
		return task;
	}

	/**
	 * @template T
	 * @param {(tasks: SimulatedTask[]) => T | false | undefined} choose
	 * @returns {Promise<T>} the first choice that is truthy
	 */
	async until(choose) {
		return await until(async () => choose(await this.paid()), `the tasks come to this: ${choose}`);
	}

	/** Forgets tasks, requests and faults. */
	async reset() {
		await this.#tell('reset', {});
	}

	/** @param {unknown} fault see test/support/simulator/faults.ts */
	async planFault(fault) {
		await this.#tell('faults', fault);
	}

	/**
	 * Ends a task's time now.
	 *
	 * @param {string} taskId
	 * @param {{ silent?: boolean }} [options] silent: its webhook is not called
	 */
	async finish(taskId, { silent = false } = {}) {
		await this.#tell('finish', { taskId, silent });
	}

	/**
	 * @param {string} command
	 * @param {unknown} body
	 */
	async #tell(command, body) {
		const response = await fetch(`${this.url}/simulator/${command}`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify(body),
		});
		if (!response.ok) throw new Error(`The simulator refused: ${await response.text()}`);
	}
}
