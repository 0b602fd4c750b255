import type { IDataObject } from 'n8n-workflow';

import type { VirtualFault } from '../support/virtual/virtualService';
import { VirtualWorld, type WorldRun } from '../support/virtual/virtualWorld';

const answer = (status: number, body: unknown, retryAfter?: string): VirtualFault => ({
	kind: 'answer',
	status,
	body,
	...(retryAfter !== undefined && { headers: { 'retry-after': retryAfter } }),
});
const unknownTask = answer(404, { code: 404, reason: 'TASK_NOT_FOUND' });
const broken = (code: string, syscall?: string): VirtualFault => ({ kind: 'error', code, syscall });

const withOptions = (options: IDataObject): WorldRun => ({
	parameters: { operation: 'submitAndWait', prompt: 'a cat', options },
});

/** A world whose polls with these numbers end like this. */
const worldWith = (
	fault: VirtualFault,
	isHit: (pollNumber: number) => boolean,
	duration = 2000,
): VirtualWorld =>
	new VirtualWorld({
		duration: () => duration,
		intercept: (call, number) => (call === 'poll' && isHit(number) ? fault : undefined),
	});

const never = () => Number.MAX_SAFE_INTEGER;

describe('The deadline', () => {
	test.each([1, 30, 600, 7200])(
		'of %i seconds ends in an error with the task id',
		async (timeout) => {
			const world = new VirtualWorld({ duration: never });
			const { error, milliseconds } = await world.run(withOptions({ timeout }));
			expect(error?.message).toContain(`not finished within ${timeout} seconds`);
			expect(error?.message).toContain('task-1-id');
			expect(error?.message).toContain('[item 0]');
			expect(error?.description).toContain(
				"or raise 'Timeout' under 'Options'. Already paid for and not lost: task-1-id. ",
			);
			expect(milliseconds).toBeGreaterThanOrEqual(timeout * 1000);
			expect(milliseconds).toBeLessThanOrEqual(timeout * 1000 + 5000);
			expect(world.service.calls.submit).toBe(1);
		},
	);

	test('is 600 seconds when nobody sets it', async () => {
		const world = new VirtualWorld({ duration: never });
		const { milliseconds } = await world.run();
		expect(Math.round(milliseconds / 1000)).toBe(600);
	});

	test('counts from the acceptance, not from the start of a queue', async () => {
		const world = new VirtualWorld({ duration: () => 20_000 });
		const { items } = await world.run({
			itemCount: 5,
			parameters: (itemIndex) => ({
				operation: 'submitAndWait',
				prompt: `image ${itemIndex}`,
				options: { timeout: 30, maxConcurrentTasks: 1 },
			}),
		});
		expect(items).toHaveLength(5);
	});

	test('comes with a last look, which finds what was finished meanwhile', async () => {
		const world = new VirtualWorld({ duration: () => 29_000 });
		const { items } = await world.run(withOptions({ timeout: 30, pollingInterval: 25 }));
		expect(items).toHaveLength(1);
		expect(world.service.calls.poll).toBe(2);
	});

	test('leaves time for a look even with a longer interval', async () => {
		const world = new VirtualWorld({ duration: () => 1000 });
		const { items, milliseconds } = await world.run(
			withOptions({ timeout: 10, pollingInterval: 3600 }),
		);
		expect(items).toHaveLength(1);
		expect(milliseconds).toBeLessThan(11_000);
	});

	test('is one for each item', async () => {
		const world = new VirtualWorld({ duration: () => 20_000 });
		const { items } = await world.run({
			itemCount: 2,
			continueOnFail: true,
			parameters: (itemIndex) => ({
				operation: 'submitAndWait',
				prompt: `image ${itemIndex}`,
				options: { timeout: itemIndex === 0 ? 5 : 60 },
			}),
		});
		expect(items[0]?.error?.message).toContain('within 5 seconds');
		expect(items[1]?.error).toBeUndefined();
	});

	test.each([
		['TASK_STATUS_QUEUED', 'queued'],
		['TASK_STATUS_PROCESSING', 'processing'],
		['TASK_STATUS_OF_TOMORROW', 'processing'],
	])("gives a task that is %s with 'Return the Pending Task'", async (status, expected) => {
		const pending = { task: { task_id: 'task-1-id', status } };
		const world = worldWith(answer(200, pending), () => true);
		const run = await world.run(withOptions({ timeout: 5, onTimeout: 'returnPending' }));
		expect(run.error).toBeUndefined();
		expect(run.items).toEqual([
			{ json: { task_id: 'task-1-id', status: expected }, pairedItem: { item: 0 } },
		]);
	});

	test("gives a task nobody heard of as processing with 'Return the Pending Task'", async () => {
		const world = worldWith(answer(503, ''), () => true);
		const { items } = await world.run(withOptions({ timeout: 5, onTimeout: 'returnPending' }));
		expect(items[0]?.json).toEqual({ task_id: 'task-1-id', status: 'processing' });
	});
});

