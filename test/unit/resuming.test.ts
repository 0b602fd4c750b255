import type { IDataObject } from 'n8n-workflow';

import { VirtualWorld, type WorldRun } from '../support/virtual/virtualWorld';

const wait = (options: IDataObject = {}, more: IDataObject = {}): WorldRun => ({
	parameters: (itemIndex) => ({
		operation: 'submitAndWait',
		prompt: `image ${itemIndex}`,
		options,
		...more,
	}),
});

/** A world in which the first try ends with paid tasks under way. */
async function afterTimeout(itemCount = 1, duration = 20_000) {
	const world = new VirtualWorld({ duration: () => duration });
	const { error } = await world.run({ ...wait({ timeout: 5 }), itemCount });
	expect(error?.message).toContain('not finished within 5 seconds');
	return world;
}

describe('The next try', () => {
	test('picks all paid tasks up, each for its own item, also after a restart', async () => {
		const world = await afterTimeout(5);
		// A retry of the execution gets the context from n8n's database.
		const nodeContext = JSON.parse(JSON.stringify(world.nodeContext)) as IDataObject;
		const { items, hints } = await world.run({
			...wait({ timeout: 60 }),
			itemCount: 5,
			nodeContext,
		});
		expect(items.map(({ json }) => json.task_id)).toEqual(world.service.tasks.map(({ id }) => id));
		expect(world.service.tasks.map(({ prompt }) => prompt)).toEqual(
			[0, 1, 2, 3, 4].map((index) => `image ${index}`),
		);
		expect(world.service.calls.submit).toBe(5);
		expect(hints).toEqual([expect.stringContaining('5 tasks were already paid for')]);
	});

	test('keeps the own task of each of equal items', async () => {
		const world = new VirtualWorld({ duration: () => 20_000 });
		const same = { parameters: { prompt: 'a cat', operation: 'submitAndWait' }, itemCount: 3 };
		const options = (timeout: number) => ({
			...same,
			parameters: { ...same.parameters, options: { timeout } },
		});
		expect((await world.run(options(5))).error).toBeDefined();
		const { items } = await world.run(options(60));
		expect(items.map(({ json }) => json.task_id)).toEqual(['task-1-id', 'task-2-id', 'task-3-id']);
		expect(world.service.calls.submit).toBe(3);
	});

	test('looks at once, and waits the whole time again', async () => {
		const world = await afterTimeout(1, 60_000);
		const resumedAt = world.now;
		const { error, milliseconds } = await world.run(wait({ timeout: 30 }));
		expect((world.sent.poll.find((at) => at >= resumedAt) ?? Infinity) - resumedAt).toBeLessThan(
			100,
		);
		expect(error?.message).toContain('within 30 seconds');
		expect(Math.round(milliseconds / 1000)).toBe(30);
		expect((await world.run(wait({ timeout: 60 }))).items).toHaveLength(1);
		expect(world.service.calls.submit).toBe(1);
	});

	test.each<[string, IDataObject]>([
		['prompt', { prompt: 'a dog' }],
		['seed', { seed: 7 }],
		['size', { size: '512*512' }],
		['reference image', { images: { image: [{ source: 'url', url: 'https://a.example/1.png' }] } }],
	])('takes an edited %s as a new request', async (_name, edit) => {
		const world = await afterTimeout();
		await world.run(wait({}, edit));
		expect(world.service.calls.submit).toBe(2);
	});

	test.each<[string, IDataObject, IDataObject]>([
		['timeout', { timeout: 100 }, {}],
		['interval', { pollingInterval: 1 }, {}],
		['file name', { fileName: 'cat.png' }, {}],
		['output field', {}, { binaryPropertyName: 'image' }],
		['simplify', {}, { simplify: false }],
		['download', {}, { downloadImage: false }],
	])('takes another %s as the same image', async (_name, options, more) => {
		const world = await afterTimeout();
		expect((await world.run(wait(options, more))).items).toHaveLength(1);
		expect(world.service.calls.submit).toBe(1);
	});

	test.each<[string, IDataObject]>([
		['service', { service: 'jieKou' }],
		['address', { baseUrl: 'https://gateway.example.com/flux' }],
	])('of another %s cannot know the task, and submits anew', async (_name, credential) => {
		const world = await afterTimeout();
		await world.run({
			...wait(),
			adjust: (context) => {
				context.getCredentials = async () =>
					({ service: 'novita', apiKey: 'virtual-key', ...credential }) as never;
			},
		});
		expect(world.service.calls.submit).toBe(2);
	});

	test('submits only what was not submitted', async () => {
		const world: VirtualWorld = new VirtualWorld({
			intercept: (call, _number, prompt) =>
				call === 'submit' && prompt === 'image 1' && world.now < 1000
					? { kind: 'answer', status: 400, body: { reason: 'ILLEGAL_PROMPT' } }
					: undefined,
		});
		expect((await world.run({ ...wait(), itemCount: 3 })).error).toBeDefined();
		await world.clock.run(world.clock.sleep(2000));
		const { items } = await world.run({ ...wait(), itemCount: 3 });
		expect(items).toHaveLength(3);
		expect(world.service.tasks.map(({ prompt }) => prompt)).toEqual([
			'image 0',
			'image 2',
			'image 1',
		]);
	});

	test("does not count resumed tasks against 'Max Tasks'", async () => {
		const world = await afterTimeout(3);
		const { items } = await world.run({ ...wait({ maxTasks: 1 }), itemCount: 4 });
		expect(items).toHaveLength(4);
		expect(world.service.calls.submit).toBe(4);
	});

	test('takes nothing for usual that resumed tasks took', async () => {
		const world = await afterTimeout(3);
		await world.clock.run(world.clock.sleep(3_600_000));
		const options = { maxConcurrentTasks: 1 };
		const { items, milliseconds } = await world.run({ ...wait(options), itemCount: 4 });
		expect(items).toHaveLength(4);
		expect(milliseconds).toBeLessThan(25_000);
	});

	test('counts them as tasks at the service', async () => {
		const world = await afterTimeout(2, 60_000);
		await world.run({ ...wait({ maxConcurrentTasks: 2 }), itemCount: 3 });
		const [first, , third] = world.service.tasks;
		expect(third?.acceptedAt).toBeGreaterThanOrEqual(first?.endsAt ?? Infinity);
	});
});

