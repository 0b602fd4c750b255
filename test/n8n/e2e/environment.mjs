import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { ensureN8n } from '../../../scripts/lib/n8n-installation.mjs';
import { startN8n } from '../../../scripts/lib/n8n-process.mjs';
import { logFileOf } from '../../../scripts/lib/paths.mjs';
import { freePort } from '../../../scripts/lib/ports.mjs';
import { shutDown, shutDownOnSignals } from '../../../scripts/lib/shutdown.mjs';
import { TestedN8n, userFolderWithNode } from '../shared/n8n.mjs';
import { Service } from '../shared/service.mjs';
import { fluxNode, manualTrigger, workflowOf } from '../shared/workflows.mjs';

export { apiKey } from '../shared/service.mjs';

/**
 * A new real n8n that has the packed node as a community package, and a simulator. Nothing of it is
 * left after `stop`.
 *
 * @param {object} [options]
 * @param {string} [options.name] of n8n's log
 * @param {Record<string, string>} [options.settings] further environment variables of n8n
 * @param {Record<string, number>} [options.service] how the simulator behaves, see simulator-process.mjs
 */
export async function startEnvironment({ name = 'n8n-e2e', settings = {}, service = {} } = {}) {
	shutDownOnSignals(() => 130);
	const userFolder = await userFolderWithNode();
	const simulator = await Service.start({ processingMilliseconds: 300, ...service });
	const installation = await ensureN8n(() => {});
	const port = await freePort();
	let starts = 0;
	const start = async (/** @type {Record<string, string>} */ environment) => {
		starts++;
		const logFile = logFileOf(starts === 1 ? name : `${name}-${starts}`);
		return await startN8n({ installation, userFolder, port, logFile, environment });
	};
	const n8nProcess = await start(settings);
	const n8n = await TestedN8n.signedIn(n8nProcess.url);
	return new Environment(n8n, simulator, { n8nProcess, start });
}

/** What the tests talk to. */
export class Environment {
	#n8nProcess;
	#start;

	/**
	 * @typedef {import('../../../scripts/lib/n8n-process.mjs').RunningN8n} RunningN8n
	 *
	 * @param {TestedN8n} n8n
	 * @param {Service} service
	 * @param {{ n8nProcess: RunningN8n, start: (settings: Record<string, string>) => Promise<RunningN8n> }} control
	 *   `start`: the same n8n again
	 */
	constructor(n8n, service, { n8nProcess, start }) {
		this.n8n = n8n;
		this.service = service;
		this.#n8nProcess = n8nProcess;
		this.#start = start;
	}

	get simulatorUrl() {
		return this.service.url;
	}

	async simulatorState() {
		return await this.service.state();
	}

	async resetSimulator() {
		await this.service.reset();
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
	 * @param {Record<string, string>} settings environment variables of n8n, instead of the first ones
	 */
	async startN8nAgain(settings) {
		this.#n8nProcess = await this.#start(settings);
	}

	/** @param {{ service?: string, key?: string }} [account] of the simulator */
	async credential(account) {
		return await this.n8n.account({ baseUrl: this.service.url, ...account });
	}

	/**
	 * Stores a workflow that runs Flux 2 Flex nodes, called Flux 1 and so on, one after the other, and
	 * runs it.
	 *
	 * @param {Array<Record<string, unknown>>} parameters of each node
	 * @param {{ id: string, name: string }} [credential]
	 */
	async runNodes(parameters, credential) {
		const account = credential ?? (await this.credential());
		const nodes = parameters.map((each, index) => fluxNode(`Flux ${index + 1}`, account, each));
		const workflow = workflowOf(`e2e ${randomUUID()}`, [manualTrigger, ...nodes]);
		return await this.n8n.run(await this.n8n.ensureWorkflow(workflow), { timeout: 60_000 });
	}

	/** Ends n8n and the simulator and removes their files. */
	async stop() {
		await shutDown();
	}
}
