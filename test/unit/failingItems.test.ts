import { NodeOperationError, type IDataObject } from 'n8n-workflow';

import type { VirtualFault } from '../support/virtual/virtualService';
import { VirtualWorld, type WorldRun } from '../support/virtual/virtualWorld';

const refused: VirtualFault = {
	kind: 'answer',
	status: 400,
	body: { code: 400, reason: 'ILLEGAL_PROMPT', message: 'no' },
};

const run = (itemCount: number, of: (itemIndex: number) => IDataObject = () => ({})): WorldRun => ({
	itemCount,
	parameters: (itemIndex) => ({
		operation: 'submitAndWait',
		prompt: `image ${itemIndex}`,
		...of(itemIndex),
	}),
});

/** A world that refuses the submit of one prompt after a while. */
const refusing = (refusedPrompt: string) =>
	new VirtualWorld({
		duration: () => 60_000,
		intercept: (call, _number, prompt) =>
			call === 'submit' && prompt === refusedPrompt ? refused : undefined,
	});

describe('a bad item', () => {
	const oneEmptyPrompt = run(4, (itemIndex) => (itemIndex === 2 ? { prompt: ' ' } : {}));

	test.each(['submit', 'submitAndWait'])(
		'of %s ends the run before anything is paid',
		async (operation) => {
			const world = new VirtualWorld();
			const { error } = await world.run({
				...oneEmptyPrompt,
				parameters: (itemIndex) => ({
					operation,
					prompt: itemIndex === 2 ? '' : 'a cat',
				}),
			});
			expect(error?.message).toContain("'Prompt'");
			expect(error?.message).toContain('[item 2]');
			expect(error?.context.itemIndex).toBe(2);
			expect(world.service.calls).toEqual({ submit: 0, poll: 0, download: 0 });
		},
	);

	test('becomes its own row with continue-on-fail, and the others go on', async () => {
		const world = new VirtualWorld();
		const { items } = await world.run({ ...oneEmptyPrompt, continueOnFail: true });
		expect(items.map(({ pairedItem }) => pairedItem)).toEqual(
			[0, 1, 2, 3].map((item) => ({ item })),
		);
		expect(items.map(({ error }) => error !== undefined)).toEqual([false, false, true, false]);
		expect(items[2]?.error?.message).toMatch(/'Prompt'.*\[item 2\]/);
		expect(world.service.calls.submit).toBe(3);
	});
});

describe('an item that fails at the service', () => {
	test('ends the waits of the others, and its error names what is paid for', async () => {
		const world = refusing('image 3');
		const { error, milliseconds } = await world.run(run(6));
		expect(error?.message).toContain('[item 3]');
		expect(milliseconds).toBeLessThan(1000);
		const paid = world.service.tasks.map(({ id }) => id);
		expect(paid.length).toBeGreaterThan(0);
		for (const id of paid) expect(error?.description).toContain(id);
		expect(error?.description).toContain("'Get Task Result'");
		expect(world.service.calls.download).toBe(0);
	});

	test('is the last one submitted', async () => {
		const world = refusing('image 0');
		await world.run(run(500));
		expect(world.service.calls.submit).toBeLessThanOrEqual(30);
		const { submit } = world.service.calls;
		await world.clock.run(world.clock.sleep(600_000));
		expect(world.service.calls.submit).toBe(submit);
	});

	test('waits for a submit under way, so that its task is known', async () => {
		const world = new VirtualWorld({
			duration: () => 60_000,
			intercept: (call, _number, prompt) =>
				call === 'submit' && prompt === 'image 0' ? refused : undefined,
		});
		const { error } = await world.run({
			...run(2),
			adjust: ({ helpers }) => {
				const original = helpers.httpRequestWithAuthentication;
				helpers.httpRequestWithAuthentication = async function (type, request, more) {
					const { prompt } = request.body as { prompt: string };
					const reply: unknown = await original.call(this, type, request, more);
					if (prompt === 'image 1') await world.clock.sleep(20_000);
					return reply;
				};
			},
		});
		expect(error?.message).toContain('[item 0]');
		expect(error?.description).toContain('task-1-id');
		const { items } = await world.run({
			...run(2, (itemIndex) => (itemIndex === 0 ? { prompt: 'another' } : {})),
		});
		expect(items[1]?.json.task_id).toBe('task-1-id');
	});

	test('names the items whose answer is lost in its error', async () => {
		const world = new VirtualWorld({
			intercept: (call, _number, prompt) => {
				if (call !== 'submit') return undefined;
				if (prompt === 'image 1') return { kind: 'error', code: 'ECONNRESET', accepts: true };
				return prompt === 'image 2' ? refused : undefined;
			},
		});
		const { error } = await world.run(run(3));
		expect(`${error?.message} ${error?.description}`).toMatch(/may exist.*\b1\b/);
	});

	test('becomes its own row with continue-on-fail, and the others go on', async () => {
		const world = refusing('image 1');
		const { items, error } = await world.run({ ...run(3), continueOnFail: true });
		expect(error).toBeUndefined();
		expect(items).toHaveLength(3);
		expect(items[1]).toMatchObject({ json: {}, pairedItem: { item: 1 } });
		expect(items[1]?.error).toBeInstanceOf(NodeOperationError);
		expect(items[1]?.error?.message).toMatch(/content.*\[item 1\]/);
		expect(items[0]?.json.status).toBe('succeeded');
		expect(items[2]?.json.status).toBe('succeeded');
	});

	test('has its task id in the message of its row', async () => {
		const world = new VirtualWorld({
			outcome: (number) => (number === 1 ? 'failed' : 'succeeded'),
		});
		const { items } = await world.run({ ...run(3), continueOnFail: true });
		expect(items[1]?.error?.message).toContain('task-2-id');
		expect(items[1]?.error?.message).toContain('out of luck');
	});

	test('has no key called error in its json, like every row', async () => {
		const world = new VirtualWorld({ outcome: (number) => (number % 2 ? 'failed' : 'succeeded') });
		for (const simplify of [true, false]) {
			const { items } = await world.run({ ...run(4, () => ({ simplify })), continueOnFail: true });
			for (const { json } of items) expect(json).not.toHaveProperty('error');
		}
	});
});

