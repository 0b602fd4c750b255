import {
	NodeOperationError,
	type ICredentialType,
	type IExecuteFunctions,
	type INode,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { userFolder } from './environment';
import {
	engineHas,
	onlyWith,
	passThroughNode,
	readBinary,
	readSignedBinary,
	runAsTool,
	runWorkflow,
	startWorkflow,
	storeBinary,
	testCredential,
	toolNodeName,
	type WorkflowJson,
} from './index';

type Execute = (this: IExecuteFunctions) => Promise<INodeExecutionData[]>;

/** A node type that does what a test wants it to. */
function nodeThat(execute: Execute, description: Partial<INodeTypeDescription> = {}): INodeType {
	return {
		...passThroughNode('node', description),
		async execute() {
			return [await execute.call(this)];
		},
	};
}

/** Start → Node → Done, and Failed on the error output. */
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
			at('Failed', 'n8n-nodes-base.noOp'),
		],
		connections: {
			Start: { main: [[{ node: 'Node', type: 'main', index: 0 }]] },
			Node: {
				main: [
					[{ node: 'Done', type: 'main', index: 0 }],
					[{ node: 'Failed', type: 'main', index: 0 }],
				],
			},
		},
	};
}

const json = (items: INodeExecutionData[] | undefined) => items?.map((item) => item.json);

describe('The harness, running a workflow,', () => {
	const echo = nodeThat(
		async function () {
			return this.getInputData().map((_, item) => ({
				json: { text: this.getNodeParameter('text', item) as string },
				pairedItem: { item },
			}));
		},
		{ properties: [{ name: 'text', displayName: 'Text', type: 'string', default: '' }] },
	);

	it('runs every node and resolves expressions per item', async () => {
		const result = await runWorkflow({
			workflow: workflowWith({
				parameters: { text: '={{ $json.name }} from {{ $("Start").item.json.name }}' },
			}),
			input: [{ json: { name: 'a' } }, { json: { name: 'b' } }],
			nodeTypes: { 'test.node': echo },
		});

		expect(result.status).toBe('success');
		expect(result.error).toBeUndefined();
		expect(json(result.outputs('Done')[0])).toEqual([{ text: 'a from a' }, { text: 'b from b' }]);
		expect(result.outputs('Failed')).toEqual([]);
	});

	it('leaves the workflow it was given alone', async () => {
		const workflow = workflowWith();
		const before = JSON.stringify(workflow);
		await runWorkflow({ workflow, nodeTypes: { 'test.node': echo } });
		expect(JSON.stringify(workflow)).toBe(before);
	});

	it('reports what n8n refuses to start', async () => {
		const strict = nodeThat(async () => [], {
			properties: [
				{ name: 'text', displayName: 'Text', type: 'string', default: '', required: true },
			],
		});
		const result = await runWorkflow({
			workflow: workflowWith(),
			nodeTypes: { 'test.node': strict },
		});
		expect(result.status).toBe('error');
		expect(result.error?.message).toContain('issues');
	});

	it('says which node type is missing', async () => {
		await expect(runWorkflow({ workflow: workflowWith() })).rejects.toThrow("'test.node'");
	});
});

describe('The harness, when a node fails,', () => {
	const picky = nodeThat(async function () {
		return this.getInputData().map(({ json: { ok } }, item) => {
			if (ok) return { json: { ok }, pairedItem: { item } };
			const error = new NodeOperationError(this.getNode(), `Item ${item} is bad`);
			if (!this.continueOnFail()) throw error;
			return { json: {}, error, pairedItem: { item } };
		});
	});
	const run = async (onError: INode['onError']) =>
		await runWorkflow({
			workflow: workflowWith({ onError }),
			input: [{ json: { ok: true } }, { json: { ok: false } }],
			nodeTypes: { 'test.node': picky },
		});

	it('sends failed items down the error output', async () => {
		const result = await run('continueErrorOutput');
		expect(result.status).toBe('success');
		expect(json(result.outputs('Done')[0])).toEqual([{ ok: true }]);
		expect(json(result.outputs('Failed')[0])).toEqual([{ error: 'Item 1 is bad' }]);
		expect(result.outputs('Node').map(({ length }) => length)).toEqual([1, 1]);
	});

	it('keeps failed items among the others where the node says so', async () => {
		const result = await run('continueRegularOutput');
		expect(json(result.outputs('Done')[0])).toEqual([{ ok: true }, { error: 'Item 1 is bad' }]);
	});

	it('stops the workflow where the node says so', async () => {
		const result = await run('stopWorkflow');
		expect(result.status).toBe('error');
		expect(result.error?.message).toBe('Item 1 is bad');
		expect(result.outputs('Done')).toEqual([]);
		// Later versions write it as an error, earlier ones as a line of their own with the error in it.
		expect(JSON.stringify(result.engineLogs)).toContain('NodeOperationError: Item 1 is bad');
	});
});

