import { PassThrough, Readable } from 'node:stream';
import type { IExecuteFunctions, IHttpRequestOptions } from 'n8n-workflow';

import { novita } from '../../nodes/Flux2Flex/services/novita';
import type { ServiceRequest } from '../../nodes/Flux2Flex/services/service';
import type { Account } from '../../nodes/Flux2Flex/services/account';
import { StopSignal } from '../../nodes/Flux2Flex/timing/stopSignal';
import { Transport } from '../../nodes/Flux2Flex/transport/transport';
import { VirtualClock } from '../support/virtual/virtualClock';

const API_KEY = 'sk-very-secret-key';

const account: Account = {
	// Here it does not matter whose answer it is.
	service: { ...novita, isOwnAnswer: () => true },
	baseUrl: 'https://gateway.example.com/flux',
	apiKey: API_KEY,
	secrets: [API_KEY],
	credentials: { service: 'novita', apiKey: API_KEY, baseUrl: '' },
};
const poll = novita.taskRequest({ taskId: 'task-1' });

type Respond = (options: IHttpRequestOptions) => unknown;

/** A transport whose every request is answered by the function, on virtual time. */
function setUp(respond: Respond) {
	const clock = new VirtualClock();
	const requests: Array<{
		isAuthenticated: boolean;
		options: IHttpRequestOptions;
		more: unknown[];
	}> = [];
	const helper =
		(isAuthenticated: boolean) =>
		async (...parameters: unknown[]) => {
			const options = parameters[isAuthenticated ? 1 : 0] as IHttpRequestOptions;
			requests.push({ isAuthenticated, options, more: parameters });
			return await respond(options);
		};
	const context = {
		helpers: { httpRequest: helper(false), httpRequestWithAuthentication: helper(true) },
	};
	const transport = new Transport(context as unknown as IExecuteFunctions, clock);
	const signal = new StopSignal();
	const started = clock.now();
	return {
		clock,
		requests,
		signal,
		passed: () => clock.now() - started,
		call: async (request: ServiceRequest = poll, timeLimit = 30_000, owner = account) =>
			await clock.run(transport.call(owner, request, { timeLimit, signal })),
		open: async (url = 'https://images.example.com/1.png', timeLimit = 600_000) =>
			await clock.run(transport.open(url, { timeLimit, signal })),
	};
}

const reply = (body: unknown, statusCode = 200, headers: object = {}) => ({
	statusCode,
	headers,
	body,
});
const stream = (...chunks: Array<string | Buffer>) =>
	Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
const never = new Promise(() => {});

async function bodyOf(text: string | Buffer): Promise<unknown> {
	const outcome = await setUp(() => reply(stream(text))).call();
	return outcome.kind === 'answered' ? outcome.answer.body : outcome;
}

describe('a request', () => {
	test('for a task carries no body, and follows no redirect', async () => {
		const { call, requests } = setUp(() => reply(stream('{}')));
		await call();
		expect(requests[0]?.isAuthenticated).toBe(true);
		expect(requests[0]?.options).toMatchObject({
			method: 'GET',
			url: 'https://gateway.example.com/flux/v3/async/task-result',
			qs: { task_id: 'task-1' },
			headers: { Accept: 'application/json', 'Accept-Encoding': 'identity' },
			timeout: 30_000,
			disableFollowRedirect: true,
			// With false, n8n would send a rejected request a second time.
			ignoreHttpStatusErrors: true,
			returnFullResponse: true,
			encoding: 'stream',
		});
		expect(requests[0]?.options.body).toBeUndefined();
	});

	test('for a submit carries its body as JSON', async () => {
		const { call, requests } = setUp(() => reply(stream('{}')));
		const request = novita.submitRequest({ prompt: 'a cat', seed: 1, images: [], ownOptions: {} });
		await call(request, 60_000.25);
		expect(requests[0]?.options).toMatchObject({
			method: 'POST',
			url: 'https://gateway.example.com/flux/v3/async/flux-2-flex',
			body: { prompt: 'a cat', seed: 1 },
			headers: { Accept: 'application/json', 'Content-Type': 'application/json' },
			timeout: 60_001,
		});
	});

	test.each([
		['https://gateway.example.com/b?id=a', { url: 'https://gateway.example.com/b?id=a' }],
		[
			'https://elsewhere.example.com/b?id=a',
			{
				url: 'https://gateway.example.com/flux/v3/async/task-result',
				qs: { task_id: 'task-1' },
			},
		],
	])('to the address %s goes there only if the key may', async (url, address) => {
		const { call, requests } = setUp(() => reply(stream('{}')));
		await call({ ...poll, url });
		const { url: sentTo, qs } = requests[0]?.options ?? {};
		expect({ url: sentTo, qs }).toEqual(address);
	});

	test('to the service leaves the key to n8n, and does not carry it itself', async () => {
		const { call, requests } = setUp(() => reply(stream('{}')));
		await call();
		expect(JSON.stringify(requests[0]?.options)).not.toContain(API_KEY);
		expect(requests[0]?.more[0]).toBe('flux2FlexApi');
		expect(requests[0]?.more[2]).toMatchObject({
			credentialsDecrypted: { type: 'flux2FlexApi', data: account.credentials },
		});
	});

	test('for a download knows nothing of the key', async () => {
		const { open, requests } = setUp(() => reply(stream('x')));
		await open();
		expect(requests[0]?.isAuthenticated).toBe(false);
		expect(JSON.stringify(requests[0]?.more)).not.toContain(API_KEY);
		expect(requests[0]?.options.headers).not.toHaveProperty('Authorization');
		expect(requests[0]?.options).toMatchObject({
			method: 'GET',
			url: 'https://images.example.com/1.png',
			encoding: 'stream',
			headers: { Accept: 'image/*,*/*;q=0.8', 'Accept-Encoding': 'identity' },
			returnFullResponse: true,
			ignoreHttpStatusErrors: true,
			sendCredentialsOnCrossOriginRedirect: false,
		});
	});
});

