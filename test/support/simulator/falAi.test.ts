import { createHash, createPublicKey, verify } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

import { createFalClient } from '@fal-ai/client';
import { createCanvas, loadImage } from '@napi-rs/canvas';

import type { Simulator, SimulatorOptions } from './index';
import { downloadBytes, type Reply } from './testClient';
import { listen, start, until } from './testServers';

const APP = 'fal-ai/flux-2-flex';
const KEY = 'Key simulator-key';
const IMAGE = createCanvas(40, 30).toBuffer('image/png');
const DATA_URI = `data:image/png;base64,${IMAGE.toString('base64')}`;

async function call(
	method: string,
	url: string,
	body?: unknown,
	headers: Record<string, string> = {},
): Promise<Reply> {
	const response = await fetch(url, {
		method,
		headers: { authorization: KEY, 'content-type': 'application/json', ...headers },
		body: body === undefined ? undefined : JSON.stringify(body),
	});
	return { status: response.status, headers: response.headers, body: await response.json() };
}

const get = async (url: string) => await call('GET', url);

const submit = async ({ url }: { url: string }, body: unknown, path = '', query = '') =>
	await call('POST', `${url}/${APP}${path}${query}`, body);

/** Submits, asks until the task is over, and what its result is answered. */
async function resultOf(simulator: Simulator, body: object, path = ''): Promise<Reply> {
	const { status_url: statusUrl, response_url: responseUrl } = (
		await submit(simulator, { prompt: 'p', ...body }, path)
	).body;
	while ((await get(statusUrl)).status === 202);
	return await get(responseUrl);
}

/** The official client, unchanged: told of the simulator by its middleware, or as a proxy. */
function clientOf({ url }: Simulator, way: 'requestMiddleware' | 'proxyUrl') {
	return createFalClient({
		credentials: 'simulator-key',
		...(way === 'proxyUrl'
			? { proxyUrl: { url: `${url}/proxy`, when: 'always' } }
			: {
					requestMiddleware: async (request) => ({
						...request,
						url: request.url.replace('https://queue.fal.run', url),
					}),
				}),
	});
}

describe.each(['requestMiddleware', 'proxyUrl'] as const)(
	"fal.ai's official client, by its %s,",
	(way) => {
		it('submits, waits and fetches an image of the asked size', async () => {
			const simulator = await start({ processingMilliseconds: 50 });
			const client = clientOf(simulator, way);
			const { data, requestId } = await client.subscribe(APP, {
				input: { prompt: 'a heron', image_size: { width: 320, height: 256 }, seed: 7 },
				pollInterval: 20,
			});
			expect(requestId).toBe(simulator.tasks[0]?.id);
			expect(data.seed).toBe(7);
			const { width, height } = await loadImage(await downloadBytes(data.images[0]?.url));
			expect([width, height]).toEqual([320, 256]);
			const calls = simulator.requests.map((request) => request.call);
			expect([calls[0], ...calls.slice(-3)]).toEqual(['submit', 'poll', 'result', 'download']);
			expect(simulator.requests.slice(1).every(({ taskId }) => taskId === requestId)).toBe(true);
		});

		it('edits images, cancels in the queue, and understands refusals', async () => {
			const simulator = await start({ queueMilliseconds: 60_000 });
			const client = clientOf(simulator, way);
			const input = { prompt: 'a heron', image_urls: [DATA_URI] };
			const { request_id: requestId } = await client.queue.submit(`${APP}/edit`, { input });
			expect(await client.queue.status(`${APP}/edit`, { requestId })).toMatchObject({
				status: 'IN_QUEUE',
				queue_position: 0,
			});
			await client.queue.cancel(`${APP}/edit`, { requestId });
			expect(simulator.tasks).toEqual([]);
			await expect(client.queue.result(APP, { requestId })).rejects.toMatchObject({ status: 404 });
			await expect(client.queue.submit(APP, { input: { prompt: '' } })).rejects.toMatchObject({
				name: 'ValidationError',
				fieldErrors: [{ loc: ['body', 'prompt'] }],
			});
		});
	},
);