/** A node that fails until it was called a number of times, counting in its context. */
function nodeFailingUntil(succeedsAt: number): INodeType {
	return nodeThat(async function () {
		const context = this.getContext('node');
		const call = Number(context.call ?? 0) + 1;
		context.call = call;
		context.inMemory = new Map([['call', call]]);
		if (call < succeedsAt) throw new NodeOperationError(this.getNode(), `Call ${call} failed`);
		return [{ json: { call, mode: this.getMode(), input: this.getInputData()[0]?.json } }];
	});
}

describe('Retry On Fail', () => {
	it('runs the node again with the same context', async () => {
		const result = await runWorkflow({
			workflow: workflowWith({ retryOnFail: true, maxTries: 3, waitBetweenTries: 1 }),
			nodeTypes: { 'test.node': nodeFailingUntil(3) },
		});
		expect(result.status).toBe('success');
		expect(result.outputs('Done')[0]?.[0]?.json.call).toBe(3);
	});
});

describe('Retry execution', () => {
	it('carries on with the context and the input of the failed run', async () => {
		const options = {
			workflow: workflowWith(),
			input: [{ json: { name: 'a' } }],
			nodeTypes: { 'test.node': nodeFailingUntil(2) },
		};
		const failed = await runWorkflow(options);
		expect(failed.error?.message).toBe('Call 1 failed');

		const retried = await runWorkflow({ ...options, input: [], retryOf: failed });
		expect(retried.status).toBe('success');
		expect(retried.error).toBeUndefined();
		expect(json(retried.outputs('Done')[0])).toEqual([
			{ call: 2, mode: 'retry', input: { name: 'a' } },
		]);
		expect(json(retried.outputs('Start')[0])).toEqual([{ name: 'a' }]);
	});

	it('loses what cannot be saved', async () => {
		const failed = await runWorkflow({
			workflow: workflowWith(),
			nodeTypes: { 'test.node': nodeFailingUntil(9) },
		});
		let carriedOver: unknown;
		await runWorkflow({
			workflow: workflowWith(),
			retryOf: failed,
			nodeTypes: {
				'test.node': nodeThat(async function () {
					carriedOver = this.getContext('node').inMemory;
					return [];
				}),
			},
		});
		expect(carriedOver).toEqual({});
	});

	it('uses the workflow as it is now', async () => {
		const failed = await runWorkflow({
			workflow: workflowWith(),
			nodeTypes: { 'test.node': nodeFailingUntil(9) },
		});
		const retried = await runWorkflow({
			workflow: workflowWith({ onError: 'continueRegularOutput' }),
			nodeTypes: { 'test.node': nodeFailingUntil(9) },
			retryOf: failed,
		});
		expect(retried.status).toBe('success');
	});
});

describe('Cancelling a run', () => {
	/** A node that waits for its cancellation, and a promise for the moment it starts to. */
	function hangingNode() {
		let tellStarted: () => void;
		const started = new Promise<void>((resolve) => (tellStarted = resolve));
		const nodeType = nodeThat(async function () {
			const signal = this.getExecutionCancelSignal()!;
			tellStarted();
			if (!signal.aborted) {
				await new Promise((resolve) => signal.addEventListener('abort', resolve));
			}
			throw new NodeOperationError(this.getNode(), 'The execution was canceled');
		});
		return { nodeType, started };
	}

	it('aborts the node that is under way', async () => {
		const { nodeType, started } = hangingNode();
		const run = startWorkflow({ workflow: workflowWith(), nodeTypes: { 'test.node': nodeType } });
		await started;
		run.cancel();

		const result = await run.result;
		expect(result.status).toBe('canceled');
		expect(result.outputs('Done')).toEqual([]);
	});

	it('works before the workflow has started', async () => {
		const { nodeType } = hangingNode();
		const run = startWorkflow({ workflow: workflowWith(), nodeTypes: { 'test.node': nodeType } });
		run.cancel();
		expect((await run.result).status).toBe('canceled');
	});
});

