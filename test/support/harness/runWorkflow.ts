import { ExecutionLifecycleHooks, WorkflowExecute } from 'n8n-core';
import {
	createRunExecutionData,
	deepCopy,
	Workflow,
	type ExecutionError,
	type ExecutionStatus,
	type IConnections,
	type INode,
	type INodeExecutionData,
	type INodeType,
	type IRunExecutionData,
	type IVersionedNodeType,
	type IWorkflowBase,
	type IWorkflowSettings,
	type NodeExecutionHint,
	type WorkflowExecuteMode,
} from 'n8n-workflow';

import { createAdditionalData } from './additionalData';
import { CredentialsHelper, type StoredCredential } from './credentials';
import { withEngine, type EngineSettings } from './engine';
import { loadPackage, nodeTypePrefix } from './loadPackage';
import { withLogs, type LogEntry, type Logs } from './logs';
import { NodeTypeRegistry } from './nodeTypeRegistry';
import { retryExecutionData } from './retryExecution';
import { standInNodes } from './standInNodes';

/** A workflow as n8n exports it. */
export interface WorkflowJson {
	nodes: INode[];
	connections: IConnections;
	/** `executionOrder` defaults to `v1`, as for every workflow made today. */
	settings?: IWorkflowSettings;
}

/** What the user typed into a Flux 2 Flex API credential. Any value may be an expression. */
export interface Flux2FlexCredential {
	service?: string;
	apiKey?: string;
	baseUrl?: string;
	webhookSecret?: string;
}

/** How to run a workflow. */
export interface RunOptions extends EngineSettings {
	workflow: WorkflowJson;
	/** Items handed to the start node, which passes them on; default one empty item. */
	input?: INodeExecutionData[];
	/** Name of the node to start from; default the one n8n would start from. */
	startNode?: string;
	/** Selected in every node that asks for this credential type, saved in the JSON or not. */
	credentials?: Flux2FlexCredential;
	/** Credentials of further types, by type name. */
	otherCredentials?: Record<string, StoredCredential>;
	/** Default `manual`, what the editor's "Execute workflow" does; `retry` with `retryOf`. */
	mode?: WorkflowExecuteMode;
	/** Where n8n believes it can be reached: in signed links, say. Default as n8n, localhost. */
	instanceUrl?: string;
	/** Further node types, by full name. Manual Trigger, No Operation and Sticky Note are there. */
	nodeTypes?: Record<string, INodeType | IVersionedNodeType>;
	/** Directory of a built package to load instead of the TypeScript sources. */
	packageDirectory?: string;
	/** A failed run to carry on as "Retry execution" does; `input` and `startNode` are not used. */
	retryOf?: Pick<RunResult, 'runExecutionData'>;
}

/** What came of a run. */
export interface RunResult {
	status: ExecutionStatus;
	/** Why the execution failed or was cancelled. A copy: n8n keeps no error classes. */
	error?: ExecutionError;
	/** Items per output of the node: 0 main, 1 error output. Empty when the node did not run. */
	outputs(nodeName: string, runIndex?: number): INodeExecutionData[][];
	/** Hints the node put on its output panel. n8n drops those of a node that throws. */
	hints(nodeName: string, runIndex?: number): NodeExecutionHint[];
	/** What the nodes wrote through `this.logger`. */
	logs: LogEntry[];
	/** What the engine wrote: node errors with their stacks, among others. */
	engineLogs: LogEntry[];
	/** Everything n8n would save. */
	runExecutionData: IRunExecutionData;
}

/** A run under way. */
export interface WorkflowRun {
	result: Promise<RunResult>;
	/** Cancels as the editor's stop button does. */
	cancel(): void;
}

/** Runs a workflow on n8n's engine and waits for its end. A failed execution is a result, too. */
export async function runWorkflow(options: RunOptions): Promise<RunResult> {
	return await startWorkflow(options).result;
}

