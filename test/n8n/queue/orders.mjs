import assert from 'node:assert/strict';
import { assertStoredAsServed } from '../shared/images.mjs';
import { callWebhook } from '../shared/n8n.mjs';
import { fluxNode, promptsOfTheCall, webhookTrigger, workflowOf } from '../shared/workflows.mjs';
import { printFigures } from './figures.mjs';

/**
 * @typedef {import('./cluster.mjs').Cluster} Cluster
 * @typedef {import('../../../scripts/lib/n8n-client.mjs').Execution} Execution
 *
 * @typedef {object} Order executions that a production webhook starts
 * @property {string} name in each prompt
 * @property {import('../shared/service.mjs').Service} service
 * @property {string} workflowId
 * @property {number} executions
 * @property {number} items of each execution, and so the tasks it has to pay for
 * @property {number} calledAt when the first was started
 */

/** The image of each item's prompt, small, so that drawing it costs little. */
export const fromPrompt = { prompt: '={{ $json.prompt }}', size: '256*256' };

/**
 * Publishes a workflow and starts executions of it.
 *
 * @param {Cluster} cluster
 * @param {object} order
 * @param {string} order.name
 * @param {import('../shared/service.mjs').Service} order.service
 * @param {number} [order.executions]
 * @param {number} [order.items]
 * @param {Record<string, unknown>} [order.options] of Submit and Wait
 * @param {import('../shared/workflows.mjs').Step[]} [order.steps] instead of Submit and Wait
 * @param {Record<string, string[][]>} [order.branches]
 * @param {string} [order.url] of the process that takes the calls
 * @returns {Promise<Order>}
 */
export async function order(
	{ n8n, webhook },
	{ name, service, executions = 1, items = 1, options = {}, steps, branches, url = webhook.url },
) {
	const flux = async () =>
		fluxNode('Flux', await n8n.account({ baseUrl: service.url }), { ...fromPrompt, options });
	const workflow = await n8n.ensureWorkflow(
		workflowOf(
			`queue ${name}`,
			[
				{ name: 'Webhook', ...webhookTrigger(name) },
				promptsOfTheCall,
				...(steps ?? [await flux()]),
			],
			branches,
		),
	);
	await n8n.publishAt(workflow, `${webhook.url}/webhook/${name}`);
	const calledAt = Date.now();
	for (let execution = 0; execution < executions; execution++) {
		const prompts = Array.from({ length: items }, (_, item) => `${name} ${execution}-${item}.`);
		await callWebhook(`${url}/webhook/${name}`, { prompts });
	}
	return { name, service, workflowId: workflow.id, executions, items, calledAt };
}

/**
 * @param {Cluster} cluster
 * @param {Array<{ id: string }>} executions
 * @param {string} [node] default the last one
 * @returns {Promise<string[]>} the task ids of the images that arrived whole
 */
export async function deliveredTasks({ n8n }, executions, node) {
	const tasks = [];
	for (const { id } of executions) {
		const execution = await n8n.execution(id);
		for (const item of execution.items(node)) {
			assert.match(item.binary?.data.id, /^database:/);
			await assertStoredAsServed(n8n, item);
			tasks.push(item.json.task_id);
		}
	}
	return tasks;
}

/**
 * Fails unless all executions of an order end well, with one image for each item and one paid task for
 * each image.
 *
 * @param {Cluster} cluster
 * @param {Order} order
 * @param {{ node?: string, figures?: (paid: number) => Promise<Record<string, string | number>> }} [more]
 *   `node` that gives the images, `figures` to print besides
 * @returns {Promise<Array<{ id: string, stoppedAt: string }>>} the executions
 */
export async function assertAllDelivered(
	cluster,
	{ name, service, workflowId, executions, items },
	{ node, figures = async () => ({}) } = {},
) {
	const ended = await cluster.n8n.allEnded(workflowId, executions);
	const paid = await service.paid(name);
	const delivered = await deliveredTasks(cluster, ended, node);
	printFigures(name, {
		ordered: executions * items,
		paid: paid.length,
		delivered: delivered.length,
		...(await figures(paid.length)),
	});
	assert.deepEqual(statesOf(ended), ['success']);
	assert.equal(ended.length, executions);
	assert.equal(new Set(paid.map(({ prompt }) => prompt)).size, executions * items);
	assert.equal(paid.length, executions * items);
	assert.deepEqual(delivered.sort(), paid.map(({ id }) => id).sort());
	return ended;
}

/** @param {Array<{ status: string }>} executions */
export const statesOf = (executions) => [...new Set(executions.map(({ status }) => status))];
