import type { IDataObject } from 'n8n-workflow';

import { VirtualWorld, type WorldRun } from '../support/virtual/virtualWorld';

const LONGEST = 200;

const run = (more: IDataObject = {}, options: IDataObject = {}): WorldRun => ({
	parameters: (itemIndex) => ({
		operation: 'submitAndWait',
		prompt: `image ${itemIndex}`,
		options,
		...more,
	}),
});

/** What a cancel interrupts, and when. */
const moments: Array<[string, () => VirtualWorld, number, WorldRun]> = [
	['a submit under way', () => new VirtualWorld({ roundTrip: 20_000 }), 5000, run()],
	[
		'submits that wait for a place',
		() => new VirtualWorld({ duration: () => 60_000 }),
		5000,
		{ ...run({}, { maxConcurrentTasks: 2 }), itemCount: 10 },
	],
	[
		'submits that wait for Retry-After',
		() => new VirtualWorld({ maxActiveTasks: 2, retryAfter: 60, duration: () => 100_000 }),
		5000,
		{ ...run(), itemCount: 10 },
	],
	[
		'the pause before a repetition',
		() =>
			new VirtualWorld({
				intercept: () => ({ kind: 'error', code: 'ECONNREFUSED', syscall: 'connect' }),
			}),
		900,
		run(),
	],
	['a wait', () => new VirtualWorld({ duration: () => 60_000 }), 7777, { ...run(), itemCount: 5 }],
	[
		'a wait with a long interval',
		() => new VirtualWorld({ duration: () => 60_000 }),
		5000,
		run({}, { pollingInterval: 3600 }),
	],
	['a look under way', () => new VirtualWorld({ roundTrip: 4000 }), 7500, run()],
	['a download under way', () => new VirtualWorld({ roundTrip: 4000 }), 13_000, run()],
	[
		'the pause before a second download',
		() =>
			new VirtualWorld({
				intercept: (call) =>
					call === 'download' ? { kind: 'answer', status: 500, body: '' } : undefined,
			}),
		3000,
		run(),
	],
	[
		'Submit',
		() => new VirtualWorld({ maxSubmitsPerSecond: 2 }),
		3000,
		{ ...run({ operation: 'submit' }), itemCount: 50 },
	],
	[
		'Get Task Result',
		() =>
			new VirtualWorld({
				intercept: () => ({ kind: 'answer', status: 500, body: '' }),
			}),
		300,
		run({ operation: 'getTaskResult', taskId: 'abc' }),
	],
];

describe.each([false, true])('With continue-on-fail %p, a cancel', (continueOnFail) => {
	test.each(moments)(
		'ends %s at once and starts nothing new',
		async (_name, build, at, options) => {
			const world = build();
			const result = await world.run({ ...options, continueOnFail, cancelAfter: at });
			expect(result.error?.message).toContain('canceled');
			expect(result.milliseconds).toBeGreaterThanOrEqual(at);
			expect(result.milliseconds).toBeLessThanOrEqual(at + LONGEST);
			// What was on its way already may still arrive.
			await world.clock.run(world.clock.sleep(30_000));
			for (const call of ['submit', 'poll', 'download'] as const) {
				const sentAfter = world.sent[call].filter((time) => time > at);
				expect({ call, sentAfter }).toEqual({ call, sentAfter: [] });
			}
		},
	);

	test('before the start, and again for every try that is left, lets nothing happen', async () => {
		const world = new VirtualWorld();
		for (let attempt = 1; attempt <= 3; attempt++) {
			const result = await world.run({
				...run(),
				continueOnFail,
				adjust: (context) => {
					context.getExecutionCancelSignal = () => AbortSignal.abort();
				},
			});
			expect(result.error?.message).toContain('canceled');
			expect(result.milliseconds).toBe(0);
		}
		expect(world.service.calls).toEqual({ submit: 0, poll: 0, download: 0 });
	});
});

test('The error of a cancel names the tasks that are paid for, and a retry picks them up', async () => {
	const world = new VirtualWorld({ duration: () => 20_000 });
	const { error } = await world.run({ ...run(), itemCount: 3, cancelAfter: 5000 });
	for (const id of ['task-1-id', 'task-2-id', 'task-3-id'])
		expect(error?.description).toContain(id);
	const { items } = await world.run({ ...run(), itemCount: 3 });
	expect(items).toHaveLength(3);
	expect(world.service.calls.submit).toBe(3);
});

test('A submit that was on its way at a cancel counts as unconfirmed', async () => {
	const world = new VirtualWorld({ roundTrip: 2000 });
	const { error } = await world.run({ ...run(), cancelAfter: 1500 });
	expect(error?.message).toContain('canceled');
	expect((await world.run(run())).error?.message).toContain('may exist');
	expect(world.service.calls.submit).toBe(1);
});