/** Starts a workflow on n8n's engine. */
export function startWorkflow(options: RunOptions): WorkflowRun {
	let cancelRequested = false;
	let execution: ReturnType<WorkflowExecute['processRunExecutionData']> | undefined;

	const result = withLogs(
		async (logs) =>
			await withEngine(options, async () => {
				const { workflow, data, execute } = await prepare(options);
				try {
					execution = execute.processRunExecutionData(workflow);
				} catch (error) {
					// n8n refuses to start, for example because a required parameter is empty.
					return toResult(data, 'error', logs, error as ExecutionError);
				}
				if (cancelRequested) execution.cancel();
				const run = await execution;
				return toResult(run.data, run.status, logs);
			}),
	);
	return {
		result,
		cancel() {
			cancelRequested = true;
			execution?.cancel();
		},
	};
}

let executionCount = 0;

async function prepare(options: RunOptions) {
	const { retryOf, input = [{ json: {} }] } = options;
	const mode = options.mode ?? (retryOf ? 'retry' : 'manual');
	const executionId = String(++executionCount);

	const { nodeTypes, credentials } = await collectTypes(options);
	// A copy, because the engine writes into the nodes it runs.
	const { nodes, connections, settings } = deepCopy(options.workflow);
	selectCredentials(nodes, nodeTypes, credentials);
	const workflow = new Workflow({
		id: 'workflow',
		name: 'Workflow',
		nodes,
		connections,
		active: false,
		nodeTypes,
		settings: { executionOrder: 'v1', ...settings },
	});

	const data = retryOf
		? retryExecutionData(retryOf.runExecutionData, workflow)
		: createRunExecutionData({
				executionData: {
					nodeExecutionStack: [
						{ node: findStartNode(workflow, options), data: { main: [input] }, source: null },
					],
				},
			});
	const additionalData = createAdditionalData(
		new CredentialsHelper(credentials),
		options.instanceUrl,
	);
	additionalData.executionId = executionId;
	additionalData.hooks = new ExecutionLifecycleHooks(mode, executionId, {
		id: workflow.id,
		name: 'Workflow',
		nodes,
		connections,
	} as IWorkflowBase);
	return { workflow, data, execute: new WorkflowExecute(additionalData, mode, data) };
}

async function collectTypes(options: RunOptions) {
	const isOurs = ({ type }: INode) => type.startsWith(nodeTypePrefix);
	const ours = options.workflow.nodes.some(isOurs)
		? await loadPackage(options.packageDirectory)
		: { nodeTypes: {}, credentialTypes: {} };

	const credentials: Record<string, StoredCredential> = { ...options.otherCredentials };
	if (options.credentials) {
		for (const [name, type] of Object.entries(ours.credentialTypes)) {
			credentials[name] = { type, data: { ...options.credentials } };
		}
	}
	const nodeTypes = new NodeTypeRegistry({
		...standInNodes,
		...ours.nodeTypes,
		...options.nodeTypes,
	});
	return { nodeTypes, credentials };
}

/** Selects the credentials in the nodes, as one does after importing a workflow. */
function selectCredentials(
	nodes: INode[],
	nodeTypes: NodeTypeRegistry,
	credentials: Record<string, StoredCredential>,
): void {
	for (const node of nodes) {
		const { description } = nodeTypes.getByNameAndVersion(node.type, node.typeVersion);
		for (const { name } of description.credentials ?? []) {
			if (name in credentials) {
				node.credentials = { [name]: { id: name, name }, ...node.credentials };
			}
		}
	}
}

function findStartNode(workflow: Workflow, { startNode }: RunOptions): INode {
	const node = startNode === undefined ? workflow.getStartNode() : workflow.getNode(startNode);
	if (!node) throw new Error(`No node to start from; name it in the option 'startNode'`);
	return node;
}

function toResult(
	data: IRunExecutionData,
	status: ExecutionStatus,
	logs: Logs,
	error = data.resultData.error,
): RunResult {
	const task = (nodeName: string, runIndex = -1) => data.resultData.runData[nodeName]?.at(runIndex);
	return {
		status,
		error,
		outputs(nodeName, runIndex) {
			const output = task(nodeName, runIndex)?.data;
			// A node run by an agent has its items under this name.
			return (output?.main ?? output?.ai_tool ?? []).map((items) => items ?? []);
		},
		hints: (nodeName, runIndex) => task(nodeName, runIndex)?.hints ?? [],
		logs: logs.node,
		engineLogs: logs.engine,
		runExecutionData: data,
	};
}
