import { randomBytes } from 'node:crypto';
import { credentialType } from './examples.mjs';

/** The name n8n itself proposes for the first credential of this type; the examples refer to it. */
const firstCredentialName = 'Flux 2 Flex account';

/** Every service of the node, and the environment variable that may hold a key for it. */
export const services = [
	{ service: 'blackForestLabs', title: 'Black Forest Labs', variable: 'BFL_API_KEY' },
	{ service: 'falAi', title: 'fal.ai', variable: 'FAL_KEY' },
	{ service: 'replicate', title: 'Replicate', variable: 'REPLICATE_API_TOKEN' },
	{ service: 'novita', title: 'Novita AI', variable: 'NOVITA_API_KEY' },
	{ service: 'jieKou', title: 'JieKou.AI', variable: 'JIEKOU_API_KEY' },
];

/** @typedef {{ service: string, title: string, apiKey: string, baseUrl?: string }} Account */

/**
 * The services this start can use with the keys it was given.
 *
 * @param {NodeJS.ProcessEnv} environment
 * @returns {Account[]} empty: the simulator stands in
 */
export function accountsFrom(environment) {
	return services.flatMap(({ service, title, variable }) => {
		const apiKey = environment[variable]?.trim();
		return apiKey ? [{ service, title, apiKey }] : [];
	});
}

/** @returns {string} a key that only the simulator of this start knows */
export function simulatorKey() {
	return `simulator-${randomBytes(8).toString('hex')}`;
}

/**
 * The first credential always has the same name, so that the workflows of an earlier start keep
 * working when it was made for the simulator and is now for a real account.
 *
 * @param {Account[]} accounts
 * @returns {Array<{ name: string, type: string, data: Record<string, string> }>}
 */
export function credentialsFor(accounts) {
	return accounts.map(({ service, title, apiKey, baseUrl = '' }, index) => ({
		name: index === 0 ? firstCredentialName : `${firstCredentialName} (${title})`,
		type: credentialType,
		data: { service, apiKey, baseUrl },
	}));
}
