import { sleep, type IDataObject, type INodeType } from 'n8n-workflow';

import { passThroughNode, runWorkflow } from '../support/harness';
import { dataUri, file, formats } from './images';
import {
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

const simulator = useSimulator();
withoutBackOff();

const retryOnFail = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };

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

describe.each(binaryModes)('Retry On Fail (binary mode %s)', (binaryMode) => {
	const runAll = async (variant: Variant = {}) =>
		await runWell('submitAndWait', {
			binaryMode,
			credentials: simulator.credentials,
			node: retryOnFail,
			...variant,
		});

	it.each(['poll', 'download'] as const)('picks the task up after a failed %s', async (call) => {
		failOneTry(call);
		const { json, items } = await runAll();
		expect(simulator.tasks).toHaveLength(1);
		expect(simulator.count('submit')).toBe(1);
		expect(json).toMatchObject([{ task_id: simulator.tasks[0]?.id, status: 'succeeded' }]);
		expect(items[0]?.binary?.data?.mimeType).toBe('image/png');
	});

	it('picks up the tasks of all items when one of them failed', async () => {
		failOneTry('download');
		const { json } = await runAll({ input: prompts('one', 'two', 'three') });
		expect(simulator.paidPrompts().sort()).toEqual(['one', 'three', 'two']);
		expect(simulator.count('submit')).toBe(3);
		const promptOf = (id: unknown) => simulator.tasks.find((task) => task.id === id)?.prompt;
		expect(json.map(({ task_id }) => promptOf(task_id))).toEqual(['one', 'two', 'three']);
	});

	it('knows a file by itself', async () => {
		failOneTry('poll');
		await runWell('imageFromBinary', {
			binaryMode,
			credentials: simulator.credentials,
			node: retryOnFail,
			input: [
				{ json: { prompt: 'a' }, binary: { data: await file(formats.png.bytes, binaryMode) } },
			],
		});
		expect(simulator.bodies()).toMatchObject([{ images: [dataUri('png')] }]);
	});

	it('survives every try', async () => {
		for (const call of ['poll', 'download'] as const) failOneTry(call);
		await runAll();
		expect(simulator.tasks).toHaveLength(1);
	});
});

describe('Retry On Fail', () => {
	const runAll = async (variant: Variant = {}) =>
		await run('submitAndWait', {
			credentials: simulator.credentials,
			node: retryOnFail,
			...variant,
		});

	it('pays for each of several equal items once', async () => {
		failOneTry('download');
		const { json } = await runAll({ input: prompts('same', 'same', 'same') });
		expect(simulator.tasks).toHaveLength(3);
		expect(json.map(({ task_id }) => task_id).sort()).toEqual(
			simulator.tasks.map(({ id }) => id).sort(),
		);
	});

	it('pays again only for what failed for good', async () => {
		const result = await runAll({ input: prompts('one', 'two', 'three [fail]') });
		expect(failureOf(result).message).toContain('[fail]');
		expect(simulator.paidPrompts().sort()).toEqual([
			'one',
			'three [fail]',
			'three [fail]',
			'three [fail]',
			'two',
		]);
	});

	it('of Submit does not submit again what was accepted', async () => {
		// Submits leave in order: the second one is refused in the first try.
		simulator.faults.add({
			call: 'submit',
			skip: 1,
			fault: { kind: 'status', status: 403, body: { reason: 'NOT_ENOUGH_BALANCE' } },
		});
		const { json } = await runWell('submit', {
			credentials: simulator.credentials,
			node: retryOnFail,
			input: prompts('one', 'two', 'three'),
		});
		expect(simulator.paidPrompts().sort()).toEqual(['one', 'three', 'two']);
		expect(json).toHaveLength(3);
		expect(new Set(json.map(({ task_id }) => task_id)).size).toBe(3);
	});

	it('does not count resumed tasks against the spending limit', async () => {
		failOneTry('download');
		const { json } = await runAll({
			input: prompts('one', 'two'),
			parameters: { options: { maxTasks: 2 } },
		});
		expect(json).toHaveLength(2);
		expect(simulator.tasks).toHaveLength(2);
	});

	it('gives a task that timed out its time again', async () => {
		const result = await runAll({
			input: prompts('a heron [slow]'),
			parameters: { options: { timeout: 1 } },
			node: { ...retryOnFail, maxTries: 2 },
		});
		expect(failureOf(result).message).toContain(simulator.tasks[0]!.id);
		expect(simulator.tasks).toHaveLength(1);
	});
});