describe('The interval', () => {
	test.each([1, 5, 60])('of %i seconds is kept', async (pollingInterval) => {
		const world = new VirtualWorld({ duration: () => 300_000 });
		await world.run(withOptions({ pollingInterval }));
		const { poll, submit } = world.sent;
		const gaps = poll.map((at, index) => at - (poll[index - 1] ?? submit[0] ?? 0));
		for (const gap of gaps) {
			expect(gap).toBeGreaterThanOrEqual(pollingInterval * 1000);
			expect(gap).toBeLessThanOrEqual(pollingInterval * 1000 + 50);
		}
	});
});

test.each([5000, 30_000, 120_000])(
	"The service's guess of a task of %i ms is worth its polls",
	async (duration) => {
		const world = new VirtualWorld({ duration: () => duration, tellsEta: true });
		const { milliseconds } = await world.run();
		expect(milliseconds - duration).toBeLessThanOrEqual(Math.max(1500, duration * 0.1));
		expect(world.service.calls.poll).toBeLessThanOrEqual(6 + duration / 10_000);
	},
);

/** One of each kind; `retryRules` judges them value by value. */
const passing: Array<[string, VirtualFault]> = [
	['429', answer(429, '')],
	['429 with Retry-After', answer(429, '', '2')],
	['500', answer(500, { code: 500, reason: 'GET_RESULT_FAILED' })],
	['a web page', answer(200, '<html>Welcome</html>')],
	["somebody else's task", answer(200, { task: { task_id: 'x', status: 'TASK_STATUS_SUCCEED' } })],
	["a stranger's refusal", answer(403, 'error code: 1010')],
	['an expired certificate', broken('CERT_HAS_EXPIRED')],
	['connection refused', broken('ECONNREFUSED', 'connect')],
	['connection reset', broken('ECONNRESET', 'read')],
];

describe('A look that fails', () => {
	test.each(passing)('only delays after %s', async (_name, fault) => {
		const world = worldWith(fault, (number) => number <= 6);
		const { items, milliseconds } = await world.run();
		expect(items).toHaveLength(1);
		expect(world.service.calls.submit).toBe(1);
		expect(milliseconds).toBeLessThan(60_000);
	});

	test.each(passing)(
		'is repeated until the deadline, and with restraint, after %s',
		async (_name, fault) => {
			const world = worldWith(fault, () => true);
			const { error, milliseconds } = await world.run(withOptions({ timeout: 300 }));
			expect(error?.message).toContain('task-1-id');
			expect(milliseconds).toBeLessThanOrEqual(305_000);
			expect(world.service.calls.poll).toBeLessThanOrEqual(160);
			expect(world.service.calls.submit).toBe(1);
		},
	);

	test.each(['0', '-1', 'Wed, 31 Dec 2025 00:00:00 GMT', '', 'soon'])(
		'with Retry-After: %j does not start a storm',
		async (value) => {
			for (const status of [429, 503]) {
				const world = worldWith(answer(status, '', value), () => true);
				await world.run(withOptions({ timeout: 300 }));
				expect(world.service.calls.poll).toBeLessThanOrEqual(160);
			}
		},
	);

	test('keeps Retry-After', async () => {
		const world = worldWith(answer(429, '', '20'), (number) => number === 1);
		await world.run();
		expect((world.sent.poll[1] ?? 0) - (world.sent.poll[0] ?? 0)).toBeGreaterThanOrEqual(20_000);
	});

	test.each([10, 60])(
		'because the service never answers ends after %i seconds',
		async (timeout) => {
			const world = new VirtualWorld({ duration: () => 1000 });
			const { error, milliseconds } = await world.run({
				...withOptions({ timeout }),
				adjust: ({ helpers }) => {
					const original = helpers.httpRequestWithAuthentication;
					helpers.httpRequestWithAuthentication = async function (type, request, more) {
						if (request.method === 'GET') return await new Promise(() => {});
						return await original.call(this, type, request, more);
					};
				},
			});
			expect(error?.message).toContain('task-1-id');
			expect(milliseconds).toBeGreaterThanOrEqual(timeout * 1000);
			expect(milliseconds).toBeLessThanOrEqual(timeout * 1000 + 6000);
		},
	);
});

