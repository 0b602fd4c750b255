import { randomUUID } from 'node:crypto';
import { readExample, withCredential } from '../../../scripts/lib/examples.mjs';

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

	/** @returns {import('./environment.mjs').Environment} only while tests run */
	get environment() {
		return this.#environment();
	}

	/**
	 * Imports the file into n8n, and chooses the credential in its Flux 2 Flex nodes.
	 *
	 * @param {(workflow: any) => void} [change] what else a user changes; works on a copy
	 * @returns {Promise<{ id: string, name: string, nodes: any[] }>} a workflow of its own each time
	 */
	async import(change = () => {}) {
		const workflow = withCredential(
			await readExample(this.file),
			await this.environment.credential(),
		);
		change(workflow);
		return await this.environment.n8n.ensureWorkflow({
			...workflow,
			name: `${workflow.name} ${randomUUID()}`,
		});
	}

	/**
	 * Imports the file and runs it from its trigger.
	 *
	 * @param {{ change?: (workflow: any) => void, triggerItems?: any[] }} [options] `triggerItems`: what
	 *   the trigger has received
	 */
	async run({ change, triggerItems } = {}) {
		return await this.environment.n8n.run(await this.import(change), {
			timeout: 90_000,
			triggerItems,
		});
	}

	/** Forgets what earlier tests have ordered. */
	async forgetTasks() {
		await this.environment.resetSimulator();
	}

	/** @returns {Promise<any[]>} the tasks the service has accepted, and so is paid for */
	async paidTasks() {
		return (await this.environment.simulatorState()).tasks;
	}
}

/**
 * @param {{ nodes: any[] }} workflow
 * @param {string} name
 * @returns {any} the node of that name, to be changed
 */
export function nodeOf(workflow, name) {
	const node = workflow.nodes.find((each) => each.name === name);
	if (!node) throw new Error(`The example has no node "${name}".`);
	return node;
}

/**
 * Puts other prompts into the list that an Edit Fields node called "Prompts" holds.
 *
 * @param {string[]} prompts
 * @returns {(workflow: any) => void} a change for {@link Example.import}
 */
export function withPrompts(prompts) {
	return (workflow) => {
		const [list] = nodeOf(workflow, 'Prompts').parameters.assignments.assignments;
		list.value = JSON.stringify(prompts);
	};
}
