import { MAX_REFUSALS_IN_A_ROW } from '../../nodes/Flux2Flex/submit/submitQueue';
import {
	MAX_ATTEMPTS,
	MAX_UNCONFIRMED_ATTEMPTS,
	SUBMIT_TIME_LIMIT,
} from '../../nodes/Flux2Flex/submit/submitTask';
import type { VirtualFault } from '../support/virtual/virtualService';
import { VirtualWorld, type WorldRun } from '../support/virtual/virtualWorld';

const refusal = (status: number, reason: string, retryAfter?: string): VirtualFault => ({
	kind: 'answer',
	status,
	body: { code: status, reason, message: 'the words of the service' },
	...(retryAfter !== undefined && { headers: { 'retry-after': retryAfter } }),
});
const broken = (code: string, syscall?: string, accepts = false): VirtualFault => ({
	kind: 'error',
	code,
	syscall,
	accepts,
});
const answer = (status: number, body: unknown = '', accepts = false): VirtualFault => ({
	kind: 'answer',
	status,
	body,
	accepts,
});

/** A world whose first submits end like this; `Infinity` = all of them. */
const worldWith = (fault: VirtualFault, times: number, more: object = {}) =>
	new VirtualWorld({
		...more,
		intercept: (call, number) => (call === 'submit' && number <= times ? fault : undefined),
	});

const withOptions = (options: object, more: object = {}): WorldRun => ({
	parameters: { operation: 'submitAndWait', prompt: 'a cat', options, ...more } as never,
});

/** Milliseconds between the submits. */
const sentAfter = (world: VirtualWorld) =>
	world.sent.submit.slice(1).map((at, index) => at - (world.sent.submit[index] ?? 0));

/** One of each kind, here and below; `retryRules` judges them value by value. */
const noTaskMade: Array<[string, VirtualFault, string, number]> = [
	['SERVICE_NOT_AVAILABLE', refusal(503, 'SERVICE_NOT_AVAILABLE'), 'not available', MAX_ATTEMPTS],
	['connection refused', broken('ECONNREFUSED', 'connect'), 'could not be reached', MAX_ATTEMPTS],
	['rate limit', refusal(429, 'RATE_LIMIT_EXCEEDED'), 'rate limit', MAX_REFUSALS_IN_A_ROW + 1],
	['bare 429', answer(429), 'HTTP status 429', MAX_REFUSALS_IN_A_ROW + 1],
];

describe('A submit that is known to have made no task', () => {
	test.each(noTaskMade)('is sent again after %s', async (_name, fault) => {
		const world = worldWith(fault, 3);
		const { items, error } = await world.run();
		expect(error).toBeUndefined();
		expect(items).toHaveLength(1);
		expect(world.service.calls.submit).toBe(4);
		expect(world.service.tasks).toHaveLength(1);
	});

	test.each(noTaskMade)(
		'is not sent for ever, and with growing pauses, after %s',
		async (_name, fault, message, sends) => {
			const world = worldWith(fault, Infinity);
			const { error, milliseconds } = await world.run();
			expect(error?.message).toContain(message);
			expect(error?.message).toContain('[item 0]');
			expect(world.service.calls.submit).toBe(sends);
			expect(milliseconds).toBeLessThanOrEqual(600_000);
			const pauses = sentAfter(world);
			expect(pauses.slice(0, 3).map((pause) => Math.round(pause / 250))).toEqual([1, 2, 4]);
		},
	);

	test.each(noTaskMade)('leaves a later try free to submit after %s', async (_name, fault) => {
		const world: VirtualWorld = new VirtualWorld({
			intercept: (call) => (call === 'submit' && world.now < 3_000_000 ? fault : undefined),
		});
		expect((await world.run()).error).toBeDefined();
		await world.clock.run(world.clock.sleep(3_000_000));
		expect((await world.run()).items).toHaveLength(1);
		expect(world.service.tasks).toHaveLength(1);
	});
});

const finalRefusals: Array<[string, VirtualFault, string]> = [
	['empty balance', refusal(403, 'NOT_ENOUGH_BALANCE'), 'balance'],
	["a stranger's redirect", answer(301), 'Something between n8n and Novita AI answered'],
	["a stranger's JSON", answer(404, { message: 'no Route matched' }), 'no Route matched'],
	['anything else', answer(418, { code: 418, reason: 'TEAPOT' }), 'does not understand'],
	['certificate', broken('CERT_HAS_EXPIRED'), 'could not be reached'],
];

