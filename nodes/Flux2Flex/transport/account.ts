import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

import type { Service } from '../services/service';

export const CREDENTIAL_TYPE = 'flux2FlexApi';

/** Where an item's requests go, and with which key. */
export interface Account {
	service: Service;
	/** Address without a trailing slash; may carry a path. */
	baseUrl: string;
	apiKey: string;
	/** What the credential type's `authenticate` works on. */
	credentials: ICredentialDataDecryptedObject;
}
