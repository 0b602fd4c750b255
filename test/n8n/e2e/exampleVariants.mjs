import { randomUUID } from 'node:crypto';
import {
	exampleFiles,
	nodeType,
	readExample,
	withCredential,
} from '../../../scripts/lib/examples.mjs';

export const webhookType = 'n8n-nodes-base.webhook';

/**
 * @param {string} file name of an example
 * @param {{ id: string, name: string }} credential
 * @returns {Promise<any>} the workflow as a user has it after choosing the credential
 */
export async function readExampleWith(file, credential) {
	return withCredential(await readExample(file), credential);
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
 * Puts another trigger in the place of an example's own, as its note tells the user to.
 *
 * @param {any} workflow
 * @param {{ type: string, typeVersion: number, parameters: unknown, webhookId?: string }} trigger
 */
export function withTrigger(workflow, trigger) {
	return {
		...workflow,
		nodes: workflow.nodes.map((node) =>
			node.type === 'n8n-nodes-base.manualTrigger' ? { ...node, ...trigger } : node,
		),
	};
}

/** @returns a trigger with an address of its own, which others call to start the workflow */
export function webhookTrigger() {
	const path = randomUUID();
	return {
		type: webhookType,
		typeVersion: 2,
		parameters: { httpMethod: 'POST', path, responseMode: 'onReceived', options: {} },
		webhookId: path,
	};
}

/** The trigger of a workflow that others call. */
export const subWorkflowTrigger = {
	type: 'n8n-nodes-base.executeWorkflowTrigger',
	typeVersion: 1.1,
	parameters: { inputSource: 'passthrough' },
};

/**
 * @param {any} workflow an example
 * @param {string} prompt of its first Flux 2 Flex node
 */
export function withPrompt(workflow, prompt) {
	const first = workflow.nodes.find(({ type }) => type === nodeType);
	return {
		...workflow,
		nodes: workflow.nodes.map((node) =>
			node === first ? { ...node, parameters: { ...node.parameters, prompt } } : node,
		),
	};
}

/**
 * Puts a node behind the trigger that makes the list `prompts` of the trigger's call into items.
 *
 * @param {any} workflow with a webhook trigger
 */
export function withPromptsOfTheCall(workflow) {
	const trigger = workflow.nodes.find(({ type }) => type === webhookType);
	const split = {
		id: randomUUID(),
		name: 'Split Out',
		type: 'n8n-nodes-base.splitOut',
		typeVersion: 1,
		position: [120, 160],
		parameters: { fieldToSplitOut: 'body.prompts', options: { destinationFieldName: 'prompt' } },
	};
	return {
		...workflow,
		nodes: [...workflow.nodes, split],
		connections: {
			...workflow.connections,
			[trigger.name]: linkTo(split),
			[split.name]: workflow.connections[trigger.name],
		},
	};
}

/**
 * @param {{ id: string }} workflow
 * @returns {any} a workflow that runs the other one once for each of its call's prompts and does not
 *   wait, as the note of the example tells the user to
 */
export function callerForEachPrompt(workflow) {
	const trigger = { id: randomUUID(), name: 'Webhook', position: [0, 0], ...webhookTrigger() };
	const call = {
		id: randomUUID(),
		name: 'Execute Sub-workflow',
		type: 'n8n-nodes-base.executeWorkflow',
		typeVersion: 1.2,
		position: [720, 0],
		parameters: {
			workflowId: { __rl: true, mode: 'id', value: workflow.id },
			options: { waitForSubWorkflow: false },
		},
	};
	const loop = {
		id: randomUUID(),
		name: 'Loop Over Items',
		type: 'n8n-nodes-base.splitInBatches',
		typeVersion: 3,
		position: [480, 0],
		parameters: {},
	};
	return withPromptsOfTheCall({
		nodes: [trigger, loop, call],
		connections: {
			[trigger.name]: linkTo(loop),
			// Its first output is for when all rounds are done.
			[loop.name]: { main: [[], ...linkTo(call).main] },
			[call.name]: linkTo(loop),
		},
		settings: { executionOrder: 'v1' },
	});
}

/** @param {{ name: string }} node */
const linkTo = ({ name }) => ({ main: [[{ node: name, type: 'main', index: 0 }]] });