describe('Retry execution', () => {
	/** A run whose item fails after it was paid for. */
	async function failed(variant: Variant = {}) {
		failOneTry('poll');
		const result = await run('submitAndWait', { credentials: simulator.credentials, ...variant });
		failureOf(result);
		return result;
	}

	it.each(binaryModes)('picks the task up (binary mode %s)', async (binaryMode) => {
		const first = await failed({ binaryMode });
		const { json, items } = await runWell('submitAndWait', {
			binaryMode,
			credentials: simulator.credentials,
			retryOf: first,
		});
		expect(simulator.count('submit')).toBe(1);
		expect(json).toMatchObject([{ task_id: simulator.tasks[0]?.id, status: 'succeeded' }]);
		expect(items[0]?.binary).toHaveProperty('data');
	});

	it('picks it up when the key was changed', async () => {
		const first = await failed();
		await runWell('submitAndWait', {
			credentials: { ...simulator.credentials, apiKey: ' simulator-key ' },
			retryOf: first,
		});
		expect(simulator.count('submit')).toBe(1);
	});

	it('picks it up when only the output settings were changed', async () => {
		const first = await failed();
		const { json } = await runWell('submitAndWait', {
			credentials: simulator.credentials,
			parameters: { downloadImage: false, options: { timeout: 30, pollingInterval: 0.1 } },
			retryOf: first,
		});
		expect(simulator.count('submit')).toBe(1);
		expect(json).toMatchObject([{ status: 'succeeded' }]);
	});

	it.each([
		['prompt', { prompt: 'another one' }],
		['seed', { seed: 5 }],
		['size', { size: '1024*1536' }],
		['image', { images: { image: [{ url: dataUri('gif') }] } }],
	])('an edited %s is a new request', async (_, parameters) => {
		const first = await failed();
		const { json } = await runWell('submitAndWait', {
			credentials: simulator.credentials,
			parameters,
			retryOf: first,
		});
		expect(simulator.tasks).toHaveLength(2);
		expect(json).toMatchObject([{ task_id: simulator.tasks[1]?.id }]);
	});

	it('works again and again', async () => {
		let last = await failed();
		for (let again = 0; again < 2; again++) {
			failOneTry('poll');
			last = await run('submitAndWait', { credentials: simulator.credentials, retryOf: last });
			failureOf(last);
		}
		await runWell('submitAndWait', { credentials: simulator.credentials, retryOf: last });
		expect(simulator.count('submit')).toBe(1);
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

describe('the memory of paid tasks', () => {
	it('is there after a failure', async () => {
		failOneTry('poll');
		const result = await run('submitAndWait', { credentials: simulator.credentials });
		expect(JSON.stringify(memoryOf(result))).toContain(simulator.tasks[0]?.id);
		expect(JSON.stringify(memoryOf(result))).not.toContain('simulator-key');
	});

	it.each(['submit', 'submitAndWait'] as const)('is empty after %s returned', async (name) => {
		const result = await runWell(name, {
			credentials: simulator.credentials,
			input: prompts('one', 'two'),
		});
		expect(memoryOf(result)).toEqual([]);
	});

	it('is empty after items failed on the error output', async () => {
		const result = await run('errorOutput', {
			credentials: simulator.credentials,
			input: prompts('one', 'two [fail]', ''),
		});
		expect(memoryOf(result)).toEqual([]);
	});

	it.each(['[fail]', '[filtered]'])('has no task that failed for good: %s', async (prompt) => {
		const result = await run('submitAndWait', {
			credentials: simulator.credentials,
			input: prompts(prompt),
		});
		failureOf(result);
		expect(memoryOf(result)).toEqual([]);
	});

	it('does not make two rounds of a loop one', async () => {
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
