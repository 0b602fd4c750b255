import nock from 'nock';

import { sleep, type IDataObject, type INodeType } from 'n8n-workflow';

import { passThroughNode, runWorkflow } from '../support/harness';
import { dataUri, file, formats } from './images';
import {
	apiKey,
	binaryModes,
	failureOf,
	fluxNode,
	prompts,
	run,
	runWell,
	start,
	until,
	useSimulator,
	withoutBackOff,
	workflow,
	type Outcome,
	type Variant,
} from './workflows';

const simulator = useSimulator({ apiKeys: [apiKey, 'the-next-key'] });
withoutBackOff();

const retryOnFail = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };

const variant = (more: Variant = {}): Variant => ({ credentials: simulator.credentials, ...more });

/** Enough failures of one call for one try of the node, and none for the next. */
function failOneTry(call: 'poll' | 'download') {
	if (call === 'poll') {
		const body = { reason: 'FEATURE_NOT_ALLOWED' };
		simulator.faults.add({ call, fault: { kind: 'status', status: 403, body } });
	} else {
		simulator.faults.add({ call, times: 4, fault: { kind: 'status', status: 500 } });
	}
}

/** What the node remembers after a run. */
function memoryOf({ runExecutionData }: Outcome): unknown[] {
	const context = runExecutionData.executionData?.contextData[`node:${fluxNode}`] ?? {};
	return Object.values(context as IDataObject).flatMap((value) => Object.values(value as object));
}

describe('Retry On Fail', () => {
	describe.each(binaryModes)('in binary mode %s', (binaryMode) => {
		it.each(['poll', 'download'] as const)(
			'picks up the tasks of all items, and the files they edit, after a failed %s',
			async (call) => {
				failOneTry(call);
				const names = ['one', 'two', 'three'];
				const data = await file(formats.png.bytes, binaryMode);
				const { items } = await runWell(
					'submitAndWait',
					variant({
						binaryMode,
						node: retryOnFail,
						input: prompts(...names).map((item) => ({ ...item, binary: { data } })),
						parameters: { images: { image: [{ source: 'binary' }] } },
					}),
				);
				expect(simulator.count('submit')).toBe(3);
				expect(simulator.paidPrompts().sort()).toEqual(['one', 'three', 'two']);
				for (const { images } of simulator.bodies()) expect(images).toEqual([dataUri('png')]);
				const idOf = (prompt: string) => simulator.tasks.find((task) => task.prompt === prompt)?.id;
				expect(items).toMatchObject(
					names.map((name, item) => ({
						json: { task_id: idOf(name), status: 'succeeded' },
						binary: { data: { mimeType: 'image/png' } },
						pairedItem: { item },
					})),
				);
			},
		);
	});

	it('of Submit does not submit again what was accepted', async () => {
		// Submits leave in order: the second one is refused in the first try.
		simulator.faults.add({
			call: 'submit',
			skip: 1,
			fault: { kind: 'status', status: 403, body: { reason: 'NOT_ENOUGH_BALANCE' } },
		});
		const { json } = await runWell(
			'submit',
			variant({ node: retryOnFail, input: prompts('one', 'two', 'three') }),
		);
		expect(simulator.paidPrompts().sort()).toEqual(['one', 'three', 'two']);
		expect(new Set(json.map(({ task_id }) => task_id)).size).toBe(3);
	});
});

describe('"Retry execution"', () => {
	/** A run whose item fails after it was paid for. */
	async function failed(more: Variant = {}) {
		failOneTry('poll');
		const result = await run('submitAndWait', variant(more));
		failureOf(result);
		return result;
	}

	it.each(binaryModes)(
		'picks the task up, again and again, in binary mode %s',
		async (binaryMode) => {
			const first = await failed({ binaryMode });
			const second = await failed({ binaryMode, retryOf: first });
			const { json, items } = await runWell(
				'submitAndWait',
				variant({ binaryMode, retryOf: second }),
			);
			expect(simulator.count('submit')).toBe(1);
			expect(json).toMatchObject([{ task_id: simulator.tasks[0]?.id, status: 'succeeded' }]);
			expect(items[0]?.binary).toHaveProperty('data');
		},
	);

	it('picks it up when the key was changed', async () => {
		const retryOf = await failed();
		const credentials = { ...simulator.credentials, apiKey: 'the-next-key' };
		await runWell('submitAndWait', { credentials, retryOf });
		expect(simulator.count('submit')).toBe(1);
	});

	it('pays for a prompt that was edited', async () => {
		const retryOf = await failed();
		const parameters = { prompt: 'another one' };
		const { json } = await runWell('submitAndWait', variant({ parameters, retryOf }));
		expect(simulator.tasks).toHaveLength(2);
		expect(json).toMatchObject([{ task_id: simulator.tasks[1]?.id }]);
	});

	it('works after a cancel', async () => {
		const running = start('submitAndWait', {
			credentials: simulator.credentials,
			input: prompts('one'),
			parameters: { options: { pollingInterval: 60 } },
		});
		await until(() => simulator.requests[0]?.status === 200);
		await sleep(50);
		running.cancel();
		const canceled = await running.result;
		expect(canceled.status).toBe('canceled');
		const { json } = await runWell('submitAndWait', {
			credentials: simulator.credentials,
			retryOf: canceled,
		});
		expect(simulator.count('submit')).toBe(1);
		expect(json).toMatchObject([{ task_id: simulator.tasks[0]?.id }]);
	});
});