it("The simulator answers what fal.ai's official client was recorded to send", async () => {
	const simulator = await start();
	const recorded = { accept: 'application/json', 'user-agent': '@fal-ai/client/1.10.1' };
	const priority = { ...recorded, 'x-fal-queue-priority': 'normal' };
	const edit = { prompt: 'x', image_urls: ['https://e/x.png'] };
	const hook = '?fal_webhook=https%3A%2F%2Fhook.example%2Fx';
	const send = async (method: string, path: string, body?: object, headers = recorded) =>
		(await call(method, simulator.url + path, body, headers)).status;
	expect(await send('POST', `/${APP}/edit`, edit, priority)).toBe(200);
	expect(await send('POST', `/${APP}${hook}`, { prompt: 'lost answer' }, priority)).toBe(200);
	const task = `/${APP}/requests/${simulator.tasks[1]?.id}`;
	expect(await send('GET', `${task}/status?logs=0`)).toBe(200);
	expect(await send('GET', task)).toBe(200);
	expect(await send('PUT', `${task}/cancel`)).toBe(400);
	const proxied = { ...priority, 'x-fal-target-url': `https://queue.fal.run/${APP}` };
	expect(await send('POST', '/proxy', { prompt: 'x' }, proxied)).toBe(200);
});

describe('A submit to fal.ai', () => {
	const edit = (image_urls: unknown) => [{ prompt: 'p', image_urls }, 'edit'] as const;
	const field = (name: string, value: unknown) => [{ prompt: 'p', [name]: value }, ''] as const;

	it.each<[what: string, body: object, path: string, loc: Array<string | number>, type: string]>([
		['no prompt', {}, '', ['prompt'], 'missing'],
		['an unknown size', ...field('image_size', 'auto'), ['image_size'], 'enum'],
		[
			'half a size',
			...field('image_size', { width: 0 }),
			['image_size', 'width'],
			'greater_than_equal',
		],
		[
			'over 4 MP',
			...field('image_size', { width: 4096, height: 4096 }),
			['image_size'],
			'value_error',
		],
		[
			'too little guidance',
			...field('guidance_scale', 1),
			['guidance_scale'],
			'greater_than_equal',
		],
		['one step', ...field('num_inference_steps', 1), ['num_inference_steps'], 'greater_than_equal'],
		['tolerance as a number', ...field('safety_tolerance', 2), ['safety_tolerance'], 'enum'],
		['webp', ...field('output_format', 'webp'), ['output_format'], 'enum'],
		['a seed as text', ...field('seed', '1'), ['seed'], 'int_type'],
		['no images to edit', { prompt: 'p' }, 'edit', ['image_urls'], 'missing'],
		['an empty list', ...edit([]), ['image_urls'], 'too_short'],
		['11 images', ...edit(Array(11).fill('http://a/b')), ['image_urls'], 'too_long'],
		['a number as image', ...edit(['http://a/b', 5]), ['image_urls', 1], 'string_type'],
	])('is refused with %s', async (_, body, path, loc, type) => {
		const simulator = await start();
		const { status, body: reply } = await submit(simulator, body, path && `/${path}`);
		expect([status, Object.keys(reply)]).toEqual([422, ['detail']]);
		expect(reply.detail).toEqual([
			expect.objectContaining({
				loc: ['body', ...loc],
				type,
				msg: expect.any(String),
				url: expect.stringContaining(type),
			}),
		]);
		expect(simulator.tasks).toEqual([]);
	});

	it('is told what is wrong only with the result where the options say so', async () => {
		const simulator = await start({ falAiChecks: 'atResult' });
		const { status, body } = await resultOf(simulator, { prompt: '' });
		expect([status, body.detail[0].loc]).toEqual([422, ['body', 'prompt']]);
		expect(simulator.tasks).toHaveLength(1);
	});

	it('gets the observed receipt, with addresses on the host that it came to', async () => {
		const simulator = await start({ basePath: '/gateway' });
		const url = `${simulator.url.replace('127.0.0.1', 'localhost')}/gateway`;
		const headers = { 'x-fal-no-retry': '1' };
		const body = { prompt: 'p', image_urls: ['http://127.0.0.1:9/a'] };
		const reply = await call('POST', `${url}/${APP}/edit`, body, headers);
		const request = `${url}/${APP}/requests/${simulator.tasks[0]?.id}`;
		expect([reply.status, reply.body]).toEqual([
			200,
			{
				status: 'IN_QUEUE',
				request_id: simulator.tasks[0]?.id,
				response_url: request,
				status_url: `${request}/status`,
				cancel_url: `${request}/cancel`,
				logs: null,
				metrics: {},
				queue_position: 0,
			},
		]);
		expect(simulator.requests[0]?.headers).toMatchObject(headers);
		expect(simulator.tasks[0]).toMatchObject({ body, references: [{ url: body.image_urls[0] }] });
	});

	it.each<[size: unknown, path: string, sides: [number, number]]>([
		[undefined, '', [1024, 768]],
		['portrait_16_9', '', [576, 1024]],
		[{ width: 640, height: 480 }, '', [640, 480]],
		[{ width: 640 }, '', [640, 512]],
		[undefined, '/edit', [1024, 1024]],
		['square', '/edit', [512, 512]],
	])('makes of the size %j on the route %j %j', async (image_size, path, sides) => {
		const simulator = await start();
		await submit(simulator, { prompt: 'p', image_size, image_urls: [DATA_URI] }, path);
		expect(simulator.tasks.map(({ width, height }) => [width, height])).toEqual([sides]);
	});

	it('costs 5 cents for every megapixel begun, of every image', async () => {
		const simulator = await start();
		await submit(simulator, { prompt: 'p', image_size: { width: 1025, height: 1024 } });
		expect(simulator.balance).toBe(1_000_000 - 1000);
		await submit(simulator, { prompt: 'p', image_urls: [DATA_URI, 'http://a/b'] }, '/edit');
		expect(simulator.balance).toBe(1_000_000 - 1000 - 1500);
	});
});