test('A tool that fails tells so as an item, and picks its task up at the next call', async () => {
	const world = new VirtualWorld({ duration: () => 20_000 });
	const asTool = (timeout: number): WorldRun => ({
		...wait({ timeout }),
		adjust: (context) => {
			context.isToolExecution = () => true;
		},
	});
	const { items } = await world.run(asTool(5));
	expect(items).toEqual([
		{
			json: { error: expect.stringMatching(/not finished.*task-1-id/) as string },
			pairedItem: { item: 0 },
		},
	]);
	expect((await world.run(asTool(60))).items[0]?.json.task_id).toBe('task-1-id');
	expect(world.service.calls.submit).toBe(1);
});

describe('After a success,', () => {
	test('the next round of a loop pays for its own image', async () => {
		const world = new VirtualWorld();
		for (const round of [1, 2, 3]) {
			const { items, hints } = await world.run(wait());
			expect(items[0]?.json.task_id).toBe(`task-${round}-id`);
			expect(hints).toEqual([]);
		}
		expect(JSON.stringify(world.nodeContext)).not.toContain('task-');
	});

	test('nothing is kept of items that went on with an error', async () => {
		const world = new VirtualWorld({ duration: () => 20_000 });
		const run = { ...wait({ timeout: 5 }), continueOnFail: true, itemCount: 2 };
		expect((await world.run(run)).items).toHaveLength(2);
		expect(JSON.stringify(world.nodeContext)).not.toContain('task-');
	});
});

test('Calls at the same time, of one agent with equal wishes, pay for an image each', async () => {
	const world = new VirtualWorld();
	const results = await Promise.all([world.run(wait()), world.run(wait())]);
	const ids = results.map(({ items }) => items[0]?.json.task_id);
	expect(new Set(ids)).toEqual(new Set(['task-1-id', 'task-2-id']));
	expect(results.flatMap(({ hints }) => hints)).toEqual([]);
});