describe('A wait that ends without an answer', () => {
	test.each([
		['the connection', broken('ECONNREFUSED', 'connect'), 'ECONNREFUSED'],
		['the service', answer(503, { code: 503, reason: 'SERVICE_NOT_AVAILABLE' }), 'SERVICE_NOT_'],
		['a stranger', answer(403, 'error code: 1010'), 'HTTP status 403, with these words: "error'],
		['a stranger, and where to look', answer(302, ''), "proxy and the firewall of this n8n's"],
	])('tells that it was for %s', async (_name, fault, reason) => {
		const world = worldWith(fault, (number) => number > 1, 1e9);
		const { error } = await world.run(withOptions({ timeout: 60 }));
		expect(error?.message).toContain('not finished within 60 seconds (task task-1-id)');
		expect(error?.description).toContain('The last look brought no answer: ');
		expect(error?.description).toContain(reason);
	});

	test('does not tell of a look that failed long ago', async () => {
		const world = worldWith(broken('ECONNRESET', 'read'), (number) => number === 1, 1e9);
		const { error } = await world.run(withOptions({ timeout: 60 }));
		expect(error?.description).not.toContain('ECONNRESET');
	});
});

describe('A finished task whose link cannot be used', () => {
	const unusable = answer(200, {
		task: { task_id: 'task-1-id', status: 'TASK_STATUS_SUCCEED' },
		images: [{ image_url: '/images/1.png' }],
	});

	test('is looked at three times, and then told with its link', async () => {
		const world = worldWith(unusable, () => true);
		const { error, milliseconds } = await world.run();
		expect(error?.message).toBe(
			'The task is finished, but the link to its image cannot be used: "/images/1.png" (task task-1-id) [item 0]',
		);
		expect(error?.description).toContain("'Get Task Result'");
		const [first = 0, second = 0, third = 0, ...more] = world.sent.poll;
		expect(more).toEqual([]);
		expect(third - second).toBeGreaterThan(second - first);
		expect(milliseconds).toBeLessThan(10_000);
	});

	test('is told by Get Task Result, too', async () => {
		const world = worldWith(unusable, () => true);
		await world.run({ parameters: { operation: 'submit', prompt: 'a cat' } });
		const { error } = await world.run({
			parameters: { operation: 'getTaskResult', taskId: 'task-1-id' },
		});
		expect(error?.message).toContain('cannot be used: "/images/1.png" (task task-1-id)');
		expect(world.service.calls.poll).toBe(3);
	});

	test('is not lost: a good link at a later look is taken, also by the next try', async () => {
		expect((await worldWith(unusable, (number) => number <= 2).run()).items).toHaveLength(1);
		const world = worldWith(unusable, (number) => number <= 3);
		expect((await world.run()).error).toBeDefined();
		expect((await world.run()).items).toHaveLength(1);
		expect(world.service.calls.submit).toBe(1);
	});
});

test('A result that a service tells apart from the status is asked for in the same look', async () => {
	const asked: string[] = [];
	const { items, error } = await new VirtualWorld().run({
		parameters: { operation: 'getTaskResult', taskId: 'abc', downloadImage: false },
		adjust: (context) => {
			context.getCredentials = async () => ({ service: 'falAi', apiKey: 'virtual-key' }) as never;
			context.helpers.httpRequestWithAuthentication = async (_type, { url }) => {
				asked.push(new URL(url).pathname.replace(/.*\/abc/, ''));
				const result = { images: [{ url: 'https://a.example/1.png' }] };
				const body = url.endsWith('/status') ? { status: 'COMPLETED' } : result;
				return { statusCode: 200, headers: {}, body };
			};
		},
	});
	expect(error).toBeUndefined();
	expect(items[0]?.json).toMatchObject({ task_id: 'abc', image_url: 'https://a.example/1.png' });
	expect(asked).toEqual(['/status', '']);
});

