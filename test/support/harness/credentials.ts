import { Credentials, getAdditionalKeys } from 'n8n-core';
import {
	ICredentialsHelper,
	isExpression,
	NodeHelpers,
	UnexpectedError,
	UserError,
	Workflow,
	type ICredentialDataDecryptedObject,
	type ICredentials,
	type ICredentialsExpressionResolveValues,
	type ICredentialType,
	type IExecuteData,
	type IHttpRequestOptions,
	type INode,
	type INodeCredentialsDetails,
	type INodeParameters,
	type INodeProperties,
	type IWorkflowExecuteAdditionalData,
	type WorkflowExecuteMode,
} from 'n8n-workflow';

import { NodeTypeRegistry } from './nodeTypeRegistry';
import { passThroughNode } from './standInNodes';

/** A credential as the user saved it, with its type. */
export interface StoredCredential {
	type: ICredentialType;
	/** The types it extends, directly or not, farthest first. */
	parentTypes?: ICredentialType[];
	data: ICredentialDataDecryptedObject;
}

const mockNode: INode = {
	id: 'mock',
	name: '',
	type: 'mock',
	typeVersion: 1,
	position: [0, 0],
	parameters: {},
};

const oauthTokenData: INodeProperties = {
	displayName: 'oauthTokenData',
	name: 'oauthTokenData',
	type: 'json',
	default: {},
};

const mockNodeTypes = new NodeTypeRegistry({ mock: passThroughNode('mock') });

/**
 * Resolves credentials as n8n's own `CredentialsHelper` does: defaults, expressions and the
 * generic `authenticate`. Left out is what changes a stored credential: tokens that expire or are
 * fetched anew.
 */
export class CredentialsHelper extends ICredentialsHelper {
	constructor(private readonly credentials: Record<string, StoredCredential>) {
		super();
	}

	getParentTypes(type: string): string[] {
		return this.get(type).parentTypes?.map(({ name }) => name) ?? [];
	}

	isCredentialUsableByNode(): boolean {
		return true;
	}

	getCredentialsProperties(type: string): INodeProperties[] {
		const { type: own, parentTypes } = this.get(type);
		if (parentTypes === undefined) return own.properties;
		const properties: INodeProperties[] = [];
		for (const each of [...parentTypes, own]) {
			NodeHelpers.mergeNodeProperties(properties, each.properties);
		}
		// n8n keeps the tokens of OAuth in a property that no type declares.
		if (parentTypes.some(({ name }) => name === 'oAuth2Api')) properties.push(oauthTokenData);
		return properties;
	}

	async getCredentials(details: INodeCredentialsDetails, type: string): Promise<ICredentials> {
		const credentials = new Credentials({ id: details.id, name: details.name }, type);
		await credentials.setData(this.get(type).data);
		return credentials;
	}

	async getDecrypted(
		additionalData: IWorkflowExecuteAdditionalData,
		_details: INodeCredentialsDetails,
		type: string,
		mode: WorkflowExecuteMode,
		executeData?: IExecuteData,
		raw?: boolean,
		resolveValues?: ICredentialsExpressionResolveValues,
	): Promise<ICredentialDataDecryptedObject> {
		const { data } = this.get(type);
		if (raw) return data;
		return this.applyDefaults(additionalData, data, type, mode, executeData, resolveValues);
	}

	/** Fills in defaults and resolves expressions, against the item when there is one. */
	applyDefaults(
		additionalData: IWorkflowExecuteAdditionalData,
		data: ICredentialDataDecryptedObject,
		type: string,
		mode: WorkflowExecuteMode,
		executeData?: IExecuteData,
		resolveValues?: ICredentialsExpressionResolveValues,
	): ICredentialDataDecryptedObject {
		const properties = this.getCredentialsProperties(type);
		const complete = NodeHelpers.getNodeParameters(
			properties,
			data as INodeParameters,
			true,
			false,
			null,
			null,
		) as ICredentialDataDecryptedObject;
		const additionalKeys = getAdditionalKeys(additionalData, mode, null, { isCredential: true });
		if (resolveValues === undefined) {
			const workflow = new Workflow({
				nodes: [mockNode],
				connections: {},
				active: false,
				nodeTypes: mockNodeTypes,
			});
			return workflow.expression.getComplexParameterValue(
				mockNode,
				complete as INodeParameters,
				mode,
				additionalKeys,
				undefined,
				undefined,
				complete,
			) as unknown as ICredentialDataDecryptedObject;
		}
		try {
			return resolveValues.workflow.expression.getParameterValue(
				complete as INodeParameters,
				resolveValues.runExecutionData,
				resolveValues.runIndex,
				resolveValues.itemIndex,
				resolveValues.node.name,
				resolveValues.connectionInputData,
				mode,
				additionalKeys,
				executeData,
				false,
				complete,
			) as unknown as ICredentialDataDecryptedObject;
		} catch (error) {
			(error as Error).message += ' [Error resolving credentials]';
			throw error;
		}
	}

	async authenticate(
		credentials: ICredentialDataDecryptedObject,
		type: string,
		requestOptions: IHttpRequestOptions,
		workflow?: Workflow,
		node?: INode,
	): Promise<IHttpRequestOptions> {
		const { authenticate } = this.get(type).type;
		if (authenticate === undefined) return requestOptions;
		if (typeof authenticate === 'function') {
			return await authenticate(credentials, requestOptions);
		}
		if (workflow === undefined || node === undefined) {
			throw new UnexpectedError('Declarative authentication needs the workflow and the node');
		}
		const resolve = (value: string) => resolveCredentialValue(value, credentials, workflow, node);
		requestOptions.headers ??= {};
		const parts = requestOptions as unknown as Record<string, Record<string, string>>;
		for (const [part, values] of Object.entries(authenticate.properties)) {
			for (const [key, value] of Object.entries(values as Record<string, string>)) {
				(parts[part] ??= {})[resolve(key)] = resolve(value);
			}
		}
		return requestOptions;
	}

	async preAuthentication(): Promise<undefined> {
		return undefined;
	}

	async runPreAuthentication(): Promise<undefined> {
		return undefined;
	}

	async updateCredentials(): Promise<void> {
		throw new UnexpectedError('The harness does not store credentials');
	}

	async updateCredentialsOauthTokenData(): Promise<void> {
		throw new UnexpectedError('The harness does not store credentials');
	}

	private get(type: string): StoredCredential {
		const credential = this.credentials[type];
		if (credential === undefined) {
			throw new UserError(`Credential of type "${type}" does not exist.`);
		}
		return credential;
	}
}

function resolveCredentialValue(
	value: string,
	credentials: ICredentialDataDecryptedObject,
	workflow: Workflow,
	node: INode,
): string {
	if (!isExpression(value)) return value;
	const resolved = workflow.expression.getSimpleParameterValue(
		node,
		value,
		'internal',
		{ $credentials: credentials },
		undefined,
		'',
	);
	return resolved ? String(resolved) : '';
}