describe('an answer', () => {
	test('is read as JSON, and bytes that are no text do not stop it', async () => {
		expect(await bodyOf('{"task_id":"a"}')).toEqual({ task_id: 'a' });
		expect(await bodyOf(Buffer.from([0xff, 0xfe, 0x00]))).toBe('\ufffd\ufffd\u0000');
	});

	test.each(['{"task_id":"a', '{}{}', '{'])(
		'that broke off in the middle is lost: %s',
		async (text) => {
			expect(await setUp(() => reply(stream(text))).call()).toEqual({
				kind: 'lost',
				cause: 'an answer that broke off in the middle',
			});
		},
	);

	test("is the service's by its form, and a redirect never is", async () => {
		const own: Account = { ...account, service: novita };
		const outcomes = await Promise.all(
			[
				reply(stream('{"task_id":"a"}')),
				reply(stream('error code: 1010'), 403),
				reply(stream('{"task_id":"a"}'), 302, { location: 'https://a.example/?b=c' }),
			].map(async (response) => await setUp(() => response).call(poll, 30_000, own)),
		);
		expect(outcomes).toEqual([
			{ kind: 'answered', answer: { status: 200, headers: {}, body: { task_id: 'a' } } },
			{ kind: 'stranger', status: 403, headers: {}, words: 'error code: 1010' },
			expect.objectContaining({ kind: 'stranger', words: 'redirect to https://a.example/' }),
		]);
	});

	test('keeps characters that the border of two chunks cuts', async () => {
		const bytes = Buffer.from('{"reason":"猫🐈"}');
		for (let cut = 0; cut <= bytes.length; cut++) {
			const chunks = [bytes.subarray(0, cut), bytes.subarray(cut)];
			const outcome = await setUp(() => reply(stream(...chunks))).call();
			expect(outcome).toMatchObject({ answer: { body: { reason: '猫🐈' } } });
		}
	});

	test('has its status and headers, as Node has them', async () => {
		const headers = { 'retry-after': '3', 'set-cookie': ['a', 'b'] };
		const outcome = await setUp(() => reply(stream('{}'), 429, headers)).call();
		expect(outcome).toMatchObject({
			kind: 'answered',
			answer: { status: 429, headers: { 'retry-after': '3' } },
		});
	});

	test.each([undefined, null, 'x'])(
		'with headers that are %p is read all the same',
		async (headers) => {
			const outcome = await setUp(() => ({ statusCode: 200, headers, body: stream('{}') })).call();
			expect(outcome).toMatchObject({ kind: 'answered', answer: { headers: {} } });
		},
	);

	test('does not repeat the key, although the service does', async () => {
		expect(await bodyOf(`{"message":"bad key ${API_KEY}"}`)).toEqual({
			message: 'bad key [redacted]',
		});
	});

	test('that comes as texts is read, too', async () => {
		const outcome = await setUp(() => reply(Readable.from(['{"a":"', '猫"}']))).call();
		expect(outcome).toMatchObject({ answer: { body: { a: '猫' } } });
	});

	test('of a megabyte is read', async () => {
		expect(await bodyOf(`{"a":"${'x'.repeat(1_000_000)}"}`)).toHaveProperty('a');
	});

	test("that is no stream is read, too, as n8n's test tools give it", async () => {
		const answers = [reply({ task_id: 'a' }), reply('{"task_id":"a"}')];
		for (const answer of answers) {
			expect(await setUp(() => answer).call()).toMatchObject({
				answer: { body: { task_id: 'a' } },
			});
		}
		expect(await setUp(() => reply(undefined)).call()).toMatchObject({ answer: { body: '' } });
	});
});

