import {
	NodeOperationError,
	type IExecuteFunctions,
	type INode,
	type INodeExecutionData,
	type INodeProperties,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';
import { existsSync } from 'node:fs';

import { userFolder } from './environment';
import {
	engineHas,
	passThroughNode,
	readBinary,
	runAsTool,
	runWorkflow,
	storeBinary,
	type WorkflowJson,
} from './index';

// What every test in test/engine would notice, such as expressions, credentials, outputs and cancel,
// is not tested here once more.

const text: INodeProperties = { name: 'text', displayName: 'Text', type: 'string', default: '' };

/** A node type that does what a test wants it to. */
function nodeThat(
	execute: (this: IExecuteFunctions) => Promise<INodeExecutionData[]>,
	description: Partial<INodeTypeDescription> = {},
): INodeType {
	return {
		...passThroughNode('node', description),
		async execute() {
			return [await execute.call(this)];
		},
	};
}

/** Start → Node → Done. */
function workflowWith(node: Partial<INode> = {}): WorkflowJson {
	const at = (name: string, type: string): INode => ({
		id: name,
		name,
		type,
		typeVersion: 1,
		position: [0, 0],
		parameters: {},
	});
	return {
		nodes: [
			at('Start', 'n8n-nodes-base.manualTrigger'),
			{ ...at('Node', 'test.node'), ...node },
			at('Done', 'n8n-nodes-base.noOp'),
		],
		connections: {
			Start: { main: [[{ node: 'Node', type: 'main', index: 0 }]] },
			Node: { main: [[{ node: 'Done', type: 'main', index: 0 }]] },
		},
	};
}

/** A node that fails until it was called a number of times, counting in its context. */
function nodeFailingUntil(succeedsAt: number): INodeType {
	return nodeThat(async function () {
		const context = this.getContext('node');
		const call = Number(context.call ?? 0) + 1;
		const { inMemory } = context;
		Object.assign(context, { call, inMemory: new Map([['call', call]]) });
		if (call < succeedsAt) throw new NodeOperationError(this.getNode(), `Call ${call} failed`);
		const input = this.getInputData()[0]?.json;
		return [{ json: { call, mode: this.getMode(), input, inMemory } as never }];
	});
}

describe('The harness', () => {
	it('leaves the workflow it was given alone', async () => {
		const workflow = workflowWith();
		const before = JSON.stringify(workflow);
		// n8n fills in the default of the parameter.
		const nodeType = passThroughNode('node', { properties: [text] });
		await runWorkflow({ workflow, nodeTypes: { 'test.node': nodeType } });
		expect(JSON.stringify(workflow)).toBe(before);
	});

	it('reports what n8n refuses to start', async () => {
		const strict = passThroughNode('node', { properties: [{ ...text, required: true }] });
		const { status, error } = await runWorkflow({
			workflow: workflowWith(),
			nodeTypes: { 'test.node': strict },
		});
		expect([status, error?.message]).toEqual(['error', expect.stringContaining('issues')]);
	});

	it('says which node type is missing', async () => {
		await expect(runWorkflow({ workflow: workflowWith() })).rejects.toThrow("'test.node'");
	});

	it('keeps what the engine logs of a failed node', async () => {
		const { engineLogs } = await runWorkflow({
			workflow: workflowWith(),
			nodeTypes: { 'test.node': nodeFailingUntil(2) },
		});
		// Later versions write it as an error, earlier ones as a line of their own with the error in it.
		expect(JSON.stringify(engineLogs)).toContain('NodeOperationError: Call 1 failed');
	});

	it('stores files in a folder of its own', async () => {
		const bytes = Buffer.from('some bytes');
		const binary = await storeBinary(bytes, { mimeType: 'image/png' });
		expect(binary.id).toMatch(/^filesystem-v2:/);
		expect(existsSync(userFolder)).toBe(true);
		expect(await readBinary(binary)).toEqual(bytes);
	});

	it('keeps logs and hints of runs side by side apart, and takes one engine setting at a time', async () => {
		const talkative = nodeThat(async function () {
			const { name } = this.getInputData()[0]!.json;
			this.logger.debug('Hello', { name });
			this.addExecutionHints({ message: `Hint for ${String(name)}` });
			return [];
		});
		const run = async (name: string, binaryMode?: 'default') =>
			await runWorkflow({
				workflow: workflowWith(),
				input: [{ json: { name } }],
				nodeTypes: { 'test.node': talkative },
				binaryMode,
			});
		const running = Promise.all([run('a'), run('b')]);
		await expect(run('c', 'default')).rejects.toThrow('Other work is still using the engine');
		expect((await running).map((result) => [result.logs, result.hints('Node')])).toEqual(
			['a', 'b'].map((name) => [
				[{ level: 'debug', message: 'Hello', metadata: { name } }],
				[{ message: `Hint for ${name}` }],
			]),
		);
	});
});

describe('Retry execution', () => {
	const options = {
		workflow: workflowWith(),
		input: [{ json: { name: 'a' } }],
		nodeTypes: { 'test.node': nodeFailingUntil(2) },
	};

	it('carries on with input and context of the failed run, without what cannot be saved', async () => {
		const failed = await runWorkflow(options);
		expect(failed.error?.message).toBe('Call 1 failed');
		const retried = await runWorkflow({ ...options, input: [], retryOf: failed });
		expect(retried.status).toBe('success');
		expect(retried.error).toBeUndefined();
		expect(retried.outputs('Done')[0]?.map(({ json }) => json)).toEqual([
			{ call: 2, mode: 'retry', input: { name: 'a' }, inMemory: {} },
		]);
	});

	it('uses the workflow as it is now', async () => {
		const nodeTypes = { 'test.node': nodeFailingUntil(9) };
		const failed = await runWorkflow({ ...options, nodeTypes });
		const workflow = workflowWith({ onError: 'continueRegularOutput' });
		const retried = await runWorkflow({ workflow, nodeTypes, retryOf: failed });
		expect(retried.status).toBe('success');
	});
});

describe('A node as the tool of an agent', () => {
	const tool = nodeThat(
		async function () {
			const isTool = engineHas('toolExecution') ? this.isToolExecution() : undefined;
			const { type } = this.getNode();
			return [{ json: { text: this.getNodeParameter('text', 0) as string, isTool, type } }];
		},
		{ usableAsTool: true, properties: [text] },
	);
	const call = async (caller: 'engine' | 'agent', nodeType: INodeType) =>
		await runAsTool({
			nodeType: 'test.node',
			nodeTypes: { 'test.node': nodeType },
			parameters: { text: "={{ $fromAI('text', 'What to say') }}", toolDescription: 'Says it' },
			arguments: { text: 'hello' },
			caller,
		});

	it.each([
		['engine', false],
		['agent', true],
	] as const)('answers when the %s calls it', async (caller, isTool) => {
		const { response } = await call(caller, tool);
		expect(JSON.parse(response!)).toEqual([
			{ text: 'hello', ...(engineHas('toolExecution') && { isTool }), type: 'test.nodeTool' },
		]);
	});

	it('is refused where the node cannot be used as one', async () => {
		await expect(call('engine', passThroughNode('node'))).rejects.toThrow(
			'cannot be used as a tool',
		);
	});
});
