import { ExternalSecretsProxy } from 'n8n-core';
import {
	UnexpectedError,
	type ICredentialsHelper,
	type IWorkflowExecuteAdditionalData,
} from 'n8n-workflow';

import { Container } from './coreDependencies';

async function notAvailable(): Promise<never> {
	throw new UnexpectedError('The harness has no sub-workflows, task runners or stored executions');
}

/**
 * What an n8n instance hands to every execution, see n8n's `WorkflowExecuteAdditionalData`.
 *
 * @param instanceUrl where the instance believes it can be reached, without a trailing slash
 */
export function createAdditionalData(
	credentialsHelper: ICredentialsHelper,
	instanceUrl = 'http://localhost:5678',
): IWorkflowExecuteAdditionalData {
	// n8n puts this proxy in, too, without declaring it; expressions in credentials ask for it.
	const undeclared = { externalSecretsProxy: Container.get(ExternalSecretsProxy) };
	return {
		...undeclared,
		credentialsHelper,
		currentNodeExecutionIndex: 0,
		variables: {},
		instanceBaseUrl: `${instanceUrl}/`,
		restApiUrl: `${instanceUrl}/rest`,
		formBaseUrl: `${instanceUrl}/form`,
		formWaitingBaseUrl: `${instanceUrl}/form-waiting`,
		formTestBaseUrl: `${instanceUrl}/form-test`,
		webhookBaseUrl: `${instanceUrl}/webhook`,
		webhookWaitingBaseUrl: `${instanceUrl}/webhook-waiting`,
		webhookTestBaseUrl: `${instanceUrl}/webhook-test`,
		mcpBaseUrl: `${instanceUrl}/mcp`,
		mcpTestBaseUrl: `${instanceUrl}/mcp-test`,
		setExecutionStatus() {},
		logAiEvent() {},
		executeWorkflow: notAvailable,
		getRunExecutionData: notAvailable,
		getRuntimeCredential: notAvailable,
		startRunnerTask: notAvailable,
	};
}
