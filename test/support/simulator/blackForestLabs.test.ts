import { createHash, createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

import { createCanvas, loadImage } from '@napi-rs/canvas';

import type { Simulator, SimulatorOptions } from './index';
import { startSimulator } from './index';
import {
	downloadBytes,
	poll as pollAtNovita,
	submit as submitToNovita,
	type Reply,
} from './testClient';
import { listen, start, until } from './testServers';

const IMAGE = createCanvas(1024, 512).toBuffer('image/png');
const BASE64 = IMAGE.toString('base64');

async function get(url: string, key = 'simulator-key'): Promise<Reply> {
	const response = await fetch(url, { headers: key ? { 'x-key': key } : {} });
	return { status: response.status, headers: response.headers, body: await response.json() };
}

async function submit(
	{ url }: { url: string },
	body: unknown,
	key = 'simulator-key',
): Promise<Reply> {
	const response = await fetch(`${url}/v1/flux-2-flex`, {
		method: 'POST',
		headers: { 'x-key': key, 'content-type': 'application/json' },
		body: typeof body === 'string' ? body : JSON.stringify(body),
	});
	return { status: response.status, headers: response.headers, body: await response.json() };
}

/** Submits, and the body of the first answer about the task. */
async function resultOf(simulator: Simulator, body: object) {
	const { polling_url: pollingUrl } = (await submit(simulator, body)).body;
	return (await get(pollingUrl)).body;
}

async function pollUntilEnded(url: string) {
	for (;;) {
		const { body } = await get(url);
		if (body.status !== 'Pending') return body;
	}
}

describe('A submit to Black Forest Labs', () => {
	const field = (name: string, value: unknown) => [{ prompt: 'p', [name]: value }, name] as const;

	it.each<[what: string, body: unknown, field: string | undefined, type: string]>([
		['no object', [], undefined, 'model_attributes_type'],
		['no prompt', {}, 'prompt', 'missing'],
		['null as prompt', { prompt: null }, 'prompt', 'missing'],
		['an empty prompt', { prompt: '' }, 'prompt', 'string_too_short'],
		['a number as prompt', { prompt: 5 }, 'prompt', 'string_type'],
		['too narrow', ...field('width', 48), 'greater_than_equal'],
		['no multiple of 16', ...field('height', 1000), 'value_error'],
		['a width as text', ...field('width', '512'), 'int_type'],
		['a broken width', ...field('width', 512.5), 'int_from_float'],
		['over 4 MP', { prompt: 'p', width: 2048, height: 2064 }, 'width', 'value_error'],
		['over 4 MP with one side', ...field('width', 4112), 'value_error'],
		['a negative seed', ...field('seed', -1), 'greater_than_equal'],
		['a seed as text', ...field('seed', '1'), 'int_type'],
		['too little guidance', ...field('guidance', 1.4), 'greater_than_equal'],
		['too much guidance', ...field('guidance', 10.1), 'less_than_equal'],
		['guidance as text', ...field('guidance', '5'), 'float_type'],
		['no steps', ...field('steps', 0), 'greater_than_equal'],
		['too many steps', ...field('steps', 51), 'less_than_equal'],
		['too much tolerance', ...field('safety_tolerance', 6), 'less_than_equal'],
		['another format', ...field('output_format', 'gif'), 'enum'],
		['upsampling as text', ...field('prompt_upsampling', 'yes'), 'bool_type'],
		['a webhook that is no address', ...field('webhook_url', 'somewhere'), 'url_parsing'],
		['an image that is a number', ...field('input_image', 5), 'string_type'],
		['a text in the place of an image', ...field('input_image_2', btoa('hello')), 'value_error'],
		['an image that is no base64', ...field('input_image_8', 'file:///a'), 'value_error'],
		['a data URI', ...field('input_image', `data:image/png;base64,${BASE64}`), 'value_error'],
		['an image of 11 MB', ...field('input_image', 'A'.repeat(15_000_000)), 'value_error'],
	])('is refused with %s', async (_, body, name, type) => {
		const simulator = await start();
		const { status, body: reply } = await submit(simulator, body);
		expect([status, reply]).toMatchObject([
			422,
			{
				detail: expect.arrayContaining([
					expect.objectContaining({
						type,
						loc: name === undefined ? ['body'] : ['body', name],
						msg: expect.any(String),
					}),
				]),
			},
		]);
		expect(simulator.tasks).toEqual([]);
	});

	it('is told everything that is wrong at once', async () => {
		const { body } = await submit(await start(), { width: 1, steps: 0 });
		expect(body.detail.map(({ loc }: { loc: string[] }) => loc[1])).toEqual([
			'prompt',
			'width',
			'steps',
		]);
	});

	it('is refused with a body that is not JSON', async () => {
		const { status, body } = await submit(await start(), '{');
		expect([status, body.detail[0].type]).toEqual([422, 'json_invalid']);
	});

	it.each([
		{ prompt: 'p', width: 64, height: 64, seed: 4294967295, guidance: 1.5, steps: 1 },
		{ prompt: 'p', width: 2048, height: 2048, safety_tolerance: 5, prompt_upsampling: false },
		{ prompt: 'p', width: 0, height: 0, seed: null, input_image: null },
		{ prompt: 'p', colour: 'unknown fields are ignored' },
	])('is accepted with %j', async (body) => {
		const simulator = await start();
		const { status, body: reply } = await submit(simulator, body);
		expect(status).toBe(200);
		expect(Object.keys(reply)).toEqual(['id', 'polling_url', 'cost', 'input_mp', 'output_mp']);
		expect(reply.polling_url).toBe(`${simulator.url}/v1/get_result?id=${reply.id}`);
		expect(simulator.tasks[0]).toMatchObject({ id: reply.id, body });
	});

	it('makes 1024 × 1024 where it names no size', async () => {
		const simulator = await start();
		await submit(simulator, { prompt: 'p' });
		await submit(simulator, { prompt: 'p', width: 0, height: 512 });
		expect(simulator.tasks.map(({ width, height }) => [width, height])).toEqual([
			[1024, 1024],
			[1024, 512],
		]);
	});

	it('gets no polling URL and no cost where the options say so', async () => {
		const simulator = await start({ pollingUrl: 'none', tellsCost: false });
		const { body } = await submit(simulator, { prompt: 'p' });
		expect(body).toEqual({
			id: simulator.tasks[0]?.id,
			cost: null,
			input_mp: null,
			output_mp: null,
		});
		expect((await get(`${simulator.url}/v1/get_result?id=${body.id}`)).body.status).toBe('Ready');
	});
});

describe('Black Forest Labs, by the key of the request,', () => {
	it.each([
		['/v1/get_result?id=a', 'one', 404, { status: 'Task not found', id: 'a', result: null }],
		['/v1/get_result?id=a', 'nope', 403, { detail: 'Not authenticated - Invalid Authentication' }],
		['/v1/get_result?id=a', '', 403, { detail: 'Not authenticated' }],
		['/v1/get_result', 'two', 422, { detail: [{ type: 'missing', loc: ['query', 'id'] }] }],
		['/v1/credits', 'two', 200, { credits: 10_000 }],
		['/v1/credits', 'nope', 403, { detail: 'Not authenticated - Invalid Authentication' }],
		['/v1/credits', '', 403, { detail: 'Not authenticated' }],
		['/v1/flux-2-flex', 'one', 404, { detail: 'Not Found' }],
		['/v1/flux-2-max', 'one', 404, { detail: 'Not Found' }],
	])('answers GET %s with key %j by %i', async (path, key, status, body) => {
		const { url, requests } = await start({ apiKeys: ['one', 'two'] });
		expect(await get(url + path, key)).toMatchObject({ status, body });
		expect(requests[0]?.status).toBe(status);
	});
});

describe('The result of Black Forest Labs', () => {
	it('goes from pending to ready', async () => {
		let now = Date.now();
		const simulator = await start({
			now: () => now,
			queueMilliseconds: 1000,
			processingMilliseconds: 1000,
		});
		const { body } = await submit(simulator, { prompt: 'a heron', seed: 7 });
		const nothing = { result: null, progress: null, details: null, preview: null };
		const ask = async () => (await get(body.polling_url)).body;
		expect(await ask()).toEqual({ id: body.id, status: 'Pending', ...nothing });
		now += 1500;
		expect(await ask()).toEqual({ id: body.id, status: 'Pending', ...nothing, progress: 0.5 });
		now += 500;
		expect(await ask()).toEqual({
			id: body.id,
			status: 'Ready',
			...nothing,
			result: { sample: expect.stringMatching(/^http/), seed: 7, prompt: 'a heron' },
		});
	});

	it.each([
		['jpeg', undefined],
		['jpeg', 'jpeg'],
		['png', 'png'],
		['webp', 'webp'],
	])('is a %s of the asked size for output_format %s', async (type, output_format) => {
		const order = { prompt: 'a heron', width: 256, height: 128, seed: 1, output_format };
		const { result } = await resultOf(await start(), order);
		const response = await fetch(result.sample);
		expect(response.headers.get('content-type')).toBe(`image/${type}`);
		const bytes = Buffer.from(await response.arrayBuffer());
		const marks = { jpeg: 'ffd8ff', png: '89504e', webp: '524946' };
		expect(bytes.toString('hex', 0, 3)).toBe(marks[type as keyof typeof marks]);
		const { width, height } = await loadImage(bytes);
		expect([width, height]).toEqual([256, 128]);
	});

	it('ends as special prompts say', async () => {
		const simulator = await start();
		expect(await resultOf(simulator, { prompt: '[fail]' })).toMatchObject({
			status: 'Error',
			result: null,
			error: 'internal_error',
			message: expect.stringContaining('[fail]'),
		});
		expect(await resultOf(simulator, { prompt: '[filtered]' })).toMatchObject({
			status: 'Content Moderated',
			result: null,
			details: { 'Moderation Reasons': ['Safety Filter'] },
		});
		expect(await resultOf(simulator, { prompt: '[nsfw]' })).toMatchObject({
			status: 'Request Moderated',
			result: null,
		});
		expect(await resultOf(simulator, { prompt: '[slow]' })).toMatchObject({ status: 'Pending' });
	});
});

describe('The polling URL', () => {
	it('leads to another host when told, where everything is there, too', async () => {
		const simulator = await start({ pollingUrl: 'regionalHost', basePath: '/gateway' });
		const { url, regionalUrl } = simulator;
		const { body } = await submit({ url: `${url}/gateway` }, { prompt: 'p' });
		expect(new URL(body.polling_url).origin).toBe(regionalUrl);
		expect(regionalUrl).not.toBe(url);
		expect((await get(body.polling_url)).body.status).toBe('Ready');
		expect((await get(`${url}/gateway/v1/get_result?id=${body.id}`)).body.status).toBe('Ready');
		expect(simulator.requests.map(({ headers, taskId }) => [headers.host, taskId])).toEqual(
			[url, regionalUrl, url].map((origin) => [new URL(origin ?? '').host, body.id]),
		);
	});

	it('is closed with the rest of the simulator', async () => {
		const { regionalUrl = '', close } = await startSimulator({ pollingUrl: 'regionalHost' });
		expect((await get(`${regionalUrl}/v1/credits`)).status).toBe(200);
		await close();
		await expect(get(`${regionalUrl}/v1/credits`)).rejects.toThrow('fetch failed');
	});
});

describe('The credits', () => {
	it.each([
		[{}, { cost: 5, input_mp: 0, output_mp: 1 }],
		[
			{ width: 64, height: 64 },
			{ cost: 5, input_mp: 0, output_mp: 0 },
		],
		[
			{ width: 2048, height: 2048 },
			{ cost: 20, input_mp: 0, output_mp: 4 },
		],
		[
			{ width: 1536, height: 1024 },
			{ cost: 8, input_mp: 0, output_mp: 1.5 },
		],
		[{ input_image: BASE64 }, { cost: 8, input_mp: 0.5, output_mp: 1 }],
		[
			{ input_image: BASE64, input_image_3: BASE64 },
			{ cost: 10, input_mp: 1, output_mp: 1 },
		],
		[{ input_image: 'http://127.0.0.1:9/a' }, { cost: 10, input_mp: 1, output_mp: 1 }],
	])('for the order %j are what the published formula says', async (order, price) => {
		const simulator = await start();
		expect((await submit(simulator, { prompt: 'p', ...order })).body).toMatchObject(price);
		expect(simulator.balance).toBe(1_000_000 - price.cost * 100);
		expect((await get(`${simulator.url}/v1/credits`)).body).toEqual({
			credits: 10_000 - price.cost,
		});
	});

	it('run out in the middle of a batch, and come back with reset', async () => {
		const simulator = await start();
		// $0.12, for two images of 5 credits each.
		simulator.balance = 1200;
		const statuses = [];
		for (const prompt of ['a', 'b', 'c']) {
			statuses.push((await submit(simulator, { prompt })).status);
		}
		expect(statuses).toEqual([200, 200, 402]);
		expect(simulator.tasks).toHaveLength(2);
		simulator.reset();
		expect((await submit(simulator, { prompt: 'd' })).status).toBe(200);
	});

	it('are the same account as in the other dialect, whose submits take nothing', async () => {
		const simulator = await start();
		simulator.balance = 500;
		await submitToNovita(simulator, { prompt: 'p' });
		expect((await get(`${simulator.url}/v1/credits`)).body).toEqual({ credits: 5 });
		await submit(simulator, { prompt: 'p' });
		const { status, body } = await submitToNovita(simulator, { prompt: 'p' });
		expect([status, body.reason]).toEqual([403, 'NOT_ENOUGH_BALANCE']);
	});

	it('are not taken for what is refused', async () => {
		const simulator = await start({ maxActiveTasks: 1, processingMilliseconds: 60_000 });
		await submit(simulator, { prompt: 'p' });
		await submit(simulator, { prompt: 'p' });
		await submit(simulator, { prompt: '' });
		expect(simulator.balance).toBe(1_000_000 - 500);
	});
});

describe('The limits of Black Forest Labs', () => {
	it('are 24 active tasks where the documented ones are asked for', async () => {
		let now = Date.now();
		const simulator = await start({
			now: () => now,
			maxActiveTasks: 'documented',
			processingMilliseconds: 5000,
			retryAfter: true,
		});
		const limits = ({ headers }: { headers: Headers }) =>
			['limit', 'remaining', 'reset'].map((name) => Number(headers.get(`x-ratelimit-${name}`)));
		const replies = [];
		for (let task = 1; task <= 25; task++) replies.push(await submit(simulator, { prompt: 'p' }));
		expect(replies.map(({ status }) => status)).toEqual([...Array(24).fill(200), 429]);
		expect(limits(replies[0]!)).toEqual([24, 23, expect.any(Number)]);
		const refused = replies[24]!;
		expect(refused.body).toMatchObject({ error: 'rate_limit_exceeded', retry_after: 5 });
		expect(refused.headers.get('retry-after')).toBe('5');
		expect(limits(refused)).toEqual([24, 0, Math.ceil(now / 1000) + 5]);
		now += 5000;
		expect((await submit(simulator, { prompt: 'p' })).status).toBe(200);
	});

	it('are told in the body alone unless options ask for the header, and are off by default', async () => {
		const one = await start({ maxActiveTasks: 1, processingMilliseconds: 5000 });
		await submit(one, { prompt: 'p' });
		const refused = await submit(one, { prompt: 'p' });
		expect([refused.status, refused.headers.has('retry-after')]).toEqual([429, false]);

		const none = await start({ processingMilliseconds: 5000 });
		const reply = await submit(none, { prompt: 'p' });
		expect(reply.headers.has('x-ratelimit-limit')).toBe(false);
		// Nothing is documented for the other dialect.
		const documented = await start({ maxActiveTasks: 'documented', processingMilliseconds: 5000 });
		for (let task = 1; task <= 25; task++) {
			expect((await submitToNovita(documented, { prompt: 'p' })).status).toBe(200);
		}
	});
});

describe('Input images', () => {
	it('are fetched from their links and read from base64, in order', async () => {
		const host = await listen((_request, response) => response.end(IMAGE));
		const other = createCanvas(20, 20).toBuffer('image/jpeg');
		const simulator = await start();
		const { body } = await submit(simulator, {
			prompt: 'p',
			input_image: `${host}/a.png`,
			input_image_8: other.toString('base64'),
		});
		expect(await pollUntilEnded(body.polling_url)).toMatchObject({ status: 'Ready' });
		const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
		expect(simulator.tasks[0]?.references).toMatchObject([
			{ source: 'url', url: `${host}/a.png`, sha256: sha256(IMAGE), pixels: 1024 * 512 },
			{ source: 'base64', sha256: sha256(other), pixels: 400 },
		]);
	});

	it('fail the task where they cannot be fetched', async () => {
		const host = await listen((_request, response) => response.writeHead(404).end());
		const simulator = await start();
		const { body } = await submit(simulator, { prompt: 'p', input_image: `${host}/a.png` });
		expect(await pollUntilEnded(body.polling_url)).toMatchObject({
			status: 'Error',
			error: 'invalid_image',
			message: expect.stringContaining('404'),
		});
	});
});

describe('The webhook of Black Forest Labs', () => {
	interface Event {
		headers: IncomingHttpHeaders;
		body: string;
	}

	async function eventOf(order: object, options: SimulatorOptions = {}) {
		const events: Event[] = [];
		const host = await listen(async (request, response) => {
			const chunks: Buffer[] = [];
			for await (const chunk of request) chunks.push(chunk);
			events.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
			response.end();
		});
		const simulator = await start({ drawImage: async () => IMAGE, ...options });
		await submit(simulator, { prompt: 'p', webhook_url: `${host}/hook`, ...order });
		await until(() => events.length === 1);
		return { event: events[0]!, task: simulator.tasks[0]! };
	}

	it('gets what became of the task, with a link that works', async () => {
		const { event, task } = await eventOf({ seed: 3 });
		const body = JSON.parse(event.body);
		expect(body).toEqual({
			id: task.id,
			status: 'Ready',
			result: { sample: expect.any(String), seed: 3, prompt: 'p' },
			timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
		});
		expect(await downloadBytes(body.result.sample)).toEqual(IMAGE);
		expect(event.headers).not.toHaveProperty('x-bfl-signature');
	});

	it('is signed with the secret', async () => {
		const { event } = await eventOf({ webhook_secret: 'a secret' });
		const digest = createHmac('sha256', 'a secret').update(event.body).digest('hex');
		expect(event.headers['x-bfl-signature']).toBe(`sha256=${digest}`);
		expect(event.body).not.toContain('a secret');
	});
});

describe('Both dialects in one simulator', () => {
	it('have their faults and records by the same names', async () => {
		const simulator = await start({ drawImage: async () => IMAGE });
		for (const call of ['submit', 'poll', 'download'] as const) {
			simulator.faults.add({ call, fault: { kind: 'status', status: 503, body: {} } });
		}
		expect((await submit(simulator, { prompt: 'p' })).status).toBe(503);
		expect(simulator.tasks).toEqual([]);
		const { body } = await submit(simulator, { prompt: 'p' });
		expect((await get(body.polling_url)).status).toBe(503);
		const { result } = (await get(body.polling_url)).body;
		expect((await fetch(result.sample)).status).toBe(503);
		expect((await fetch(result.sample)).status).toBe(200);
		expect(simulator.requests.map(({ call, taskId }) => [call, taskId])).toEqual([
			['submit', undefined],
			...['submit', 'poll', 'poll', 'download', 'download'].map((call) => [call, body.id]),
		]);
	});

	it('know the same tasks', async () => {
		const simulator = await start();
		const { body } = await submit(simulator, { prompt: 'p', output_format: 'webp' });
		const result = (await pollAtNovita(simulator, body.id)).body;
		expect(result.task).toMatchObject({ task_id: body.id, status: 'TASK_STATUS_SUCCEED' });
		expect(result.images[0].image_type).toBe('webp');
	});
});
