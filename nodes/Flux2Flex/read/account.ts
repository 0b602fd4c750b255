import { asText } from '../values/untrusted';
import { findService } from '../services/registry';
import { CREDENTIAL_TYPE, type Account } from '../services/account';
import type { NodeRun } from '../run/nodeRun';
import { problem } from '../run/problems';
import { show } from './fields';

/**
 * The account of an item: a credential may hold expressions, so each item has its own.
 *
 * @throws NodeOperationError when the credential is missing or cannot be used
 */
export async function readAccount(run: NodeRun, itemIndex: number): Promise<Account> {
	const where = { context: run.context, itemIndex };
	const credentials = await run.context.getCredentials(CREDENTIAL_TYPE, itemIndex);
	const service = findService(credentials.service ?? 'novita');
	if (service === undefined) {
		throw problem(
			where,
			`'Service' in the credential is ${show(credentials.service)}, which this node does not know`,
			"Choose a 'Service' in the credential, or update this node.",
		);
	}
	const apiKey = asText(credentials.apiKey);
	if (apiKey === undefined) {
		throw problem(
			where,
			"'API Key' in the credential is empty",
			`Enter the API key of your ${service.displayName} account in the credential.`,
		);
	}
	const baseUrl = readBaseUrl(credentials.baseUrl, service.defaultBaseUrl);
	if (baseUrl === undefined) {
		throw problem(
			where,
			"'Base URL' in the credential is not an http(s) address",
			'Leave it empty for the address of the service, or enter one like https://gateway.example.com/flux, without user name, password, query or fragment.',
		);
	}
	return { service, baseUrl, apiKey, credentials: { ...credentials, apiKey } };
}

/** The address without a trailing slash; undefined when it cannot be used. */
function readBaseUrl(value: unknown, defaultBaseUrl: string): string | undefined {
	const text = asText(value);
	if (text === undefined) return defaultBaseUrl;
	if (!URL.canParse(text)) return undefined;
	const url = new URL(text);
	const isPlain = !url.username && !url.password && !url.search && !url.hash;
	if (!isPlain || !['http:', 'https:'].includes(url.protocol)) return undefined;
	return (url.origin + url.pathname).replace(/\/+$/, '');
}
