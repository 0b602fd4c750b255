import { randomUUID } from 'node:crypto';
import { credentialType, nodeType } from '../../scripts/lib/examples.mjs';
import { N8nClient } from '../../scripts/lib/n8n-client.mjs';
import { ensureN8n } from '../../scripts/lib/n8n-installation.mjs';
import { startN8n } from '../../scripts/lib/n8n-process.mjs';
import { installAsCommunityPackage, pack } from '../../scripts/lib/package-tarball.mjs';
import { logFileOf } from '../../scripts/lib/paths.mjs';
import { freePort } from '../../scripts/lib/ports.mjs';
import { shutDown, shutDownOnSignals } from '../../scripts/lib/shutdown.mjs';
import { startSimulator } from '../../scripts/lib/simulator-process.mjs';
import { temporaryUserFolder } from '../../scripts/lib/user-folder.mjs';

export const apiKey = 'e2e-key';

/**
 * A new real n8n that has the packed node as a community package, and a simulator. Nothing of it is
 * left after `stop`.
 *
 * @returns {Promise<Environment>}
 */
export async function startEnvironment() {
	shutDownOnSignals(() => 130);
	const userFolder = await temporaryUserFolder();
	const tarball = await pack(userFolder);
	await installAsCommunityPackage(tarball.path, userFolder);
	const simulator = await startSimulator({
		port: await freePort(),
		apiKey,
		processingMilliseconds: 300,
	});
	const n8n = await startN8n({
		installation: await ensureN8n(() => {}),
		userFolder,
		port: await freePort(),
		logFile: logFileOf('n8n-e2e'),
	});
	const client = new N8nClient(n8n.url);
	await client.signIn();
	return new Environment(client, simulator.url);
}

/** What the tests talk to. */
export class Environment {
	/**
	 * @param {N8nClient} n8n
	 * @param {string} simulatorUrl
	 */
	constructor(n8n, simulatorUrl) {
		this.n8n = n8n;
		this.simulatorUrl = simulatorUrl;
	}

	/**
	 * @param {{ service?: string, key?: string }} [account]
	 * @returns {Promise<{ id: string, name: string, type: string }>} a stored credential
	 */
	async credential({ service = 'novita', key = apiKey } = {}) {
		return await this.n8n.putCredential({
			name: `e2e ${service}`,
			type: credentialType,
			data: { service, apiKey: key, baseUrl: this.simulatorUrl },
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

	/** @param {unknown} fault see test/simulator/faults.ts */
	async planFault(fault) {
		await this.#tellSimulator('faults', fault);
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