test("Of five paid tasks none is lost to a stranger's answer among the polls", async () => {
	for (const fault of [
		answer(403, 'error code: 1010'),
		answer(404, '<html>Not Found</html>'),
		answer(302, ''),
	]) {
		const world = worldWith(fault, (number) => number === 2 || number === 4);
		const { items, error } = await world.run({ itemCount: 5 });
		expect(error).toBeUndefined();
		expect(items.map(({ pairedItem }) => pairedItem)).toEqual(
			[0, 1, 2, 3, 4].map((item) => ({ item })),
		);
		expect(world.service.calls.submit).toBe(5);
	}
});

describe('A service that refuses to tell', () => {
	test.each([
		['bad key', answer(403, { code: 403, reason: 'INVALID_API_KEY' }), 'API key'],
		['no route', answer(404, { code: 404, reason: 'API_NOT_FOUND' }), 'not available'],
		['empty balance', answer(403, { code: 403, reason: 'NOT_ENOUGH_BALANCE' }), 'is empty'],
	])(
		'for %s gives an error with the task, which the next try picks up',
		async (_name, fault, message) => {
			const world = worldWith(fault, (number) => number === 1);
			const { error } = await world.run();
			expect(error?.message).toContain(message);
			expect(error?.message).toContain('task-1-id');
			expect(error?.description).toContain('not lost: task-1-id');
			expect(error?.description).not.toContain('not charged');
			expect((await world.run()).items).toHaveLength(1);
			expect(world.service.calls.submit).toBe(1);
		},
	);
});

describe('A task that the service does not know', () => {
	test('right after its submit only takes a moment more', async () => {
		const world = worldWith(unknownTask, (number) => number <= 3);
		expect((await world.run()).items).toHaveLength(1);
		expect(world.service.calls.submit).toBe(1);
	});

	test('is an error within a minute and a half when it stays unknown', async () => {
		const world = worldWith(unknownTask, () => true);
		const { error, milliseconds } = await world.run();
		expect(error?.message).toMatch(/does not know the task.*task-1-id/);
		expect(milliseconds).toBeGreaterThan(2000);
		expect(milliseconds).toBeLessThanOrEqual(90_000);
		expect(world.service.calls.poll).toBeLessThanOrEqual(30);
	});

	test('has one verdict, and nothing promises that it can still be fetched', async () => {
		const world = worldWith(unknownTask, () => true);
		const { error } = await world.run();
		expect(error?.description).toContain('only a new execution can order the image again');
		expect(error?.description).not.toContain('not lost');
		// It was paid for all the same: no later try pays again.
		await world.run();
		expect(world.service.calls.submit).toBe(1);
	});

	test('is an error at once when it vanishes after a long time', async () => {
		const world = worldWith(unknownTask, (number) => number > 40, 3_600_000);
		const { error } = await world.run();
		expect(error?.message).toContain('does not know the task');
		expect(world.service.calls.poll).toBe(41);
	});
});

describe('A task that ends without an image', () => {
	const failedWith = (task: object) => answer(200, { task: { task_id: 'task-1-id', ...task } });

	test.each<[string, object, string, string, number?]>([
		[
			'failed',
			{ status: 'TASK_STATUS_FAILED', reason: 'out of memory.' },
			'could not make the image: out of memory (task',
			"'Send Reference Images As'",
		],
		['without a reason', { status: 'TASK_STATUS_FAILED' }, 'make the image (task', "'Prompt'"],
		[
			'filtered',
			{ status: 'TASK_STATUS_FAILED', reason: 'NSFW content' },
			'made no image because of the content: NSFW content (task',
			"'Prompt' or the images in 'Reference Images'",
		],
		// Looked at three times: the image may be there a moment later.
		['without an image', { status: 'TASK_STATUS_SUCCEED' }, 'without an image', "'Prompt'", 3],
	])(
		'(%s) is an error with reason, task id and way out, and a retry makes a new one',
		async (_name, task, message, wayOut, looks = 1) => {
			const world = worldWith(failedWith(task), (number) => number <= looks);
			const { error } = await world.run();
			expect(error?.message).toContain(message);
			expect(error?.message).toContain('task-1-id');
			expect(error?.message).toContain('[item 0]');
			expect(error?.description).toContain(wayOut);
			expect(world.service.calls.submit).toBe(1);
			const { items, hints } = await world.run();
			expect(items[0]?.json.task_id).toBe('task-2-id');
			expect(hints).toEqual([]);
		},
	);
});