describe.each(['default', 'filesystem'] as const)('Binary data in mode %s', (binaryMode) => {
	it('goes into a node and comes out of it unchanged', async () => {
		const bytes = Buffer.from('some bytes');
		let link = '';
		const result = await runWorkflow({
			workflow: workflowWith(),
			binaryMode,
			instanceUrl: 'https://n8n.example',
			input: [
				{
					json: {},
					binary: {
						data: await storeBinary(bytes, {
							mimeType: 'image/png',
							fileName: 'in.png',
							binaryMode,
						}),
					},
				},
			],
			nodeTypes: {
				'test.node': nodeThat(async function () {
					const { fileName, mimeType } = this.helpers.assertBinaryData(0, 'data');
					const read = await this.helpers.getBinaryDataBuffer(0, 'data');
					const binary = await this.helpers.prepareBinaryData(read, 'out.png', 'image/png');
					if (binaryMode === 'filesystem') {
						link = this.helpers.createBinarySignedUrl(binary, '1 hour');
					}
					return [{ json: { fileName, mimeType }, binary: { data: binary } }];
				}),
			},
		});

		const item = result.outputs('Done')[0]?.[0];
		const binary = item!.binary!.data!;
		expect(item?.json).toEqual({ fileName: 'in.png', mimeType: 'image/png' });
		expect(binary).toMatchObject({ fileName: 'out.png', fileExtension: 'png' });
		expect(await readBinary(binary)).toEqual(bytes);
		expect(binary.id === undefined).toBe(binaryMode === 'default');
		if (binaryMode === 'filesystem') {
			expect(binary.id).toMatch(/^filesystem-v2:/);
			expect(link).toMatch(/^https:\/\/n8n\.example\/rest\//);
			expect(await readSignedBinary(link)).toEqual(bytes);
			expect(existsSync(userFolder)).toBe(true);
		}
	});
});

describe('Towards a server,', () => {
	let server: Server;
	let baseUrl: string;
	let requests: IncomingMessage[];

	beforeAll(async () => {
		server = createServer((request, response) => {
			requests.push(request);
			const authorized = request.headers.authorization === 'Bearer good-key';
			response.writeHead(authorized ? 200 : 401, { 'content-type': 'application/json' });
			response.end(JSON.stringify({ path: request.url, banned: request.url === '/banned' }));
		});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	});
	beforeEach(() => {
		requests = [];
	});
	afterAll(async () => {
		server.closeAllConnections();
		await new Promise((resolve) => server.close(resolve));
	});

	const credentialType: ICredentialType = {
		name: 'testApi',
		displayName: 'Test API',
		properties: [
			{ name: 'apiKey', displayName: 'API Key', type: 'string', default: '' },
			{ name: 'path', displayName: 'Path', type: 'string', default: '/default' },
			{ name: 'url', displayName: 'URL', type: 'string', default: '' },
		],
		authenticate: {
			type: 'generic',
			properties: { headers: { Authorization: '=Bearer {{ $credentials.apiKey }}' } },
		},
		test: {
			request: { baseURL: '={{ $credentials.url }}', url: '={{ $credentials.path }}' },
			rules: [
				{ type: 'responseCode', properties: { value: 401, message: 'The key is wrong' } },
				{
					type: 'responseSuccessBody',
					properties: { key: 'banned', value: true, message: 'The account is banned' },
				},
			] as never,
		},
	};
	const caller = nodeThat(
		async function () {
			const { path } = await this.getCredentials('testApi', 0);
			const url = `${baseUrl}${String(path)}`;
			return [
				{
					json: (await this.helpers.httpRequestWithAuthentication.call(this, 'testApi', {
						url,
					})) as INodeExecutionData['json'],
				},
			];
		},
		{ credentials: [{ name: 'testApi', required: true }] },
	);
	const callerOptions = (data: Record<string, string>) => ({
		workflow: workflowWith(),
		nodeTypes: { 'test.node': caller },
		otherCredentials: { testApi: { type: credentialType, data } },
	});

	describe('a credential', () => {
		it('authenticates a request', async () => {
			const result = await runWorkflow(callerOptions({ apiKey: 'good-key' }));
			expect(result.error).toBeUndefined();
			expect(json(result.outputs('Done')[0])).toEqual([{ path: '/default', banned: false }]);
			expect(requests).toHaveLength(1);
		});

		it('has its expressions resolved against the item', async () => {
			const result = await runWorkflow({
				...callerOptions({ apiKey: '={{ $json.key }}', path: '={{ "/" + $json.name }}' }),
				input: [{ json: { key: 'good-key', name: 'a' } }],
			});
			expect(json(result.outputs('Done')[0])).toEqual([{ path: '/a', banned: false }]);
		});

		it('signs requests with the token of the type it extends', async () => {
			const field = (name: string, value: string) =>
				({ name, displayName: name, type: 'hidden', default: value }) as const;
			const oAuth2Api: ICredentialType = {
				name: 'oAuth2Api',
				displayName: 'OAuth2 API',
				properties: [field('grantType', 'authorizationCode'), field('path', '/parent')],
			};
			const type: ICredentialType = {
				name: 'testApi',
				displayName: 'Test API',
				extends: ['oAuth2Api'],
				properties: [field('path', '/child')],
			};
			const oauthTokenData = { access_token: 'good-key', token_type: 'Bearer' };
			const result = await runWorkflow({
				...callerOptions({}),
				otherCredentials: { testApi: { type, parentTypes: [oAuth2Api], data: { oauthTokenData } } },
			});
			expect(result.error).toBeUndefined();
			expect(json(result.outputs('Done')[0])).toEqual([{ path: '/child', banned: false }]);
		});

		it('fails the node as in n8n when none is selected', async () => {
			const result = await runWorkflow({ ...callerOptions({}), otherCredentials: {} });
			expect(result.error?.message).toContain('Node does not have any credentials set');
		});
	});

	describe('the test of a credential', () => {
		const test = async (data: Record<string, string>) =>
			await testCredential({ url: baseUrl, ...data }, { credentialType });

		it('passes with a good key', async () => {
			expect(await test({ apiKey: '={{ "good" + "-key" }}' })).toEqual({
				status: 'OK',
				message: 'Connection successful!',
			});
			expect(requests.map(({ url }) => url)).toEqual(['/default']);
		});

		it('fails by a rule on the body of the answer', async () => {
			expect(await test({ apiKey: 'good-key', path: '/banned' })).toEqual({
				status: 'Error',
				message: 'The account is banned',
			});
		});

		onlyWith('errorCauses', () => {
			it.each([
				['of a rule on the status', { apiKey: 'bad' }, 'The key is wrong'],
				['of the network', { url: 'http://127.0.0.1:1' }, 'ECONNREFUSED'],
			])('says, on failure, the words %s', async (_, data, message) => {
				expect(await test(data)).toEqual({ status: 'Error', message });
			});
		});

		onlyWith('ssrfProtection', () => {
			it('obeys the protection against server-side request forgery', async () => {
				const result = await testCredential(
					{ url: baseUrl },
					{ credentialType, ssrfProtection: true },
				);
				expect(result.status).toBe('Error');
				expect(requests).toHaveLength(0);
			});
		});
	});

	onlyWith('ssrfProtection', () => {
		describe('the protection against server-side request forgery', () => {
			it('blocks local addresses', async () => {
				const result = await runWorkflow({
					...callerOptions({ apiKey: 'good-key' }),
					ssrfProtection: true,
				});
				expect(result.status).toBe('error');
				expect(requests).toHaveLength(0);
			});

			it('lets allowed addresses pass', async () => {
				const result = await runWorkflow({
					...callerOptions({ apiKey: 'good-key' }),
					ssrfProtection: { allowedIpRanges: ['127.0.0.1/32'] },
				});
				expect(result.status).toBe('success');
			});
		});
	});
});

describe('What a node tells', () => {
	const talkative = nodeThat(async function () {
		const { name } = this.getInputData()[0]!.json;
		this.logger.debug('Hello', { name });
		this.addExecutionHints({ message: `Hint for ${String(name)}` });
		return [];
	});
	const run = async (name: string) =>
		await runWorkflow({
			workflow: workflowWith(),
			input: [{ json: { name } }],
			nodeTypes: { 'test.node': talkative },
		});

	it('is kept per run, also of runs side by side', async () => {
		const results = await Promise.all([run('a'), run('b')]);
		expect(results.map(({ logs }) => logs)).toEqual([
			[{ level: 'debug', message: 'Hello', metadata: { name: 'a' } }],
			[{ level: 'debug', message: 'Hello', metadata: { name: 'b' } }],
		]);
		expect(results.map((result) => result.hints('Node'))).toEqual([
			[{ message: 'Hint for a' }],
			[{ message: 'Hint for b' }],
		]);
	});

	it('needs an engine with one setting at a time', async () => {
		const first = run('a');
		await expect(runWorkflow({ workflow: workflowWith(), binaryMode: 'default' })).rejects.toThrow(
			'Other work is still using the engine',
		);
		await first;
	});
});

describe('A node as the tool of an agent', () => {
	let calls: number;
	const tool = nodeThat(
		async function () {
			calls++;
			if (this.getNodeParameter('text', 0) === 'bad' || calls < 2) {
				throw new NodeOperationError(this.getNode(), 'Bad text');
			}
			return [
				{
					json: {
						text: this.getNodeParameter('text', 0) as string,
						...(engineHas('toolExecution') && { isTool: this.isToolExecution() }),
						nodeType: this.getNode().type,
					},
				},
			];
		},
		{
			usableAsTool: true,
			properties: [{ name: 'text', displayName: 'Text', type: 'string', default: '' }],
		},
	);
	const options = (text: string) => ({
		nodeType: 'test.node',
		nodeTypes: { 'test.node': tool },
		parameters: { text: "={{ $fromAI('text', 'What to say') }}", toolDescription: 'Says it' },
		arguments: { text },
	});
	const retry = { node: { retryOnFail: true, maxTries: 2, waitBetweenTries: 1 } };

	beforeEach(() => {
		calls = 0;
	});

	it.each([
		['engine', false],
		['agent', true],
	] as const)('answers when the %s calls it', async (caller, isTool) => {
		const result = await runAsTool({ ...options('hello'), ...retry, caller });
		expect(result.error).toBeUndefined();
		expect(JSON.parse(result.response!)).toEqual([
			{
				text: 'hello',
				...(engineHas('toolExecution') && { isTool }),
				nodeType: 'test.nodeTool',
			},
		]);
		expect(calls).toBe(2);
		expect(result.outputs(toolNodeName)[0]).toHaveLength(1);
	});

	it('tells of an error: the model, or with an earlier n8n the user', async () => {
		const { response, error } = await runAsTool(options('bad'));
		expect(response ?? error?.message).toContain('Bad text');
	});

	it('fails an agent that calls by itself', async () => {
		const result = await runAsTool({ ...options('bad'), caller: 'agent' });
		expect(result.response).toBeUndefined();
		expect(result.error?.message).toContain('Bad text');
	});

	it('is refused where the node cannot be used as one', async () => {
		await expect(
			runAsTool({ ...options('hello'), nodeTypes: { 'test.node': passThroughNode('node') } }),
		).rejects.toThrow('cannot be used as a tool');
	});
});

describe('A built package', () => {
	let directory: string;

	beforeAll(() => {
		directory = mkdtempSync(join(tmpdir(), 'n8n-harness-package-'));
		writeFileSync(
			join(directory, 'package.json'),
			JSON.stringify({
				name: 'n8n-nodes-flux-2-flex',
				version: '1.0.0',
				n8n: { nodes: ['Built.node.js'], credentials: ['BuiltApi.credentials.js'] },
			}),
		);
		writeFileSync(
			join(directory, 'Built.node.js'),
			`exports.Built = class {
				constructor() {
					this.description = {
						name: 'built', displayName: 'Built', version: 1, group: [], description: '',
						defaults: { name: 'Built' }, inputs: ['main'], outputs: ['main'], properties: [],
						credentials: [{ name: 'builtApi', required: true }],
					};
				}
				async execute() {
					return [[{ json: await this.getCredentials('builtApi') }]];
				}
			};`,
		);
		writeFileSync(
			join(directory, 'BuiltApi.credentials.js'),
			`exports.BuiltApi = class {
				name = 'builtApi';
				displayName = 'Built API';
				properties = [
					{ name: 'apiKey', displayName: 'API Key', type: 'string', default: '' },
					{ name: 'service', displayName: 'Service', type: 'string', default: 'novita' },
				];
			};`,
		);
	});
	afterAll(() => rmSync(directory, { recursive: true }));

	it('is loaded as n8n loads it', async () => {
		const result = await runWorkflow({
			workflow: workflowWith({ type: 'n8n-nodes-flux-2-flex.built' }),
			packageDirectory: directory,
			credentials: { apiKey: 'key' },
		});
		expect(result.error).toBeUndefined();
		expect(json(result.outputs('Done')[0])).toEqual([{ apiKey: 'key', service: 'novita' }]);
	});
});