describe('A submit that is refused for good', () => {
	test.each(finalRefusals)('is sent once after %s', async (_name, fault, message) => {
		const world = worldWith(fault, Infinity);
		const { error, milliseconds } = await world.run();
		expect(error?.message).toContain(message);
		expect(error?.message).toContain('[item 0]');
		expect(error?.description).toEqual(expect.stringMatching(/./));
		expect(world.service.calls.submit).toBe(1);
		expect(milliseconds).toBeLessThan(100);
	});

	test.each(finalRefusals)('leaves a later try free to submit after %s', async (_name, fault) => {
		const world = worldWith(fault, 1);
		await world.run();
		expect((await world.run()).items).toHaveLength(1);
		expect(world.service.calls.submit).toBe(2);
	});
});

const ambiguous: Array<[string, VirtualFault]> = [
	['connection reset', broken('ECONNRESET', 'read', true)],
	['bare 500', answer(500, '', true)],
	['error while billing', { ...refusal(500, 'BILLING_FAILED'), accepts: true }],
	['a success without a task id', answer(200, {}, true)],
	['a web page', answer(200, '<html>Welcome</html>', true)],
];

describe('A submit whose answer is lost', () => {
	test.each(ambiguous)(
		'is not sent again, in this try or the next, after %s',
		async (_name, fault) => {
			const world = worldWith(fault, 1);
			for (let attempt = 1; attempt <= 3; attempt++) {
				const { error } = await world.run();
				expect(error?.message).toMatch(/may exist.*billed.*\[item 0\]/);
				expect(error?.description).toContain("'Resubmit Unconfirmed'");
			}
			expect(world.service.calls.submit).toBe(1);
		},
	);

	test.each(ambiguous)('is sent again on demand after %s', async (_name, fault) => {
		const world = worldWith(fault, 1);
		const { items } = await world.run(withOptions({ resubmitUnconfirmed: true }));
		expect(items).toHaveLength(1);
		expect(world.service.calls.submit).toBe(2);
	});

	test.each(ambiguous)('is not sent for ever even on demand after %s', async (_name, fault) => {
		const world = worldWith(fault, Infinity);
		const { error } = await world.run(withOptions({ resubmitUnconfirmed: true }));
		expect(error?.message).toContain('may exist');
		expect(world.service.calls.submit).toBe(MAX_UNCONFIRMED_ATTEMPTS);
		expect(sentAfter(world)).toEqual([260, 510]);
	});

	test('because of a slow line gets more time for its inline images', async () => {
		const png = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(1_000_000)]);
		const url = `data:image/png;base64,${png.toString('base64')}`;
		const world = new VirtualWorld({ roundTrip: 3_600_000 });
		const images = { image: [{ source: 'url', url }] };
		const { milliseconds } = await world.run(withOptions({}, { images }));
		expect(milliseconds).toBeCloseTo(SUBMIT_TIME_LIMIT + url.length / 100, 0);
	});

	test('is sent again by the next try when the user turns the option on', async () => {
		const world = worldWith(answer(500, '', true), 1);
		await world.run(withOptions({}));
		expect((await world.run(withOptions({ resubmitUnconfirmed: true }))).items).toHaveLength(1);
		expect(world.service.calls.submit).toBe(2);
	});

	test('does not keep an edited prompt from being a new request', async () => {
		const world = worldWith(answer(500, '', true), 1);
		await world.run(withOptions({}));
		expect((await world.run(withOptions({}, { prompt: 'a dog' }))).items).toHaveLength(1);
		expect(world.service.tasks.map(({ prompt }) => prompt)).toEqual(['a cat', 'a dog']);
	});

	test('because the service never answers is not sent again', async () => {
		const world = new VirtualWorld({ roundTrip: 3_600_000 });
		const { error, milliseconds } = await world.run();
		expect(error?.message).toContain('may exist');
		expect(milliseconds).toBeLessThanOrEqual(120_000);
		expect((await world.run()).error?.message).toContain('may exist');
		await world.clock.run(world.clock.sleep(4_000_000));
		expect(world.service.calls.submit).toBe(1);
	});
});

