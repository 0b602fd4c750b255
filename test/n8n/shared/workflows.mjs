import { randomUUID } from 'node:crypto';
import { credentialType, nodeType } from '../../../scripts/lib/examples.mjs';

/** @typedef {{ name: string, type: string, [field: string]: unknown }} Step what differs from a plain node */

/**
 * @param {string} name
 * @param {Step[]} steps one after the other
 * @param {Record<string, string[][]>} [branches] the outputs of nodes that go elsewhere than to the
 *   next step: node names
 */
export function workflowOf(name, steps, branches = {}) {
	const nodes = steps.map((step, index) => ({
		id: randomUUID(),
		typeVersion: 1,
		parameters: {},
		position: [index * 240, 0],
		...step,
	}));
	const connections = Object.fromEntries(
		nodes.map((node, index) => [
			node.name,
			linksTo(
				...(branches[node.name] ?? [nodes.slice(index + 1, index + 2).map((each) => each.name)]),
			),
		]),
	);
	return { name, nodes, connections, settings: { executionOrder: 'v1' } };
}

/** @param {...string[]} outputs the names of the nodes behind each output */
export const linksTo = (...outputs) => ({
	main: outputs.map((names) => names.map((node) => ({ node, type: 'main', index: 0 }))),
});

/** @type {Step} */
export const manualTrigger = { name: 'Start', type: 'n8n-nodes-base.manualTrigger' };

/**
 * @param {string} [path]
 * @returns a trigger that others call to start the workflow
 */
export const webhookTrigger = (path = randomUUID()) => ({
	type: 'n8n-nodes-base.webhook',
	typeVersion: 2,
	webhookId: randomUUID(),
	parameters: { httpMethod: 'POST', path, responseMode: 'onReceived', options: {} },
});

/** The trigger of a workflow that others call. */
export const subWorkflowTrigger = {
	type: 'n8n-nodes-base.executeWorkflowTrigger',
	typeVersion: 1.1,
	parameters: { inputSource: 'passthrough' },
};

/** Makes the list `prompts` of a webhook's call into items. */
export const promptsOfTheCall = {
	name: 'Prompts',
	type: 'n8n-nodes-base.splitOut',
	parameters: { fieldToSplitOut: 'body.prompts', options: { destinationFieldName: 'prompt' } },
};

/**
 * @param {string} name
 * @param {{ id: string, name: string }} credential
 * @param {Record<string, unknown>} parameters
 */
export const fluxNode = (name, { id, name: credentialName }, parameters) => ({
	name,
	type: nodeType,
	parameters,
	credentials: { [credentialType]: { id, name: credentialName } },
});
