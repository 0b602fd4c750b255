import { credentialType } from '../../../scripts/lib/examples.mjs';
import { Execution, finalStates, N8nClient } from '../../../scripts/lib/n8n-client.mjs';
import { installAsCommunityPackage, pack } from '../../../scripts/lib/package-tarball.mjs';
import { temporaryUserFolder } from '../../../scripts/lib/user-folder.mjs';
import { apiKey } from './service.mjs';
import { until } from './until.mjs';

/** Milliseconds the executions of a workflow have to end. */
const longestRun = 240_000;

/** The client of a running n8n, with what tests do besides. */
export class TestedN8n extends N8nClient {
	/**
	 * @param {string} url n8n's address
	 * @returns {Promise<TestedN8n>} signed in as its owner
	 */
	static async signedIn(url) {
		const n8n = new TestedN8n(url);
		await n8n.signIn();
		return n8n;
	}

	/**
	 * Stores a credential of the node.
	 *
	 * @param {{ baseUrl: string, service?: string, key?: string }} account
	 */
	async account({ baseUrl, service = 'novita', key = apiKey }) {
		return await this.putCredential({
			name: `${service} ${baseUrl}`,
			type: credentialType,
			data: { service, apiKey: key, baseUrl },
		});
	}

	/**
	 * Switches a workflow's webhook on; n8n does that in the background.
	 *
	 * @param {import('../../../scripts/lib/n8n-client.mjs').Workflow} workflow a stored one
	 * @param {string} address
	 * @param {string} [method] one that starts nothing
	 */
	async publishAt(workflow, address, method = 'GET') {
		await this.publish(workflow);
		await until(async () => {
			const response = await fetch(address, { method });
			// n8n refuses a method for which it has no webhook, and names the one it has.
			return response.status !== 404 || (await response.text()).includes('POST request');
		}, `${address} is there`);
	}

	/**
	 * @param {string} executionId
	 * @returns {Promise<Execution>} as soon as it sleeps
	 */
	async untilAsleep(executionId) {
		return await until(async () => {
			const execution = await this.execution(executionId);
			return execution.status === 'waiting' && execution;
		}, `execution ${executionId} sleeps`);
	}

	/**
	 * Waits until a workflow has so many executions and none of them will change any more.
	 *
	 * @param {string} workflowId
	 * @param {number} count
	 */
	async allEnded(workflowId, count) {
		return await until(
			async () => {
				const all = await this.executionsOf(workflowId);
				const over = all.filter(({ status }) => finalStates.includes(status));
				return over.length >= count && over.length === all.length && all;
			},
			`${count} executions ended`,
			longestRun,
		);
	}

	/**
	 * What "Retry execution" of the list of executions does, with the workflow as it was.
	 *
	 * @param {string} executionId
	 * @returns {Promise<Execution>} the new one, ended
	 */
	async retry(executionId) {
		const { id } = await this.rest(`/executions/${executionId}/retry`, {
			method: 'POST',
			body: { loadWorkflow: false },
		});
		return await this.endOf(id, { timeout: longestRun });
	}
}

/** @returns {Promise<string>} a new folder for an n8n, with the packed node as a community package */
export async function userFolderWithNode() {
	const folder = await temporaryUserFolder();
	const { path } = await pack(folder);
	await installAsCommunityPackage(path, folder);
	return folder;
}

/**
 * @param {string} address of a webhook
 * @param {unknown} body
 */
export async function callWebhook(address, body) {
	const response = await fetch(address, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify(body),
	});
	if (!response.ok) throw new Error(`The webhook answered ${response.status}`);
}
