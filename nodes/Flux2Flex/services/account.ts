import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

import type { Service } from './service';

/** Where an item's requests go, and with which key. */
export interface Account {
	service: Service;
	/** Address without a trailing slash; may carry a path. */
	baseUrl: string;
	apiKey: string;
	/** The key as it is sent and as it was entered, and others: none may turn up in what people read. */
	secrets: readonly string[];
	/** What a service that signs its webhooks shall sign them with. */
	webhookSecret?: string;
	/** What the credential type's `authenticate` works on. */
	credentials: ICredentialDataDecryptedObject;
}

/** The credential type in which accounts are saved. */
export const CREDENTIAL_TYPE = 'flux2FlexApi';

/** Its field for what a service signs webhooks with, of the services that do. */
export const WEBHOOK_SECRET = 'webhookSecret';

const QUOTES = `[ "'\`´′″＂＇„‚\\p{Pi}\\p{Pf}]+`;
const AROUND = new RegExp(`^${QUOTES}|${QUOTES}$`, 'gu');

/**
 * A key as it was meant: without white space and invisible characters, wherever they stand, quotes of
 * any kind around it, and the scheme of a header before it.
 */
export function cleanKey(entered: unknown): string {
	const text = typeof entered === 'string' ? entered : '';
	return text
		.replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ')
		.replace(AROUND, '')
		.replace(/^(bearer|key) +/i, '')
		.replace(AROUND, '')
		.replaceAll(' ', '');
}

/** Whether an address is one of the service itself, in whatever region. */
export function isAddressOf({ domain }: Service, address: string): boolean {
	if (domain === undefined || !URL.canParse(address)) return false;
	const { protocol, hostname, host, username, password } = new URL(address);
	// With a port or a user of its own it is not one of the service's hosts.
	const isPlain = host === hostname && username === '' && password === '';
	const isBelow = hostname === domain || hostname.endsWith(`.${domain}`);
	return isPlain && isBelow && protocol === 'https:';
}

/**
 * Whether the account's API key may go to an address that an answer or a user gave: to the account's
 * own host, and to other hosts of the service unless a gateway stands in front, whose key it then is.
 */
export function mayGetKey({ service, baseUrl }: Account, address: string): boolean {
	if (!URL.canParse(address)) return false;
	const { origin, username, password } = new URL(address);
	if (origin === new URL(baseUrl).origin) return username === '' && password === '';
	return isAddressOf(service, baseUrl) && isAddressOf(service, address);
}
