import { randomBytes } from 'node:crypto';
import { credentialType } from './examples.mjs';

/** The name n8n itself proposes for the first credential of this type; the examples refer to it. */
const firstCredentialName = 'Flux 2 Flex account';

/**
 * The services this start can use with the keys it was given.
 *
 * @param {NodeJS.ProcessEnv} environment
 * @returns {Array<{ service: string, title: string, apiKey: string }>} empty: the simulator stands in
 */
export function accountsFrom(environment) {
	return [
		{ service: 'novita', title: 'Novita AI', apiKey: environment.NOVITA_API_KEY?.trim() },
		{ service: 'jieKou', title: 'JieKou.AI', apiKey: environment.JIEKOU_API_KEY?.trim() },
	].filter(({ apiKey }) => apiKey);
}

/** @returns {string} a key that only the simulator of this start knows */
export function simulatorKey() {
	return `simulator-${randomBytes(8).toString('hex')}`;
}

/**
 * The first credential always has the same name, so that the workflows of an earlier start keep
 * working when it was made for the simulator and is now for a real account.
 *
 * @param {Array<{ service: string, title: string, apiKey: string, baseUrl?: string }>} accounts
 * @returns {Array<{ name: string, type: string, data: Record<string, string> }>}
 */
export function credentialsFor(accounts) {
	return accounts.map(({ service, title, apiKey, baseUrl = '' }, index) => ({
		name: index === 0 ? firstCredentialName : `${firstCredentialName} (${title})`,
		type: credentialType,
		data: { service, apiKey, baseUrl },
	}));
}
