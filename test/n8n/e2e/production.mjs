import { randomUUID } from 'node:crypto';
import { waitUntil } from '../../../scripts/lib/wait-until.mjs';
import { webhookTrigger, webhookType, withTrigger } from './exampleVariants.mjs';

/** Milliseconds n8n has to do what takes it a moment; it is slow on a busy machine. */
const patience = 60_000;

/**
 * Stores a workflow under a new name, publishes it and starts it by a call of its webhook, which takes
 * the place of a manual trigger.
 *
 * @param {import('./environment.mjs').Environment} environment
 * @param {any} workflow
 * @param {unknown} [call] the body of the call
 * @returns {Promise<{ workflowId: string, executionId: string }>}
 */
export async function startInProduction({ n8n }, workflow, call = {}) {
	const started = withTrigger(workflow, webhookTrigger());
	const stored = await n8n.ensureWorkflow({ ...started, name: `e2e ${randomUUID()}` });
	await n8n.publish(stored);
	const { path } = stored.nodes.find(({ type }) => type === webhookType).parameters;
	await callWebhook(n8n, path, call);
	const [{ id }] = await waitUntil(
		async () => {
			const executions = await n8n.executionsOf(stored.id);
			return executions.length > 0 && executions;
		},
		{ timeout: patience, onTimeout: () => new Error('n8n did not start the workflow') },
	);
	return { workflowId: stored.id, executionId: id };
}

/**
 * @param {import('./environment.mjs').Environment} environment
 * @param {string} executionId
 * @returns {Promise<import('../../../scripts/lib/n8n-client.mjs').Execution>} as soon as it sleeps
 */
export async function untilAsleep({ n8n }, executionId) {
	return await waitUntil(
		async () => {
			const execution = await n8n.execution(executionId);
			return execution.status === 'waiting' && execution;
		},
		{ timeout: patience, onTimeout: () => new Error(`Execution ${executionId} does not sleep`) },
	);
}

/**
 * @param {import('./environment.mjs').Environment} environment
 * @param {(tasks: any[]) => T} choose from the service's tasks
 * @returns {Promise<T>} the first choice that is truthy
 * @template T
 */
export async function untilService(environment, choose) {
	return await waitUntil(async () => choose((await environment.simulatorState()).tasks), {
		timeout: patience,
		onTimeout: () => new Error(`The service's tasks never came to this: ${choose}`),
	});
}

/** n8n publishes in the background: until that is done, it does not know the address. */
async function callWebhook(n8n, path, body) {
	await waitUntil(
		async () => {
			const response = await n8n.fetch(`/webhook/${path}`, { method: 'POST', body });
			if (!response.ok && response.status !== 404) {
				throw new Error(`The webhook answered ${response.status}: ${await response.text()}`);
			}
			return response.ok;
		},
		{ timeout: patience, onTimeout: () => new Error('n8n did not publish the workflow') },
	);
}