describe("A submit that brings no task is told in n8n's log", () => {
	test.each<[string, VirtualFault, string]>([
		[
			'refused for now',
			refusal(429, 'RATE_LIMIT_EXCEEDED', '1'),
			'"reason":"RATE_LIMIT_EXCEEDED: the words of the service","retryAfter":1000',
		],
		[
			'not taken',
			refusal(503, 'SERVICE_NOT_AVAILABLE'),
			'"attempt":1,"reason":"SERVICE_NOT_AVAILABLE: the words of the service"',
		],
		['unconfirmed', answer(500, '', true), '"attempt":1,"reason":"something between n8n'],
		[
			'refused',
			refusal(400, 'ILLEGAL_PROMPT'),
			'"reason":"ILLEGAL_PROMPT: the words of the service"',
		],
	])('as %s', async (what, fault, details) => {
		const { logLines } = await worldWith(fault, 1).run();
		expect(logLines[0]).toContain(`submit ${what} {`);
		expect(logLines[0]).toContain(details);
	});
});

describe('Retry-After on a submit', () => {
	test.each([
		['seconds', '30', 30_000],
		['a date', 'Thu, 01 Jan 2026 00:00:45 GMT', 44_900],
	])('in %s is kept', async (_name, value, least) => {
		for (const fault of [
			refusal(429, 'RATE_LIMIT_EXCEEDED', value),
			refusal(503, 'SERVICE_NOT_AVAILABLE', value),
		]) {
			const world = worldWith(fault, 1);
			expect((await world.run()).items).toHaveLength(1);
			expect((world.sent.submit[1] ?? 0) - (world.sent.submit[0] ?? 0)).toBeGreaterThanOrEqual(
				least,
			);
		}
	});

	test.each(['86400', 'Fri, 01 Jan 2027 00:00:00 GMT'])(
		'that is longer than anybody wants to wait (%s) ends the run at once',
		async (value) => {
			for (const fault of [
				refusal(429, 'RATE_LIMIT_EXCEEDED', value),
				refusal(503, 'SERVICE_NOT_AVAILABLE', value),
			]) {
				const world = worldWith(fault, Infinity);
				const { error, milliseconds } = await world.run();
				expect(error).toBeDefined();
				expect(milliseconds).toBeLessThan(1000);
				expect(world.service.calls.submit).toBe(1);
			}
		},
	);

	test('is kept by all items, which send nothing before it has passed', async () => {
		const retryAfter = 7;
		const heard: number[] = [];
		const roundTrip = 10;
		const world = new VirtualWorld({
			roundTrip,
			duration: (number) => 1000 + ((number * 977) % 3000),
			intercept: (call, number) => {
				if (call !== 'submit' || number % 9 !== 5) return undefined;
				heard.push(world.now + roundTrip / 2);
				return refusal(429, 'RATE_LIMIT_EXCEEDED', String(retryAfter));
			},
		});
		const { items } = await world.run({ itemCount: 40 });
		expect(items).toHaveLength(40);
		expect(heard.length).toBeGreaterThan(3);
		for (const time of heard) {
			const tooEarly = world.sent.submit.filter((at) => at > time && at < time + retryAfter * 1000);
			expect({ time, tooEarly }).toEqual({ time, tooEarly: [] });
		}
	});

	test('that is longer than anybody wants to wait ends the run at once, also with tasks in flight', async () => {
		const world = new VirtualWorld({
			duration: () => 100_000,
			intercept: (call, number) =>
				call === 'submit' && number === 2
					? refusal(429, 'RATE_LIMIT_EXCEEDED', '86400')
					: undefined,
		});
		const { error, milliseconds } = await world.run({ itemCount: 2 });
		expect(error?.message).toContain('[item 1]');
		expect(milliseconds).toBeLessThan(1000);
	});

	test('that comes again and again is not waited for longer than the time-out', async () => {
		const world = worldWith(refusal(429, 'RATE_LIMIT_EXCEEDED', '100'), Infinity);
		const { error, milliseconds } = await world.run(withOptions({ timeout: 250 }));
		expect(error?.message).toContain('rate limit');
		expect(milliseconds).toBeLessThanOrEqual(250_000);
	});

	test('that says "now" or nothing of use does not start a storm', async () => {
		for (const value of ['0', '-1', '', 'soon', 'Wed, 31 Dec 2025 00:00:00 GMT']) {
			const world: VirtualWorld = new VirtualWorld({
				intercept: (call) =>
					call === 'submit' && world.now < 5000
						? refusal(429, 'RATE_LIMIT_EXCEEDED', value)
						: undefined,
			});
			await world.run();
			expect(world.service.calls.submit).toBeLessThanOrEqual(15);
		}
	});
});