describe('a call without a whole answer', () => {
	test('was not sent if there was no connection', async () => {
		const refused = Object.assign(new Error('connect'), {
			code: 'ECONNREFUSED',
			syscall: 'connect',
		});
		const outcome = await setUp(() => {
			throw refused;
		}).call();
		expect(outcome).toEqual({ kind: 'notSent', cause: 'ECONNREFUSED', temporary: true });
	});

	test('in time is lost, and what comes later is thrown away', async () => {
		const body = new PassThrough();
		const { call, clock, passed } = setUp(async () => {
			await clock.sleep(40_000);
			body.write('{');
			return reply(body);
		});
		expect(await call()).toMatchObject({ kind: 'lost', cause: 'no whole answer in time' });
		expect(passed()).toBe(30_000);
		await clock.run(clock.sleep(20_000));
		expect(body.destroyed).toBe(true);
	});

	test.each<[what: string, answer: () => unknown]>([
		[
			'a failure',
			() => {
				throw new Error('reset');
			},
		],
		['an answer without a stream', () => reply('text')],
	])('in time is lost, and %s that comes later troubles nobody', async (_what, answer) => {
		const troubles = jest.fn();
		process.on('unhandledRejection', troubles);
		const { call, clock } = setUp(async () => {
			await clock.sleep(40_000);
			return answer();
		});
		expect(await call()).toMatchObject({ kind: 'lost', cause: 'no whole answer in time' });
		await clock.run(clock.sleep(20_000));
		await new Promise((resolve) => setImmediate(resolve));
		process.off('unhandledRejection', troubles);
		expect(troubles).not.toHaveBeenCalled();
	});

	test('is cut off if its body never ends', async () => {
		let produced = 0;
		const body = new Readable({
			read() {
				produced += 65_536;
				this.push(Buffer.alloc(65_536, 0x20));
			},
		});
		expect(await setUp(() => reply(body)).call()).toEqual({
			kind: 'lost',
			cause: 'an answer without end',
		});
		expect(body.destroyed).toBe(true);
		expect(produced).toBeLessThan(10_000_000);
	});

	test('is given up in time if its body stops in the middle', async () => {
		const body = new PassThrough();
		body.write('{"task');
		const { call, clock, passed } = setUp(async () => {
			await clock.sleep(20_000);
			return reply(body);
		});
		expect(await call()).toEqual({ kind: 'lost', cause: 'no whole answer in time' });
		expect(passed()).toBe(30_000);
		expect(body.destroyed).toBe(true);
	});

	const BROKE = 'the connection broke in the middle of the answer';

	test.each<[status: number, outcome: object]>([
		[200, { kind: 'lost', cause: BROKE }],
		[299, { kind: 'lost', cause: BROKE }],
		...[300, 403, 499].map((status): [number, object] => [
			status,
			{ kind: 'stranger', status, headers: {}, words: '' },
		]),
		[500, { kind: 'lost', cause: BROKE }],
	])('of HTTP %i, whose body breaks, is %j: a refusal needs no words', async (status, outcome) => {
		const body = new PassThrough();
		const { call } = setUp(() => {
			body.write('{"task_id":"a"');
			setImmediate(() => body.destroy(new Error('aborted')));
			return reply(body, status);
		});
		expect(await call()).toEqual(outcome);
	});

	test('is lost if its body was closed before', async () => {
		const body = new PassThrough();
		body.destroy();
		expect(await setUp(() => reply(body)).call()).toEqual({ kind: 'lost', cause: BROKE });
	});
});

describe('a stop', () => {
	test.each(['before the answer', 'within the body'])('ends a call at once, %s', async (when) => {
		const body = new PassThrough();
		const { call, clock, signal, passed } = setUp(async () =>
			when === 'before the answer' ? await never : reply(body),
		);
		void clock.sleep(50).then(() => signal.stop());
		expect(await call()).toMatchObject({ kind: 'lost' });
		expect(passed()).toBe(50);
		if (when === 'within the body') expect(body.destroyed).toBe(true);
	});

	test('closes the connection of a download that has not answered yet', async () => {
		const { open, clock, signal, passed, requests } = setUp(async () => await never);
		void clock.sleep(50).then(() => signal.stop());
		expect(await open()).toMatchObject({ kind: 'lost', cause: 'canceled' });
		expect(passed()).toBe(50);
		expect((requests[0]?.options.abortSignal as AbortSignal).aborted).toBe(true);
	});
});

describe('a download', () => {
	test('is handed over unread', async () => {
		const body = stream('abc');
		const download = await setUp(() => reply(body, 200, { 'content-length': '3' })).open();
		expect(download).toMatchObject({
			kind: 'open',
			status: 200,
			headers: { 'content-length': '3' },
		});
		expect((download as { body: unknown }).body).toBe(body);
		// One that breaks while nobody listens would end the whole n8n process.
		expect(body.listenerCount('error')).toBeGreaterThan(0);
		expect(await body.toArray()).toHaveLength(1);
	});

	test('is handed over with a status that is no success, too', async () => {
		const download = await setUp(() => reply(stream('gone'), 403)).open();
		expect(download).toMatchObject({ kind: 'open', status: 403 });
	});

	test.each([undefined, '', 'text', { a: 1 }])('with %p for a body is lost', async (body) => {
		expect(await setUp(() => reply(body)).open()).toEqual({
			kind: 'lost',
			cause: 'an answer without a body',
		});
	});

	test.each([
		[600_000, 60_000],
		[5000, 5000],
		[0, 1],
	])('that has %i ms left may stall for %i ms', async (timeLimit, timeout) => {
		const { open, requests } = setUp(() => reply(stream('x')));
		await open(undefined, timeLimit);
		expect(requests[0]?.options.timeout).toBe(timeout);
	});
});
