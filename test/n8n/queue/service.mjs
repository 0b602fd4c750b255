import { freePort } from '../../../scripts/lib/ports.mjs';
import { startSimulator } from '../../../scripts/lib/simulator-process.mjs';

/** A simulated service, and what has reached it. */
export class Service {
	/**
	 * @param {{ processingMilliseconds: number }} options
	 * @returns {Promise<Service>}
	 */
	static async start({ processingMilliseconds }) {
		const apiKey = 'queue-key';
		const { url } = await startSimulator({
			port: await freePort(),
			apiKey,
			processingMilliseconds,
		});
		return new Service(url, apiKey);
	}

	/**
	 * @param {string} url
	 * @param {string} apiKey
	 */
	constructor(url, apiKey) {
		this.url = url;
		this.apiKey = apiKey;
	}

	/** @returns {Promise<{ tasks: any[], requests: any[] }>} */
	async state() {
		return await (await fetch(`${this.url}/simulator/state`)).json();
	}

	/**
	 * @param {string} marker in the prompt
	 * @returns {Promise<any[]>} the tasks with this marker: accepted, therefore paid
	 */
	async paid(marker) {
		return (await this.state()).tasks.filter(({ prompt }) => prompt.includes(marker));
	}

	/**
	 * @param {string} marker in the prompt
	 * @returns {Promise<any[]>} the requests that submitted, asked for or downloaded such a task
	 */
	async requestsOf(marker) {
		const { tasks, requests } = await this.state();
		const ids = new Set(tasks.filter(({ prompt }) => prompt.includes(marker)).map(({ id }) => id));
		return requests.filter(({ taskId, query }) => ids.has(taskId ?? query.task_id));
	}

	/** Forgets tasks, requests and faults. */
	async reset() {
		await this.#tell('reset', {});
	}

	/** Ends all tasks now; those with a webhook are told. */
	async finishAll() {
		for (const { id: taskId } of (await this.state()).tasks) await this.#tell('finish', { taskId });
	}

	/** @param {unknown} fault see test/support/simulator/faults.ts */
	async planFault(fault) {
		await this.#tell('faults', fault);
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
