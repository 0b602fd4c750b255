import { cleanKey, CREDENTIAL_TYPE, WEBHOOK_SECRET, type Account } from '../services/account';
import { findService } from '../services/registry';
import type { Service } from '../services/service';
import type { Item } from '../run/item';
import { show } from '../values/show';
import { asWritten } from './fields';

/**
 * The account of an item: a credential may hold expressions, so each item has its own.
 *
 * @throws NodeOperationError when the credential is missing or cannot be used
 */
export async function readAccount(item: Item): Promise<Account> {
	const credentials = await item.context.getCredentials(CREDENTIAL_TYPE, item.index);
	const service = findService(credentials.service);
	if (service === undefined) {
		if ((credentials.service ?? '') === '') {
			throw item.problem(
				"Choose a 'Service' in the credential",
				"It has none yet: 'API Key' goes to the service you choose there, and nowhere else.",
			);
		}
		throw item.problem(
			`'Service' in the credential is ${show(credentials.service)}, which this node does not know`,
			"Choose a 'Service' in the credential, or update this node.",
		);
	}
	const apiKey = cleanKey(credentials.apiKey);
	if (apiKey === '') {
		throw item.problem(
			"'API Key' in the credential is empty",
			`Enter the API key of your ${service.displayName} account in the credential.`,
		);
	}
	const baseUrl = readBaseUrl(credentials.baseUrl, service.defaultBaseUrl);
	if (baseUrl === undefined) {
		throw item.problem(
			"'Base URL' in the credential is not an http(s) address",
			'Leave it empty for the address of the service, or enter one like https://gateway.example.com/flux, without user name, password, query or fragment.',
		);
	}
	const webhookSecret = readWebhookSecret(item, service, credentials[WEBHOOK_SECRET]);
	const entered = String(credentials.apiKey);
	return {
		service,
		baseUrl,
		apiKey,
		webhookSecret,
		secrets: [
			apiKey,
			entered,
			entered.trim(),
			...(webhookSecret === undefined ? [] : [webhookSecret]),
		],
		credentials: { ...credentials, apiKey },
	};
}

/** As it was entered, since the receiver of the calls has to know the same; undefined without one. */
function readWebhookSecret(item: Item, service: Service, value: unknown): string | undefined {
	const signs = service.credentialFields?.some(({ name }) => name === WEBHOOK_SECRET) ?? false;
	if (!signs || (value ?? '') === '') return undefined;
	const secret = asWritten(value);
	if (secret !== undefined) return secret;
	throw item.problem(
		"'Webhook Secret' in the credential is not text",
		"Change 'Webhook Secret', or the expression behind it, or leave it empty.",
	);
}

/** The address without a trailing slash; undefined when it cannot be used. */
function readBaseUrl(value: unknown, defaultBaseUrl: string): string | undefined {
	const text = typeof value === 'string' ? value.trim() : (value ?? '');
	if (text === '') return defaultBaseUrl;
	if (typeof text !== 'string' || !URL.canParse(text)) return undefined;
	const url = new URL(text);
	const isPlain = !url.username && !url.password && !url.search && !url.hash;
	if (!isPlain || !['http:', 'https:'].includes(url.protocol)) return undefined;
	return (url.origin + url.pathname).replace(/\/+$/, '');
}
