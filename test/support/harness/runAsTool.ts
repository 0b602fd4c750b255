import type {
	EngineResponse,
	IDataObject,
	IExecuteFunctions,
	INode,
	INodeParameters,
	INodeType,
	ITaskData,
} from 'n8n-workflow';

import { nodeTypePrefix } from './loadPackage';
import { runWorkflow, type RunOptions, type RunResult } from './runWorkflow';
import { passThroughNode } from './standInNodes';

/** How an agent calls the node as its tool. */
export interface ToolRunOptions extends Omit<RunOptions, 'workflow' | 'startNode'> {
	/** Parameters of the tool node; those the model fills in are `={{ $fromAI('key') }}`. */
	parameters: INodeParameters;
	/** What the model fills in, by key. */
	arguments?: IDataObject;
	/** Further settings of the tool node, such as `retryOnFail`. */
	node?: Partial<INode>;
	/** Full name of the node type without `Tool`; default Flux 2 Flex. */
	nodeType?: string;
	/**
	 * Who calls:
	 * - `engine` (default): the AI Agent node since its version 3. It asks the engine to run the
	 *   tool node, so the node runs as every other node does and `isToolExecution()` is **false**.
	 * - `agent`: older agents, the MCP server and the editor's "Execute step". They call the tool
	 *   themselves, and `isToolExecution()` is true.
	 */
	caller?: 'engine' | 'agent';
}

/** What came of a tool call. */
export interface ToolRunResult extends RunResult {
	/** The text the model gets to read; undefined when the agent failed with its tool. */
	response?: string;
}

/** Name of the tool node in the workflow that {@link runAsTool} runs. */
export const toolNodeName = 'Tool';

const agentType = 'harness.agent';

/** Calls a node as the tool of an AI agent, on n8n's engine. */
export async function runAsTool(options: ToolRunOptions): Promise<ToolRunResult> {
	const { parameters, nodeType = `${nodeTypePrefix}flux2Flex`, caller = 'engine' } = options;
	const toolArguments = options.arguments ?? {};
	const node = (name: string, type: string, further: Partial<INode> = {}): INode => ({
		id: name,
		name,
		type,
		typeVersion: 1,
		position: [0, 0],
		parameters: {},
		...further,
	});
	const result = await runWorkflow({
		...options,
		workflow: {
			nodes: [
				node('Start', 'n8n-nodes-base.manualTrigger'),
				node('Agent', agentType),
				node(toolNodeName, `${nodeType}Tool`, { ...options.node, parameters }),
			],
			connections: {
				Start: { main: [[{ node: 'Agent', type: 'main', index: 0 }]] },
				[toolNodeName]: { ai_tool: [[{ node: 'Agent', type: 'ai_tool', index: 0 }]] },
			},
		},
		nodeTypes: {
			...options.nodeTypes,
			[agentType]: agentNode(
				caller === 'engine' ? askEngine(toolArguments) : callTool(toolArguments),
			),
		},
	});
	const response = result.outputs('Agent')[0]?.[0]?.json.response;
	return { ...result, response: response as string | undefined };
}

/** An agent that calls its tool once and returns what the tool answered. */
function agentNode(execute: INodeType['execute']): INodeType {
	const { description } = passThroughNode('agent', { inputs: ['main', 'ai_tool'] });
	return { description, execute };
}

function askEngine(toolArguments: IDataObject): INodeType['execute'] {
	return async function (response?: EngineResponse) {
		const answer = response?.actionResponses[0]?.data;
		if (answer !== undefined) return [[{ json: { response: observation(answer) } }]];
		return {
			actions: [
				{
					actionType: 'ExecutionNodeAction',
					nodeName: toolNodeName,
					input: toolArguments,
					type: 'ai_tool',
					id: 'call-1',
					metadata: { itemIndex: 0 },
				},
			],
			metadata: {},
		};
	};
}

/** What the AI Agent tells its model, see `buildObservation` in n8n's `agent-execution`. */
function observation({ data, error }: ITaskData): string {
	const answers = data?.ai_tool?.[0]?.map(({ json }) => json) ?? [];
	if (answers.length > 0) return JSON.stringify(answers);
	if (error) return JSON.stringify({ error: error.message, errorType: error.name });
	return JSON.stringify('');
}

/** The part of LangChain's `StructuredTool` an agent uses. */
interface Tool {
	invoke(toolArguments: IDataObject): Promise<string>;
}

function callTool(toolArguments: IDataObject): INodeType['execute'] {
	return async function (this: IExecuteFunctions) {
		const [tool] = (await this.getInputConnectionData('ai_tool', 0)) as Tool[];
		return [[{ json: { response: await tool!.invoke(toolArguments) } }]];
	};
}
