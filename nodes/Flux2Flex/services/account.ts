import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

import type { Service } from './service';

/** Where an item's requests go, and with which key. */
export interface Account {
	service: Service;
	/** Address without a trailing slash; may carry a path. */
	baseUrl: string;
	apiKey: string;
	/** What the credential type's `authenticate` works on. */
	credentials: ICredentialDataDecryptedObject;
}

/** The credential type in which accounts are saved. */
export const CREDENTIAL_TYPE = 'flux2FlexApi';

/**
 * Whether the account's API key may go to an address that an answer or a user gave: only to the
 * account's own host, and to hosts of the service's domain.
 */
export function mayGetKey({ service, baseUrl }: Account, address: string): boolean {
	if (!URL.canParse(address)) return false;
	const { protocol, hostname, host, origin, username, password } = new URL(address);
	if (username !== '' || password !== '') return false;
	if (origin === new URL(baseUrl).origin) return true;
	const { domain } = service;
	// With a port of its own it is not one of the service's hosts.
	const isService = hostname === domain || hostname.endsWith(`.${domain}`);
	return domain !== undefined && protocol === 'https:' && host === hostname && isService;
}