describe('A long batch', () => {
	test('is not ended by a single refusal late in it', async () => {
		const world = new VirtualWorld({
			duration: () => 100_000,
			intercept: (call, number) =>
				call === 'submit' && number === 150 ? refusal(429, 'RATE_LIMIT_EXCEEDED') : undefined,
		});
		const { items, error, milliseconds } = await world.run({ itemCount: 200 });
		expect(milliseconds).toBeGreaterThan(600_000);
		expect(error?.message).toBeUndefined();
		expect(items).toHaveLength(200);
		expect(world.service.tasks).toHaveLength(200);
	});

	test('goes on through refusals as long as own tasks are in flight', async () => {
		const world = new VirtualWorld({ duration: () => 500_000, maxActiveTasks: 1 });
		const { items, error } = await world.run({ itemCount: 2 });
		expect(world.service.refusedSubmits).toBeGreaterThan(10);
		expect(error?.message).toBeUndefined();
		expect(items).toHaveLength(2);
	});

	test('of more tasks than the account may have active takes its time', async () => {
		const world = new VirtualWorld({ duration: () => 120_000, maxActiveTasks: 24 });
		const { items, error } = await world.run({
			itemCount: 150,
			parameters: (itemIndex) => ({
				operation: 'submitAndWait',
				prompt: `image ${itemIndex}`,
				options: { maxConcurrentTasks: 100 },
			}),
		});
		expect(error?.message).toBeUndefined();
		expect(items).toHaveLength(150);
		expect(world.service.tasks).toHaveLength(150);
	});

	test('submits in input order, also after a refusal', async () => {
		const world = worldWith(refusal(429, 'RATE_LIMIT_EXCEEDED'), 1);
		const parameters = (itemIndex: number) => ({
			operation: 'submitAndWait',
			prompt: `image ${itemIndex}`,
			options: { maxConcurrentTasks: 1 },
		});
		await world.run({ itemCount: 3, parameters });
		expect(world.service.tasks.map(({ prompt }) => prompt)).toEqual([
			'image 0',
			'image 1',
			'image 2',
		]);
	});

	test('submits in input order, but for what limits displace', async () => {
		const world = new VirtualWorld({ maxActiveTasks: 5, maxSubmitsPerSecond: 4 });
		await world.run({ itemCount: 30 });
		const prompts = world.service.tasks.map(({ prompt }) => prompt);
		const numbers = prompts.map((prompt) => Number(prompt.replace('image ', '')));
		const displaced = numbers.filter((number, index) => Math.abs(number - index) > 20);
		expect(displaced).toEqual([]);
	});

	test.each([1, 3, 20])("keeps 'Max Concurrent Tasks' %i", async (maxConcurrentTasks) => {
		const world = new VirtualWorld();
		await world.run({
			itemCount: 25,
			parameters: (itemIndex) => ({
				operation: 'submitAndWait',
				prompt: `image ${itemIndex}`,
				options: { maxConcurrentTasks },
			}),
		});
		const { tasks } = world.service;
		const crowds = tasks.map(
			({ acceptedAt }) =>
				tasks.filter((other) => other.acceptedAt <= acceptedAt && other.endsAt > acceptedAt).length,
		);
		expect(Math.max(...crowds)).toBe(maxConcurrentTasks);
	});
});

describe('The operation Submit', () => {
	const submit: WorldRun = {
		parameters: (itemIndex) => ({ operation: 'submit', prompt: `image ${itemIndex}` }),
	};

	test('returns the task ids, in input order, without asking for the tasks', async () => {
		const world = new VirtualWorld({ duration: () => 3_600_000 });
		const { items, milliseconds } = await world.run({ ...submit, itemCount: 50 });
		expect(items).toEqual(
			world.service.tasks.map(({ id }, item) => ({
				json: { task_id: id },
				pairedItem: { item },
			})),
		);
		expect(world.service.tasks.map(({ prompt }) => prompt)).toEqual(
			Array.from({ length: 50 }, (_, index) => `image ${index}`),
		);
		expect(world.service.calls).toEqual({ submit: 50, poll: 0, download: 0 });
		expect(milliseconds).toBeLessThan(5000);
	});

	test('keeps an accepted task for the next try when another item fails', async () => {
		const world = new VirtualWorld({
			intercept: (call, number) =>
				call === 'submit' && number === 2 ? refusal(400, 'ILLEGAL_PROMPT') : undefined,
		});
		const first = await world.run({ ...submit, itemCount: 3 });
		expect(first.error?.description).toContain('task-1-id');
		const second = await world.run({ ...submit, itemCount: 3 });
		expect(second.items).toHaveLength(3);
		expect(world.service.tasks).toHaveLength(3);
	});
});
