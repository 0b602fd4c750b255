import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { credentialType, nodeType } from '../../../scripts/lib/examples.mjs';
import { N8nClient } from '../../../scripts/lib/n8n-client.mjs';
import { ensureN8n } from '../../../scripts/lib/n8n-installation.mjs';
import { startN8n } from '../../../scripts/lib/n8n-process.mjs';
import { installAsCommunityPackage, pack } from '../../../scripts/lib/package-tarball.mjs';
import { logFileOf } from '../../../scripts/lib/paths.mjs';
import { freePort } from '../../../scripts/lib/ports.mjs';
import { shutDown, shutDownOnSignals } from '../../../scripts/lib/shutdown.mjs';
import { startSimulator } from '../../../scripts/lib/simulator-process.mjs';
import { temporaryUserFolder } from '../../../scripts/lib/user-folder.mjs';

export const apiKey = 'e2e-key';

/**
 * A new real n8n that has the packed node as a community package, and a simulator. Nothing of it is
 * left after `stop`.
 *
 * @param {object} [options]
 * @param {string} [options.name] of n8n's log
 * @param {Record<string, string>} [options.settings] further environment variables of n8n
 * @param {Record<string, number>} [options.service] how the simulator behaves, see simulator-process.mjs
 * @returns {Promise<Environment>}
 */
export async function startEnvironment({ name = 'n8n-e2e', settings = {}, service = {} } = {}) {
	shutDownOnSignals(() => 130);
	const userFolder = await temporaryUserFolder();
	const tarball = await pack(userFolder);
	await installAsCommunityPackage(tarball.path, userFolder);
	const simulator = await startSimulator({
		port: await freePort(),
		apiKey,
		processingMilliseconds: 300,
		...service,
	});
	const installation = await ensureN8n(() => {});
	const port = await freePort();
	let starts = 0;
	const start = async (environment) => {
		starts++;
		const logFile = logFileOf(starts === 1 ? name : `${name}-${starts}`);
		return await startN8n({ installation, userFolder, port, logFile, environment });
	};
	const n8nProcess = await start(settings);
	const client = new N8nClient(n8nProcess.url);
	await client.signIn();
	return new Environment(client, simulator.url, { n8nProcess, start });
}

/** What the tests talk to. */
export class Environment {
	#n8nProcess;
	#start;

	/**
	 * @param {N8nClient} n8n
	 * @param {string} simulatorUrl
	 * @param {object} control
	 * @param {import('../../../scripts/lib/n8n-process.mjs').RunningN8n} control.n8nProcess
	 * @param {(settings: Record<string, string>) => Promise<import('../../../scripts/lib/n8n-process.mjs').RunningN8n>} control.start
	 *   the same n8n again
	 */
	constructor(n8n, simulatorUrl, { n8nProcess, start }) {
		this.n8n = n8n;
		this.simulatorUrl = simulatorUrl;
		this.#n8nProcess = n8nProcess;
		this.#start = start;
	}

	/** @returns {Promise<string>} what n8n has printed since its last start */
	async n8nLog() {
		return await readFile(this.#n8nProcess.logFile, 'utf8');
	}

	/** Kills n8n without a warning, as a power cut does. */
	async killN8n() {
		await this.#n8nProcess.kill();
	}

	/**
	 * Starts n8n again after `killN8n`: the same folder, port and key.
	 *
	 * @param {Record<string, string>} [settings] environment variables of n8n, instead of the first ones
	 */
	async startN8nAgain(settings = {}) {
		this.#n8nProcess = await this.#start(settings);
	}

	/**
	 * @param {{ service?: string, key?: string }} [account]
	 * @returns {Promise<{ id: string, name: string, type: string }>} a stored credential
	 */
	async credential({ service = 'novita', key = apiKey, baseUrl = this.simulatorUrl } = {}) {
		return await this.n8n.putCredential({
			name: `e2e ${service}`,
			type: credentialType,
			data: { service, apiKey: key, baseUrl },
		});
	}

	/**
	 * Stores a workflow that runs Flux 2 Flex nodes one after the other, and runs it.
	 *
	 * @param {Array<Record<string, unknown>>} nodes `parameters`, and what else differs from a plain node
	 * @param {{ id: string, name: string }} [credential]
	 */
	async runNodes(nodes, credential) {
		const { id, name } = credential ?? (await this.credential());
		const chain = [
			{ name: 'Start', type: 'n8n-nodes-base.manualTrigger', parameters: {} },
			...nodes.map((node, index) => ({
				name: `Flux ${index + 1}`,
				type: nodeType,
				credentials: { [credentialType]: { id, name } },
				...node,
			})),
		].map((node, index) => ({
			id: randomUUID(),
			typeVersion: 1,
			position: [index * 240, 0],
			...node,
		}));
		const connections = Object.fromEntries(
			chain
				.slice(1)
				.map((node, index) => [
					chain[index].name,
					{ main: [[{ node: node.name, type: 'main', index: 0 }]] },
				]),
		);
		const workflow = await this.n8n.ensureWorkflow({
			name: `e2e ${randomUUID()}`,
			nodes: chain,
			connections,
			settings: { executionOrder: 'v1' },
		});
		return await this.n8n.run(workflow, { timeout: 60_000 });
	}

	/** @returns {Promise<{ tasks: any[], requests: any[] }>} what has reached the simulator */
	async simulatorState() {
		return await (await fetch(`${this.simulatorUrl}/simulator/state`)).json();
	}

	/** Forgets the simulator's tasks and faults. */
	async resetSimulator() {
		await this.#tellSimulator('reset', {});
	}

	/** @param {unknown} fault see test/support/simulator/faults.ts */
	async planFault(fault) {
		await this.#tellSimulator('faults', fault);
	}

	/**
	 * Ends a task's time now; for a simulator whose tasks take longer than any test.
	 *
	 * @param {string} taskId
	 * @param {{ silent?: boolean }} [options] silent: its webhook is not called
	 */
	async finishTask(taskId, { silent = false } = {}) {
		await this.#tellSimulator('finish', { taskId, silent });
	}

	/**
	 * @param {string} url
	 * @returns {Promise<Buffer>} what the simulator serves there
	 */
	async servedBytes(url) {
		return Buffer.from(await (await fetch(url)).arrayBuffer());
	}

	/** Ends n8n and the simulator and removes their files. */
	async stop() {
		await shutDown();
	}

	/**
	 * @param {string} command
	 * @param {unknown} body
	 */
	async #tellSimulator(command, body) {
		const response = await fetch(`${this.simulatorUrl}/simulator/${command}`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify(body),
		});
		if (!response.ok) throw new Error(`The simulator refused: ${await response.text()}`);
	}
}
