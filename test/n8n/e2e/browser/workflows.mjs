import { randomUUID } from 'node:crypto';
import { credentialType, nodeType } from '../../../../scripts/lib/examples.mjs';
import { apiKey } from '../environment.mjs';

export const triggerName = 'When clicking ‘Execute workflow’';
export const fluxName = 'Flux 2 Flex';
export const agentName = 'AI Agent';

/**
 * @param {import('../environment.mjs').Environment} environment
 * @returns {Promise<{ id: string, name: string }>} a credential with the name n8n itself proposes
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
 * @param {import('../environment.mjs').Environment} environment
 * @param {string} name
 * @param {Record<string, unknown>} parameters of the Flux 2 Flex node
 * @param {{ id: string, name: string }} [credential] none: as just put onto the canvas
 */
export async function fluxWorkflow(environment, name, parameters, credential) {
	return await store(environment, name, {
		name: fluxName,
		type: nodeType,
		typeVersion: 1,
		parameters,
		...(credential && {
			credentials: { [credentialType]: { id: credential.id, name: credential.name } },
		}),
	});
}

/**
 * Stores a workflow with an agent that has a model and no tools yet.
 *
 * @param {import('../environment.mjs').Environment} environment
 * @param {string} name
 */
export async function agentWorkflow(environment, name) {
	// Never asked: the agent is not run. An agent without a model is shown as faulty.
	const { id, name: modelAccount } = await environment.n8n.putCredential({
		name: 'Ollama account',
		type: 'ollamaApi',
		data: { baseUrl: environment.simulatorUrl },
	});
	return await store(
		environment,
		name,
		{
			name: agentName,
			type: '@n8n/n8n-nodes-langchain.agent',
			typeVersion: 3,
			parameters: { promptType: 'define', text: 'Draw a lighthouse at dusk.' },
		},
		{
			name: 'Ollama Chat Model',
			type: '@n8n/n8n-nodes-langchain.lmChatOllama',
			typeVersion: 1,
			position: [208, 224],
			parameters: { model: 'llama3.2' },
			credentials: { ollamaApi: { id, name: modelAccount } },
		},
	);
}

/**
 * @param {import('../environment.mjs').Environment} environment
 * @param {string} name
 * @param {{ name: string }} node what follows the trigger
 * @param {{ name: string }} [model] of an agent
 */
async function store(environment, name, node, model) {
	const trigger = {
		name: triggerName,
		type: 'n8n-nodes-base.manualTrigger',
		typeVersion: 1,
		parameters: {},
	};
	const connection = (type) => ({ [type]: [[{ node: node.name, type, index: 0 }]] });
	return await environment.n8n.ensureWorkflow({
		name,
		nodes: [trigger, node, ...(model ? [model] : [])].map((each, index) => ({
			id: randomUUID(),
			position: [index * 256, 0],
			...each,
		})),
		connections: {
			[trigger.name]: connection('main'),
			...(model && { [model.name]: connection('ai_languageModel') }),
		},
		settings: { executionOrder: 'v1' },
	});
}
