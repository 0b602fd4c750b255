import {
	UserError,
	type IAuthenticate,
	type IAuthenticateRuleResponseSuccessBody,
	type Icon,
	type ICredentialTestRequest,
	type ICredentialType,
	type INodeProperties,
} from 'n8n-workflow';

import { cleanKey } from '../nodes/Flux2Flex/services/account';
import { findService, services } from '../nodes/Flux2Flex/services/registry';
import type { Service } from '../nodes/Flux2Flex/services/service';

/** Built from what the services say of themselves: a new one needs no line here. */
export class Flux2FlexApi implements ICredentialType {
	name = 'flux2FlexApi';

	displayName = 'Flux 2 Flex API';

	icon: Icon = { light: 'file:../icons/flux2Flex.svg', dark: 'file:../icons/flux2Flex.dark.svg' };

	documentationUrl = 'https://github.com/n8n-nodes-flux-2-flex/n8n-nodes-flux-2-flex#credentials';

	properties: INodeProperties[] = [
		{
			displayName: 'Service',
			name: 'service',
			type: 'options',
			options: services.map(({ displayName, id, about }) => ({
				name: displayName,
				value: id,
				description: about,
			})),
			required: true,
			// None: no key may go to a service that nobody chose, and n8n saves no default, so that another
			// one could never follow it.
			default: '',
			description: 'Who makes the images. The API key goes there and nowhere else.',
		},
		...services.flatMap(noticesOf),
		{
			displayName: 'API Key',
			name: 'apiKey',
			type: 'string',
			typeOptions: { password: true },
			required: true,
			default: '',
			description: 'From the key management page of your account at the service',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: '',
			placeholder: 'e.g. https://gateway.example.com/flux',
			description:
				"Leave empty for the service's own address. Otherwise the address of a compatible gateway, a regional host or a local simulator; the API key is sent there.",
		},
		...services.flatMap((service) =>
			(service.credentialFields ?? []).map((field) => ({ ...field, ...shownFor(service) })),
		),
	];

	// A function, since the header depends on the service.
	authenticate: IAuthenticate = async ({ service: id, apiKey }, request) => {
		const service = findService(id);
		if (service === undefined) throw new UserError("Choose a 'Service'");
		if (request.url === service.keyTest.path) tested = service;
		const headers = service.authenticate(cleanKey(apiKey));
		return { ...request, headers: { ...request.headers, ...headers } };
	};

	/** Free calls only: a test must never pay for an image. */
	test: ICredentialTestRequest = {
		request: {
			baseURL: `={{ ($credentials.baseUrl || "").trim().replace(/\\/+$/, "") || ${ofService(({ defaultBaseUrl }) => defaultBaseUrl)} }}`,
			url: `={{ ${ofService(({ keyTest }) => keyTest.path)} }}`,
			// A good key may be answered with an error: that of a task which does not exist.
			ignoreHttpStatusErrors:
				`={{ ${goodStatus} < 300 ? false : { ignore: true, except: Array.from({ length: 300 }, (_, index) => 300 + index).filter((status) => status !== ${goodStatus}) } }}` as unknown as boolean,
			disableFollowRedirect: true,
		},
		get rules() {
			return rulesFor(tested);
		},
	};
}

const shownFor = ({ id }: Service) => ({ displayOptions: { show: { service: [id] } } });

function noticesOf(service: Service): INodeProperties[] {
	const { id, displayName, announcedEnd } = service;
	if (announcedEnd === undefined) return [];
	return [
		{
			displayName: `${displayName} announced the end of this model for ${announcedEnd}. Since then it may answer that the model does not exist.`,
			name: `${id}Notice`,
			type: 'notice',
			default: '',
			...shownFor(service),
		},
	];
}

/**
 * Whose key is being tested. n8n's rules know neither the credential nor what is right, only what is
 * wrong: here, an answer without the field that proves a good key at the service that `authenticate`
 * was called for just before. Of two tests at the same moment one may have to be repeated.
 */
let tested: Service | undefined;

function rulesFor(service: Service | undefined): IAuthenticateRuleResponseSuccessBody[] {
	return [
		wrongAddress('reason', 'API_NOT_FOUND'),
		wrongAddress('reason', 'MODEL_NOT_FOUND'),
		wrongAddress('status', 'Not Found'),
		// Earlier n8n (1.123 and 2.0, for two) take the list above for "ignore every status": there all
		// refusals arrive here. JieKou repeats the status in the body.
		...REFUSED_STATUSES.map(refused),
		...(service === undefined ? [] : [wrongAddress(service.keyTest.proof, undefined)]),
	];
}

/** An expression for what the chosen service says of itself: n8n takes no function here. */
function ofService(read: (service: Service) => string | number): string {
	const values = services.map((service) => [service.id, read(service)]);
	return `${JSON.stringify(Object.fromEntries(values))}[$credentials.service]`;
}

const goodStatus = ofService(({ keyTest }) => keyTest.goodStatus);

/** What a service or a gateway may refuse the test with. */
const REFUSED_STATUSES = [
	400, 401, 402, 403, 405, 408, 409, 410, 422, 429, 500, 501, 502, 503, 504,
];

function refused(status: number): IAuthenticateRuleResponseSuccessBody {
	const message =
		status === 401 || status === 403
			? 'The service did not accept the API key'
			: `The service refused the test (HTTP status ${status})`;
	return { type: 'responseSuccessBody', properties: { key: 'code', value: status, message } };
}

function wrongAddress(
	key: string,
	value: string | undefined,
): IAuthenticateRuleResponseSuccessBody {
	return {
		type: 'responseSuccessBody',
		properties: {
			key,
			value,
			message: "This address does not serve the API: check 'Service' and 'Base URL'",
		},
	};
}
