import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { exampleFiles, readExample, withCredential } from '../../../scripts/lib/examples.mjs';
import { assertImage } from '../shared/images.mjs';

/**
 * @typedef {Record<string, Record<string, unknown>>} Changes what a user changes of an example: parts of
 *   nodes, by the name of the node
 */

/** An example workflow, and the n8n that its test imports it into. */
export class Example {
	#environment;

	/**
	 * @param {string} file name in the examples folder
	 * @param {() => import('./environment.mjs').Environment} environment
	 */
	constructor(file, environment) {
		this.file = file;
		this.#environment = environment;
	}

	/** Only while tests run. */
	get n8n() {
		return this.#environment().n8n;
	}

	/** Only while tests run. */
	get service() {
		return this.#environment().service;
	}

	/**
	 * Imports the file into n8n, and chooses the credential in its Flux 2 Flex nodes.
	 *
	 * @param {Changes} [changes]
	 * @returns a workflow of its own each time
	 */
	async import(changes = {}) {
		const credential = await this.#environment().credential();
		const workflow = withCredential(await readExample(this.file), credential);
		const changed = withChanges(workflow, changes);
		return await this.n8n.ensureWorkflow({ ...changed, name: randomUUID() });
	}

	/**
	 * Imports the file and publishes its webhook.
	 *
	 * @param {string} path of the webhook, below n8n's address
	 * @param {Changes} changes
	 * @param {string} [method] one that starts nothing
	 * @returns {Promise<string>} its address
	 */
	async publish(path, changes, method) {
		const address = `${this.n8n.url}/${path}`;
		await this.n8n.publishAt(await this.import(changes), address, method);
		return address;
	}

	/**
	 * Imports the file and runs it from its trigger.
	 *
	 * @param {Changes} [changes]
	 * @param {Array<{ json: object }>} [triggerItems] what the trigger has received
	 * @param {unknown} [fault] of the service, see test/support/simulator/faults.ts
	 */
	async run(changes, triggerItems, fault) {
		await this.service.reset();
		if (fault) await this.service.planFault(fault);
		return await this.n8n.run(await this.import(changes), { timeout: 90_000, triggerItems });
	}

	/**
	 * Fails unless a run of the example gives so many square images and pays for no other.
	 *
	 * @param {string} node that has them
	 * @param {number} count
	 * @param {number} side pixels
	 * @param {Changes} [changes]
	 */
	async assertDraws(node, count, side, changes) {
		const execution = await this.run(changes);
		assert.equal(execution.failure, undefined);
		const items = execution.items(node);
		assert.equal(items.length, count);
		for (const { binary } of items) {
			await assertImage(await this.n8n.downloadBinary(binary?.data), side);
		}
		assert.equal((await this.service.paid()).length, count);
		return execution;
	}

	/**
	 * Stores a credential and chooses it in nodes.
	 *
	 * @param {string[]} nodes
	 * @param {string} type
	 * @param {Record<string, unknown>} data
	 * @param {object} [more] what else is changed of these nodes
	 * @returns {Promise<Changes>}
	 */
	async choosing(nodes, type, data, more) {
		const { id, name } = await this.n8n.putCredential({ name: `e2e ${type}`, type, data });
		const change = { credentials: { [type]: { id, name } }, ...more };
		return Object.fromEntries(nodes.map((node) => [node, change]));
	}

	/** @returns {Promise<string[]>} the prompts of the tasks the service has accepted, and so is paid for */
	async paidPrompts() {
		return (await this.service.paid()).map(({ prompt }) => prompt);
	}
}

/**
 * @param {import('../../../scripts/lib/examples.mjs').WorkflowJson} workflow
 * @param {Changes} changes
 */
export function withChanges(workflow, changes) {
	const { nodes } = workflow;
	for (const changed of Object.keys(changes)) {
		assert.ok(
			nodes.some(({ name }) => name === changed),
			`no node "${changed}"`,
		);
	}
	return { ...workflow, nodes: nodes.map((node) => merged(node, changes[node.name] ?? {})) };
}

/** @returns {Promise<string[]>} the names of the examples that take minutes, as they wait */
export async function examplesThatSleep() {
	const files = await exampleFiles();
	const workflows = await Promise.all(files.map(readExample));
	return files.filter((_file, index) =>
		workflows[index].nodes.some(({ type }) => type === 'n8n-nodes-base.wait'),
	);
}

/**
 * @param {string[]} prompts
 * @returns {Changes} other prompts in the list that an Edit Fields node called "Prompts" holds
 */
export const withPrompts = (prompts) => ({
	Prompts: {
		parameters: {
			assignments: {
				assignments: [
					{ id: 'prompts', name: 'prompt', type: 'array', value: JSON.stringify(prompts) },
				],
			},
		},
	},
});

/** @param {string} text what the node has answered as a tool */
export function imageIn(text) {
	const [image, ...more] = JSON.parse(text);
	assert.deepEqual(more, []);
	return image;
}

/**
 * @template {object} T
 * @param {T} value
 * @param {object} change
 * @returns {T} with the change in it, at whatever depth
 */
function merged(value, change) {
	const result = new Map(Object.entries(value));
	for (const [key, part] of Object.entries(change)) {
		const old = result.get(key);
		result.set(key, isObject(old) && isObject(part) ? merged(old, part) : part);
	}
	return /** @type {T} */ (Object.fromEntries(result));
}

/**
 * @param {unknown} value
 * @returns {value is object}
 */
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