describe('fal.ai, by the key and the state of the account,', () => {
	const unknown = `/${APP}/requests/00000000-0000-4000-8000-000000000000`;

	it.each<[method: string, path: string, authorization: string, status: number, body: object]>([
		['GET', `${unknown}/status`, KEY, 404, { status: 'NOT_FOUND' }],
		['GET', unknown, KEY, 404, { status: 'NOT_FOUND' }],
		['PUT', `${unknown}/cancel`, KEY, 404, { status: 'NOT_FOUND' }],
		['GET', `${unknown}/status`, 'Key nope', 401, { detail: 'invalid key credentials' }],
		['POST', `/${APP}`, 'Bearer simulator-key', 401, { detail: 'invalid key credentials' }],
		['POST', `/${APP}`, '', 401, { detail: `Cannot access application "${APP}"` }],
		['POST', '/fal-ai/h3-max', KEY, 404, { detail: 'Application "h3-max" not found' }],
		['POST', '/fal-ai/h3-max', 'Key nope', 401, { detail: 'invalid key credentials' }],
	])('answers %s %s with the key %j by %i', async (method, path, authorization, status, body) => {
		const { url, tasks, requests } = await start();
		const headers = authorization ? { authorization } : undefined;
		const response = await fetch(url + path, { method, headers });
		expect([response.status, await response.json()]).toEqual([status, body]);
		expect([tasks, requests[0]?.status]).toEqual([[], status]);
	});

	it('locks a user without balance, who still gets to see old tasks', async () => {
		const simulator = await start();
		simulator.balance = 500;
		const { status_url: statusUrl } = (await submit(simulator, { prompt: 'p' })).body;
		const { status, body } = await submit(simulator, { prompt: 'p' });
		const detail =
			'User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing.';
		expect([status, body]).toEqual([403, { detail }]);
		expect((await get(statusUrl)).status).toBe(200);
	});

	it('refuses where a limit is set, and by its documented limit lets tasks wait', async () => {
		let now = Date.now();
		const times = { now: () => now, processingMilliseconds: 5000, retryAfter: true };
		const limited = await start({ ...times, maxActiveTasks: 1 });
		await submit(limited, { prompt: 'p' });
		const { status, headers } = await submit(limited, { prompt: 'p' });
		expect([status, headers.get('retry-after')]).toEqual([429, '5']);

		const simulator = await start({ ...times, maxActiveTasks: 'documented' });
		const urls: string[] = [];
		for (let count = 0; count < 4; count++) {
			urls.push((await submit(simulator, { prompt: 'p' })).body.status_url);
		}
		const states = async () =>
			(await Promise.all(urls.map(get))).map(
				({ body }) => `${body.status} ${body.queue_position ?? ''}`,
			);
		expect(await states()).toEqual(['IN_PROGRESS ', 'IN_PROGRESS ', 'IN_QUEUE 0', 'IN_QUEUE 1']);
		now += 5000;
		expect(await states()).toEqual(['COMPLETED ', 'COMPLETED ', 'IN_PROGRESS ', 'IN_PROGRESS ']);
	});
});