describe("'Max Tasks'", () => {
	const limited = (maxTasks: unknown, itemCount: number, operation = 'submitAndWait') =>
		run(itemCount, () => ({ operation, options: { maxTasks } as IDataObject }));

	test.each(['submit', 'submitAndWait'])(
		'refuses the run before it pays (%s)',
		async (operation) => {
			const world = new VirtualWorld();
			const { error } = await world.run(limited(3, 5, operation));
			expect(error?.message).toMatch(/5 tasks.*'Max Tasks'.*3.*\[item 3\]/);
			expect(error?.description).toContain(
				"Nothing was submitted. Raise 'Max Tasks' under 'Options'",
			);
			expect(world.service.calls.submit).toBe(0);
		},
	);

	test('lets no item take the good branch with continue-on-fail', async () => {
		const world = new VirtualWorld();
		const { items } = await world.run({ ...limited(3, 5), continueOnFail: true });
		expect(items).toHaveLength(5);
		for (const { error } of items) expect(error?.message).toContain("'Max Tasks'");
		expect(world.service.calls.submit).toBe(0);
	});

	test.each([
		[5, 5],
		[0, 30],
		['5', 5],
	])('of %p lets %i items through', async (maxTasks, itemCount) => {
		const { items } = await new VirtualWorld().run(limited(maxTasks, itemCount));
		expect(items).toHaveLength(itemCount);
	});

	test('does not count bad items, which cost nothing', async () => {
		const world = new VirtualWorld();
		const { items } = await world.run({
			...run(4, (itemIndex) => ({
				options: { maxTasks: 3 },
				...(itemIndex === 0 && { prompt: '' }),
			})),
			continueOnFail: true,
		});
		expect(items.map(({ error }) => error !== undefined)).toEqual([true, false, false, false]);
	});

	test('counts an item that may be sent again', async () => {
		const world = new VirtualWorld({
			intercept: (call, number) =>
				call === 'submit' && number === 1 ? { kind: 'error', code: 'ECONNRESET' } : undefined,
		});
		await world.run(limited(2, 1));
		const options = { maxTasks: 2, resubmitUnconfirmed: true };
		const { error } = await world.run(run(3, () => ({ options })));
		expect(error?.message).toMatch(/3 tasks.*'Max Tasks'/);
		expect(world.service.calls.submit).toBe(1);
	});

	test('does not count an item that is not sent again, since its answer was lost', async () => {
		const world = new VirtualWorld({
			intercept: (call, number) =>
				call === 'submit' && number === 1 ? { kind: 'error', code: 'ECONNRESET' } : undefined,
		});
		await world.run(limited(2, 1));
		const { items, error } = await world.run({ ...limited(2, 3), continueOnFail: true });
		expect(error).toBeUndefined();
		expect(items.map((item) => item.error !== undefined)).toEqual([true, false, false]);
	});
});
