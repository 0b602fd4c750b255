import { ErrorReporter, ExecuteContext, RoutingNode } from 'n8n-core';
import {
	createEmptyRunExecutionData,
	Workflow,
	type ICredentialDataDecryptedObject,
	type ICredentialType,
	type INode,
	type INodeCredentialTestResult,
	type INodeType,
	type NodeApiError,
} from 'n8n-workflow';

import { createAdditionalData } from './additionalData';
import { Container, get } from './coreDependencies';
import { CredentialsHelper } from './credentials';
import { withEngine } from './engine';
import { loadPackage } from './loadPackage';
import { withLogs } from './logs';
import { NodeTypeRegistry } from './nodeTypeRegistry';
import { passThroughNode } from './standInNodes';

const nodeTypeName = 'n8n-nodes-base.noOp';

/**
 * Runs the `test` of this package's credential type as n8n does when the user saves a credential.
 * Follows `CredentialsTester.runRequestTest` in n8n's `services/credentials-tester.service.ts`.
 *
 * @param data what the user typed in; expressions are resolved
 */
export async function testCredential(
	data: ICredentialDataDecryptedObject,
): Promise<INodeCredentialTestResult> {
	const [credentialType] = Object.values((await loadPackage()).credentialTypes);
	if (credentialType === undefined) throw new Error('The package has no credential type');
	return await withLogs(
		async () => await withEngine({}, async () => await runTest(credentialType, data)),
	);
}

async function runTest(
	credentialType: ICredentialType,
	stored: ICredentialDataDecryptedObject,
): Promise<INodeCredentialTestResult> {
	const { name, test } = credentialType;
	if (test === undefined) {
		return { status: 'Error', message: 'No testing function found for this credential.' };
	}
	const credential = { type: credentialType, data: stored };
	const additionalData = createAdditionalData(new CredentialsHelper({ [name]: credential }));
	try {
		credential.data = new CredentialsHelper({ [name]: credential }).applyDefaults(
			additionalData,
			stored,
			name,
			'internal',
		);
	} catch (error) {
		return { status: 'Error', message: (error as Error).message };
	}
	const { data } = credential;
	// n8n serves the data resolved above instead of resolving what is stored a second time.
	additionalData.credentialsHelper.getDecrypted = async () => data;

	// The test is the routing of a parameter of a node that does nothing else.
	const nodeType: INodeType = passThroughNode('noOp', {
		credentials: [{ name, required: true }],
		properties: [
			{
				displayName: 'Temp',
				name: 'temp',
				type: 'string',
				routing: { request: test.request },
				default: '',
			},
		],
	});
	const node: INode = {
		id: 'temp',
		name: 'Temp-Node',
		type: nodeTypeName,
		typeVersion: 1,
		position: [0, 0],
		parameters: {},
		credentials: { [name]: { id: name, name } },
	};
	const workflow = new Workflow({
		nodes: [node],
		connections: {},
		active: false,
		nodeTypes: new NodeTypeRegistry({ [nodeTypeName]: nodeType }),
	});
	const context = new ExecuteContext(
		workflow,
		node,
		{ ...additionalData, currentNodeParameters: node.parameters },
		'internal',
		createEmptyRunExecutionData(),
		0,
		[],
		{ main: [[{ json: {} }]] },
		{ node, data: {}, source: null },
		[],
	);
	let response;
	try {
		response = await new RoutingNode(context, nodeType, {
			id: name,
			name,
			type: name,
			data,
		}).runNode();
	} catch (error) {
		Container.get(ErrorReporter).error(error);
		return { status: 'Error', message: failureMessage(error as NodeApiError) };
	}
	const body = response?.[0]?.[0]?.json;
	for (const { type, properties } of test.rules ?? []) {
		if (type === 'responseSuccessBody' && get(body, properties.key) === properties.value) {
			return { status: 'Error', message: properties.message };
		}
	}
	return { status: 'OK', message: 'Connection successful!' };
}

/** The axios parts of the error that n8n looks at. */
interface RequestFailure {
	code?: string;
	response?: { status: number; statusText?: string };
}

function failureMessage(error: NodeApiError): string {
	const { code, response } = (error.cause ?? {}) as RequestFailure;
	if (response === undefined) return code ?? error.message;
	if (response.status < 199 || response.status > 299) {
		return response.statusText || `Received HTTP status code: ${response.status}`;
	}
	return error.message;
}
