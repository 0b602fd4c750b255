import { randomUUID } from 'node:crypto';
import { credentialType, nodeType } from '../../../scripts/lib/examples.mjs';

/**
 * A workflow that a production webhook starts with a list of prompts, one item for each.
 *
 * @param {string} path of the webhook
 * @param {Array<Record<string, unknown>>} steps nodes, one after the other; `name`, `type` and what
 *   differs from a plain node
 * @param {Record<string, string[][]>} [branches] the outputs of nodes that go elsewhere than to the
 *   next step: node names
 */
export function webhookWorkflow(path, steps, branches = {}) {
	return workflow(
		`queue ${path}`,
		[
			{
				name: 'Webhook',
				type: 'n8n-nodes-base.webhook',
				typeVersion: 2,
				webhookId: randomUUID(),
				parameters: { path, httpMethod: 'POST', responseMode: 'onReceived' },
			},
			{
				name: 'Prompts',
				type: 'n8n-nodes-base.splitOut',
				parameters: {
					fieldToSplitOut: 'body.prompts',
					options: { destinationFieldName: 'prompt' },
				},
			},
			...steps,
		],
		branches,
	);
}

/**
 * @param {string} name
 * @param {Array<Record<string, unknown>>} steps
 */
export function manualWorkflow(name, steps) {
	return workflow(`queue ${name}`, [
		{ name: 'Start', type: 'n8n-nodes-base.manualTrigger' },
		...steps,
	]);
}

/**
 * @param {string} name
 * @param {{ id: string, name: string }} credential
 * @param {Record<string, unknown>} parameters
 */
export function fluxNode(name, { id, name: credentialName }, parameters) {
	return {
		name,
		type: nodeType,
		parameters,
		credentials: { [credentialType]: { id, name: credentialName } },
	};
}

/** The image of each item's prompt, small, so that drawing it costs little. */
export const fromPrompt = { prompt: '={{ $json.prompt }}', size: '256*256' };

/**
 * Sleeps in the database, not in a worker: below 65 seconds n8n waits inside the process.
 *
 * @param {number} seconds
 */
export function sleepingWait(seconds) {
	return {
		name: 'Wait',
		type: 'n8n-nodes-base.wait',
		typeVersion: 1.1,
		webhookId: randomUUID(),
		parameters: { amount: seconds, unit: 'seconds' },
	};
}

/**
 * Sleeps until the service calls, or until the time is over.
 *
 * @param {number} seconds
 */
export function callableWait(seconds) {
	return {
		name: 'Wait',
		type: 'n8n-nodes-base.wait',
		typeVersion: 1.1,
		webhookId: randomUUID(),
		parameters: {
			resume: 'webhook',
			httpMethod: 'POST',
			limitWaitTime: true,
			limitType: 'afterTimeInterval',
			resumeAmount: seconds,
			resumeUnit: 'seconds',
			options: {},
		},
	};
}

/** Its first output: the task is still worked on. */
export const stillWorking = {
	name: 'Still Working?',
	type: 'n8n-nodes-base.if',
	typeVersion: 2.2,
	parameters: {
		conditions: {
			options: { caseSensitive: true, leftValue: '', typeValidation: 'strict', version: 2 },
			conditions: [
				{
					id: randomUUID(),
					leftValue: '={{ ["queued", "processing"].includes($json.status) }}',
					rightValue: '',
					operator: { type: 'boolean', operation: 'true', singleValue: true },
				},
			],
			combinator: 'and',
		},
		options: {},
	},
};

export const finished = { name: 'Finished', type: 'n8n-nodes-base.noOp' };

/**
 * @param {string} name
 * @param {Array<Record<string, any>>} steps
 * @param {Record<string, string[][]>} [branches]
 */
function workflow(name, steps, branches = {}) {
	const nodes = steps.map((step, index) => ({
		id: randomUUID(),
		typeVersion: 1,
		parameters: {},
		position: [index * 220, 0],
		...step,
	}));
	const outputsOf = (node, index) =>
		branches[node.name] ?? [nodes[index + 1] ? [nodes[index + 1].name] : []];
	const connections = Object.fromEntries(
		nodes.map((node, index) => [
			node.name,
			{
				main: outputsOf(node, index).map((targets) =>
					targets.map((target) => ({ node: target, type: 'main', index: 0 })),
				),
			},
		]),
	);
	return { name, nodes, connections, settings: { executionOrder: 'v1' } };
}