describe.each(['submit', 'submitAndWait'] as const)(
	'A submit of %s whose answer is lost',
	(name) => {
		it('is not sent again by Retry On Fail, while the others go on', async () => {
			simulator.faults.add({ call: 'submit', fault: { kind: 'resetBeforeReply' } });
			const { message, description, itemIndex } = failureOf(
				await run(name, variant({ input: prompts('one', 'two'), node: retryOnFail })),
			);
			expect(message).toMatch(/may exist at Novita AI and be billed.*item 0/);
			expect(description).toContain("'Resubmit Unconfirmed'");
			expect(itemIndex).toBe(0);
			expect(simulator.count('submit')).toBe(2);
			expect(simulator.paidPrompts().sort()).toEqual(['one', 'two']);
			const other = simulator.tasks.find(({ prompt }) => prompt === 'two');
			expect(description).toContain(other?.id);
		});

		it('is sent again by "Retry execution" only where that is asked for', async () => {
			simulator.faults.add({ call: 'submit', fault: { kind: 'resetBeforeReply' } });
			const first = await run(name, variant());
			const second = await run(name, variant({ retryOf: first }));
			expect(failureOf(second).message).toContain('may exist');
			expect(simulator.count('submit')).toBe(1);

			const parameters = { options: { resubmitUnconfirmed: true } };
			await runWell(name, variant({ retryOf: second, parameters }));
			expect(simulator.count('submit')).toBe(2);
		});
	},
);

describe('A submit', () => {
	afterEach(() => nock.cleanAll());
	afterAll(() => nock.restore());

	const credentials = { service: 'novita', apiKey: 'recorded-key' };
	const submits = () => nock('https://api.novita.ai').post('/v3/async/flux-2-flex');
	const failing = (code: string) => Object.assign(new Error('no way'), { code });

	it.each(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'])(
		'that never left, because of %s, is sent again',
		async (code) => {
			submits().twice().replyWithError(failing(code));
			submits().reply(200, { task_id: 'task-1' });
			expect((await runWell('submit', { credentials })).json).toEqual([{ task_id: 'task-1' }]);
			expect(nock.pendingMocks()).toEqual([]);
		},
	);

	it.each(['ECONNRESET', 'ETIMEDOUT', 'ECONNABORTED', 'EPIPE'])(
		'that broke off on the way, with %s, is not',
		async (code) => {
			submits().replyWithError(failing(code));
			expect(failureOf(await run('submit', { credentials })).message).toContain('may exist');
		},
	);
});

describe('The memory of paid tasks', () => {
	it('is empty once a run has ended well, on the error output, too', async () => {
		const input = prompts('one', 'two [fail]', '');
		expect(memoryOf(await runWell('errorOutput', variant({ input })))).toEqual([]);
		expect(memoryOf(await runWell('submit', variant()))).toEqual([]);
	});

	it('does not make one of two rounds of a loop', async () => {
		let rounds = 0;
		const twice: INodeType = {
			...passThroughNode('twice', { outputs: ['main', 'main'] }),
			async execute() {
				rounds++;
				return rounds <= 2 ? [this.getInputData(), []] : [[], this.getInputData()];
			},
		};
		const looping = workflow('submitAndWait', { parameters: { prompt: 'the same' } });
		looping.nodes.push({
			id: 'twice',
			name: 'Twice',
			type: 'test.twice',
			typeVersion: 1,
			position: [0, 200],
			parameters: {},
		});
		const to = (node: string) => [{ node, type: 'main' as const, index: 0 }];
		looping.connections = {
			[looping.nodes[0]!.name]: { main: [to('Twice')] },
			Twice: { main: [to(fluxNode), to('Done')] },
			[fluxNode]: { main: [to('Twice')] },
		};
		const result = await runWorkflow({
			workflow: looping,
			credentials: simulator.credentials,
			nodeTypes: { 'test.twice': twice },
		});
		expect(result.error).toBeUndefined();
		expect(rounds).toBe(3);
		const ids = [0, 1].map((round) => result.outputs(fluxNode, round)[0]?.[0]?.json.task_id);
		expect(ids).toEqual(simulator.tasks.map(({ id }) => id));
		expect(new Set(ids).size).toBe(2);
	});
});
