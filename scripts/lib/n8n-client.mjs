import { parse as parseFlatted } from 'flatted';
import { UserFacingError } from './user-facing-error.mjs';
import { waitUntil } from './wait-until.mjs';

/** The account of every n8n that these scripts set up; it listens on this machine only. */
export const owner = {
	email: 'owner@example.com',
	password: 'Flux-2-flex',
	firstName: 'Flux',
	lastName: 'Owner',
};

/**
 * @typedef {{ id: string, name: string, type: string }} StoredCredential
 * @typedef {{ id: string, name: string, versionId: string, nodes: import('./examples.mjs').WorkflowNode[] }} Workflow
 *   a stored one
 * @typedef {{ json: any, binary?: Record<string, any>, pairedItem?: unknown }} Item
 */

/** The states of an execution that will not change any more. */
export const finalStates = ['success', 'error', 'crashed', 'canceled'];

/**
 * The part of n8n's REST API that its own editor uses for accounts, credentials, workflows,
 * executions and binary data.
 */
export class N8nClient {
	/** @type {string | undefined} */
	#cookie;

	/** @param {string} url n8n's address, without a slash at the end */
	constructor(url) {
		this.url = url;
	}

	/**
	 * @param {string} path with its leading slash
	 * @param {{ method?: string, body?: unknown }} [options]
	 * @returns {Promise<Response>} whatever its status
	 */
	async fetch(path, { method = 'GET', body } = {}) {
		const response = await fetch(this.url + path, {
			method,
			headers: {
				// An n8n that was busy for seconds, as with loading its AI nodes, first closes connections it
				// holds for idle ones, with the request that waits there unread.
				connection: 'close',
				...(this.#cookie && { cookie: this.#cookie }),
				...(body !== undefined && { 'content-type': 'application/json' }),
			},
			...(body !== undefined && { body: JSON.stringify(body) }),
		});
		const session = response.headers
			.getSetCookie()
			.find((cookie) => cookie.startsWith('n8n-auth='));
		if (session) this.#cookie = session.split(';')[0];
		return response;
	}

	/**
	 * @param {string} path below /rest
	 * @param {{ method?: string, body?: unknown }} [options]
	 * @returns {Promise<any>} the answer without n8n's envelope
	 * @throws {UserFacingError} with n8n's own message, when the status is not 2xx
	 */
	async rest(path, options) {
		const response = await this.fetch(`/rest${path}`, options);
		const text = await response.text();
		const answer = parseJson(text);
		if (!response.ok) {
			throw new UserFacingError(
				`n8n refused ${options?.method ?? 'GET'} /rest${path} (${response.status}): ${answer?.message ?? text.slice(0, 200)}`,
			);
		}
		return answer?.data;
	}

	/** Signs in as the owner; on a new n8n this creates the account. */
	async signIn() {
		const settings = await this.rest('/settings');
		if (settings.userManagement.showSetupOnFirstLoad) {
			await this.rest('/owner/setup', { method: 'POST', body: owner });
			return;
		}
		await this.rest('/login', {
			method: 'POST',
			body: { emailOrLdapLoginId: owner.email, password: owner.password },
		});
	}

	/**
	 * Creates a credential, or gives the one of the same name new contents.
	 *
	 * @param {{ name: string, type: string, data: Record<string, unknown> }} credential
	 * @returns {Promise<StoredCredential>}
	 */
	async putCredential(credential) {
		/** @type {StoredCredential[]} */
		const stored = await this.rest('/credentials');
		const existing = stored.find(
			({ name, type }) => name === credential.name && type === credential.type,
		);
		return existing
			? await this.rest(`/credentials/${existing.id}`, { method: 'PATCH', body: credential })
			: await this.rest('/credentials', { method: 'POST', body: credential });
	}

	/**
	 * What the button "Test" of the credential does. n8n tests what it is given, not what it has stored;
	 * it fills in only the secrets, which the editor never sees.
	 *
	 * @param {StoredCredential} credential
	 * @returns {Promise<{ status: 'OK' | 'Error', message: string }>}
	 */
	async testCredential({ id, name, type }) {
		const { data } = await this.rest(`/credentials/${id}?includeData=true`);
		return await this.rest('/credentials/test', {
			method: 'POST',
			body: { credentials: { id, name, type, data } },
		});
	}

	/**
	 * Creates a workflow unless there is one of the same name, which may have been edited.
	 *
	 * @param {{ name: string }} workflow
	 * @returns {Promise<Workflow>}
	 */
	async ensureWorkflow(workflow) {
		/** @type {Workflow[]} */
		const stored = await this.rest('/workflows');
		const existing = stored.find(({ name }) => name === workflow.name);
		return existing
			? await this.rest(`/workflows/${existing.id}`)
			: await this.rest('/workflows', { method: 'POST', body: workflow });
	}

	/**
	 * Switches a workflow's triggers on, as the button "Publish" does.
	 *
	 * @param {Workflow} workflow
	 */
	async publish({ id, versionId }) {
		await this.rest(`/workflows/${id}/activate`, { method: 'POST', body: { versionId } });
	}

	/**
	 * @param {string} workflowId
	 * @returns {Promise<Array<{ id: string, status: string, stoppedAt: string }>>} its runs without their
	 *   data, the latest first; n8n lists 100 at most
	 */
	async executionsOf(workflowId) {
		const filter = encodeURIComponent(JSON.stringify({ workflowId }));
		const { results } = await this.rest(`/executions?filter=${filter}&limit=100`);
		return results;
	}

	/**
	 * @param {string} id
	 * @returns {Promise<Execution>} as it is stored now, finished or not
	 */
	async execution(id) {
		return new Execution(await this.rest(`/executions/${id}`));
	}

	/**
	 * Starts a workflow from its trigger, as the button "Execute workflow" does.
	 *
	 * @param {Workflow} workflow
	 * @param {Array<{ json: object }>} [triggerItems] what the trigger has received, as from the chat
	 * @returns {Promise<string>} the id of the execution
	 */
	async startManually(workflow, triggerItems) {
		const trigger = workflow.nodes.find((node) => /trigger$/i.test(node.type));
		const { executionId } = await this.rest(`/workflows/${workflow.id}/run`, {
			method: 'POST',
			body: {
				triggerToStartFrom: {
					name: trigger?.name,
					...(triggerItems && { data: taskData(triggerItems) }),
				},
			},
		});
		return executionId;
	}

	/**
	 * Runs a workflow from its trigger, as the button "Execute workflow" does, and waits for the end.
	 *
	 * @param {Workflow} workflow
	 * @param {{ timeout?: number, triggerItems?: Array<{ json: object }> }} [options] `timeout` in
	 *   milliseconds; `triggerItems` are what the trigger has received
	 * @returns {Promise<Execution>} also of a failed run
	 * @throws {UserFacingError} when it does not end in time
	 */
	async run(workflow, { timeout = 660_000, triggerItems } = {}) {
		return await this.endOf(await this.startManually(workflow, triggerItems), { timeout });
	}

	/**
	 * Waits for the end of an execution.
	 *
	 * @param {string} executionId
	 * @param {{ timeout: number }} options milliseconds
	 * @returns {Promise<Execution>} also of a failed run
	 * @throws {UserFacingError} when it does not end in time
	 */
	async endOf(executionId, { timeout }) {
		return await waitUntil(
			async () => {
				const execution = await this.execution(executionId);
				return finalStates.includes(execution.status) && execution;
			},
			{
				timeout,
				onTimeout: () =>
					new UserFacingError(
						`The execution ${executionId} did not end within ${timeout / 1000} s.`,
					),
			},
		);
	}

	/**
	 * @param {string} workflowId
	 * @returns {Promise<Execution | undefined>} its latest run that succeeded
	 */
	async latestSuccess(workflowId) {
		const filter = encodeURIComponent(JSON.stringify({ workflowId, status: ['success'] }));
		const { results } = await this.rest(`/executions?filter=${filter}&limit=1`);
		return results[0] && new Execution(await this.rest(`/executions/${results[0].id}`));
	}

	/**
	 * @param {{ id?: string }} binary an entry of an item's `binary`
	 * @returns {Promise<Buffer>} the bytes in n8n's store
	 */
	async downloadBinary(binary) {
		const response = await this.fetch(
			`/rest/binary-data?id=${encodeURIComponent(binary.id ?? '')}&action=view`,
		);
		if (!response.ok) {
			throw new UserFacingError(`n8n has no binary data ${binary.id} (${response.status}).`);
		}
		return Buffer.from(await response.arrayBuffer());
	}
}

/** A run of a workflow as n8n has stored it. */
export class Execution {
	/** @param {{ id: string, status: string, data: string }} execution */
	constructor({ id, status, data }) {
		this.id = id;
		this.status = status;
		// n8n stores each value once and refers to it by number; of a run that has just begun, nothing.
		this.resultData = parseFlatted(data)?.resultData ?? { runData: {} };
	}

	/**
	 * @param {string} [nodeName] the last one that ran, when absent
	 * @param {number} [output] 1 is the error output of a node with two
	 * @returns {Item[]} of its last run
	 */
	items(nodeName = this.resultData.lastNodeExecuted, output = 0) {
		return this.resultData.runData[nodeName]?.at(-1)?.data?.main?.[output] ?? [];
	}

	/** @returns {string | undefined} what failed, in one line */
	get failure() {
		const { error, lastNodeExecuted } = this.resultData;
		if (!error) return this.status === 'success' ? undefined : `the run was ${this.status}`;
		const details = [error.message, error.description].filter(Boolean).join(' – ');
		return `${error.node?.name ?? lastNodeExecuted}: ${details}`.replaceAll('\n', ' ');
	}
}

/**
 * @param {Array<{ json: object }>} items
 * @returns what n8n keeps of a node that has given the items
 */
function taskData(items) {
	return {
		startTime: Date.now(),
		executionTime: 0,
		executionIndex: 0,
		executionStatus: 'success',
		data: { main: [items] },
		source: [null],
	};
}

/** @param {string} text */
function parseJson(text) {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
