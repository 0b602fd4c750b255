import { randomUUID } from 'node:crypto';
import { credentialType, nodeType } from '../../../../scripts/lib/examples.mjs';
import { apiKey } from '../environment.mjs';

/** @typedef {import('../environment.mjs').Environment} Environment */
/** @typedef {{ name: string, type: string, typeVersion?: number, parameters: object }} Node */

export const triggerName = 'When clicking ‘Execute workflow’';
export const fluxName = 'Flux 2 Flex';
export const agentName = 'AI Agent';

/**
 * A credential with the name n8n itself proposes.
 *
 * @param {Environment} environment
 */
export async function accountOf({ n8n, simulatorUrl }) {
	return await n8n.putCredential({
		name: 'Flux 2 Flex account',
		type: credentialType,
		data: { service: 'novita', apiKey, baseUrl: simulatorUrl },
	});
}

/**
 * Stores a workflow that starts by hand and then runs one Flux 2 Flex node.
 *
 * @param {Environment} environment
 * @param {string} name
 * @param {Record<string, unknown>} parameters of the Flux 2 Flex node
 * @param {{ id: string, name: string }} [credential] none: as just put onto the canvas
 * @param {Node} [before] a node before it
 */
export async function fluxWorkflow(environment, name, parameters, credential, before) {
	return await store(environment, name, [
		...(before ? [before] : []),
		{ name: fluxName, type: nodeType, parameters, ...using(credentialType, credential) },
	]);
}

/**
 * Stores a workflow with an agent that has a model and no tools yet.
 *
 * @param {Environment} environment
 * @param {string} name
 */
export async function agentWorkflow(environment, name) {
	// Never asked: the agent is not run. An agent without a model is shown as faulty.
	const account = await environment.n8n.putCredential({
		name: 'Ollama account',
		type: 'ollamaApi',
		data: { baseUrl: environment.simulatorUrl },
	});
	const agent = {
		name: agentName,
		type: '@n8n/n8n-nodes-langchain.agent',
		typeVersion: 3,
		parameters: { promptType: 'define', text: 'Draw a lighthouse at dusk.' },
	};
	const model = {
		name: 'Ollama Chat Model',
		type: '@n8n/n8n-nodes-langchain.lmChatOllama',
		position: [208, 224],
		parameters: { model: 'llama3.2' },
		...using('ollamaApi', account),
	};
	return await store(environment, name, [agent], {
		nodes: [model],
		connections: { [model.name]: connection('ai_languageModel', agentName) },
	});
}

/**
 * @param {string} type
 * @param {{ id: string, name: string }} [credential]
 */
function using(type, credential) {
	return credential && { credentials: { [type]: { id: credential.id, name: credential.name } } };
}

/**
 * @param {string} type
 * @param {string} node
 */
const connection = (type, node) => ({ [type]: [[{ node, type, index: 0 }]] });

/**
 * @param {Environment} environment
 * @param {string} name
 * @param {Node[]} steps what follows the trigger, one after the other
 * @param {{ nodes: Node[], connections: object }} [beside] what belongs to one of them
 */
async function store(environment, name, steps, beside = { nodes: [], connections: {} }) {
	const trigger = { name: triggerName, type: 'n8n-nodes-base.manualTrigger', parameters: {} };
	const before = [trigger, ...steps];
	const workflow = {
		name,
		nodes: [...before, ...beside.nodes].map((node, index) => ({
			id: randomUUID(),
			typeVersion: 1,
			position: [index * 256, 0],
			...node,
		})),
		connections: {
			...Object.fromEntries(
				steps.map((step, index) => [before[index].name, connection('main', step.name)]),
			),
			...beside.connections,
		},
		settings: { executionOrder: 'v1' },
	};
	return await environment.n8n.ensureWorkflow(workflow);
}