describe('A task of fal.ai', () => {
	const slow = { queueMilliseconds: 1000, processingMilliseconds: 1000 };

	it('goes by the clock from 202 to 200, and only then has a result', async () => {
		let now = Date.now();
		const simulator = await start({ ...slow, now: () => now });
		const { request_id, status_url, response_url, cancel_url } = (
			await submit(simulator, { prompt: 'p', seed: 7, image_size: 'square' })
		).body;
		const common = { request_id, status_url, response_url, cancel_url };
		const ask = async () => [(await get(status_url)).status, (await get(status_url)).body];
		expect(await ask()).toEqual([202, { status: 'IN_QUEUE', ...common, queue_position: 0 }]);
		now += 1500;
		const nothing = { logs: null, metrics: {} };
		expect(await ask()).toEqual([202, { status: 'IN_PROGRESS', ...common, ...nothing }]);
		expect(await get(response_url)).toMatchObject({
			status: 400,
			body: { detail: 'Request is still in progress' },
		});
		now += 500;
		const metrics = { inference_time: 1 };
		expect(await ask()).toEqual([200, { status: 'COMPLETED', ...common, logs: null, metrics }]);
		const { status, body } = await get(response_url);
		const url = expect.stringContaining('/images/');
		const file = { content_type: 'image/jpeg', file_name: `${request_id}.jpeg`, file_size: null };
		expect([status, body]).toEqual([
			200,
			{ images: [{ url, ...file, width: 512, height: 512 }], seed: 7 },
		]);
		now += 1e12;
		expect((await fetch(body.images[0].url)).status).toBe(200);
	});

	it('fails by its result, which shows the request', async () => {
		const simulator = await start();
		const flagged =
			'The content could not be processed because it contained material flagged by a content checker.';
		const type = 'content_policy_violation';
		const filtered = await resultOf(simulator, { prompt: 'a [filtered]' });
		expect([filtered.status, filtered.body]).toEqual([
			422,
			{
				detail: [
					{
						loc: ['body', 'prompt'],
						msg: flagged,
						type,
						url: `https://docs.fal.ai/errors#${type}`,
						input: { prompt: 'a [filtered]' },
					},
				],
			},
		]);
		const nsfw = await resultOf(simulator, { prompt: '[nsfw]' });
		expect([nsfw.status, nsfw.body]).toEqual([422, { detail: { type, message: flagged } }]);
		const failed = await resultOf(simulator, { prompt: '[fail]' });
		expect([failed.status, failed.body.detail[0]]).toMatchObject([
			500,
			{ type: 'internal_server_error', msg: expect.stringContaining('[fail]') },
		]);
	});

	it.each([
		['http://127.0.0.1:9/a', 'file_download_error'],
		['data:image/png;base64,aGVsbG8=', 'image_load_error'],
		['a text', 'image_load_error'],
	])('fails where its second image is %s', async (link, type) => {
		const body = { image_urls: [DATA_URI, link] };
		const { status, body: result } = await resultOf(await start(), body, '/edit');
		expect([status, result.detail[0]]).toMatchObject([
			422,
			{ loc: ['body', 'image_urls', 1], type },
		]);
	});

	it('is removed from the queue for nothing, but once begun goes on', async () => {
		let now = Date.now();
		const simulator = await start({ ...slow, now: () => now });
		const first = (await submit(simulator, { prompt: 'p' })).body;
		const cancel = async (url: string) => {
			const { status, body } = await call('PUT', url);
			return [status, body.status];
		};
		expect(await cancel(first.cancel_url)).toEqual([202, 'CANCELLATION_REQUESTED']);
		expect(await cancel(first.cancel_url)).toEqual([404, 'NOT_FOUND']);
		expect((await get(first.status_url)).body).toEqual({ status: 'NOT_FOUND' });
		expect([simulator.tasks, simulator.balance]).toEqual([[], 1_000_000]);

		const second = (await submit(simulator, { prompt: 'p' })).body;
		now += 1500;
		expect(await cancel(second.cancel_url)).toEqual([202, 'CANCELLATION_REQUESTED']);
		now += 500;
		expect((await get(second.response_url)).status).toBe(200);
		expect(await cancel(second.cancel_url)).toEqual([400, 'ALREADY_COMPLETED']);
		expect(simulator.tasks).toHaveLength(1);
	});

	it('can have its status, its result and its cancel go wrong each', async () => {
		const simulator = await start();
		const calls = ['submit', 'poll', 'result', 'cancel'] as const;
		for (const faulty of calls) {
			simulator.faults.add({ call: faulty, fault: { kind: 'status', status: 503 } });
		}
		const statusOf = async (method: string, path: string, body?: string) => {
			const headers = { authorization: KEY, 'content-type': 'application/json' };
			return (await fetch(`${simulator.url}/${APP}${path}`, { method, headers, body })).status;
		};
		expect(await statusOf('POST', '', '{"prompt":"p"}')).toBe(503);
		await submit(simulator, { prompt: 'p' });
		const task = `/requests/${simulator.tasks[0]?.id}`;
		for (const [method, path] of [
			['GET', `${task}/status`],
			['GET', task],
			['PUT', `${task}/cancel`],
		] as const) {
			expect(await statusOf(method, path)).toBe(503);
			expect(await statusOf(method, path)).not.toBe(503);
		}
	});
});

describe('The webhook of fal.ai', () => {
	async function eventOf(prompt: string, options: SimulatorOptions = {}) {
		const events: Array<{ headers: IncomingHttpHeaders; body: string }> = [];
		const host = await listen(async (request, response) => {
			const chunks: Buffer[] = [];
			for await (const chunk of request) chunks.push(chunk);
			events.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
			response.end();
		});
		const simulator = await start(options);
		const query = `?fal_webhook=${encodeURIComponent(`${host}/hook`)}`;
		await submit(simulator, { prompt }, '', query);
		await until(() => events.length === 1);
		return { simulator, event: events[0]!, body: JSON.parse(events[0]!.body) };
	}

	it('brings the result, signed by the key that is published', async () => {
		const { simulator, event, body } = await eventOf('p');
		const { id } = simulator.tasks[0]!;
		expect(body).toEqual({
			request_id: id,
			gateway_request_id: id,
			status: 'OK',
			payload: { images: [expect.objectContaining({ width: 1024 })], seed: expect.any(Number) },
		});
		const header = (name: string) => String(event.headers[`x-fal-webhook-${name}`]);
		const digest = createHash('sha256').update(event.body).digest('hex');
		const lines = [id, header('user-id'), header('timestamp'), digest].join('\n');
		const { keys } = (await get(`${simulator.url}/.well-known/jwks.json`)).body;
		const key = createPublicKey({ key: keys[0], format: 'jwk' });
		const signature = Buffer.from(header('signature'), 'hex');
		expect(header('request-id')).toBe(id);
		expect(Math.abs(Number(header('timestamp')) - Date.now() / 1000)).toBeLessThan(300);
		expect(verify(null, Buffer.from(lines), key, signature)).toBe(true);
	});

	it('brings the error of a task that failed', async () => {
		const { body } = await eventOf('[filtered]');
		expect(body).toMatchObject({
			status: 'ERROR',
			error: 'Invalid status code: 422',
			payload: { detail: [{ type: 'content_policy_violation' }] },
		});
	});
});
