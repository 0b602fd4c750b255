import { createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

import { createCanvas, loadImage } from '@napi-rs/canvas';

import { blackForestLabs, novita } from '../services';
import type { Simulator } from './index';
import { startSimulator } from './index';
import { clientOf, downloadBytes } from './testClient';
import { listen, start, until } from './testServers';

const { send, submit } = clientOf(blackForestLabs);
const ofNovita = clientOf(novita);

const IMAGE = createCanvas(1024, 512).toBuffer('image/png');
const BASE64 = IMAGE.toString('base64');

/** Submits, and the body of the first answer about the task. */
async function resultOf(simulator: Simulator, body: object) {
	const { polling_url: pollingUrl } = (await submit(simulator, body)).body;
	return (await send(pollingUrl)).body;
}

describe('A submit to Black Forest Labs', () => {
	const field = (name: string, value: unknown) => [{ prompt: 'p', [name]: value }, name] as const;

	it.each<[what: string, body: unknown, field: string | undefined, type: string]>([
		['no object', [], undefined, 'model_attributes_type'],
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
		expect(status).toBe(422);
		expect(reply.detail).toContainEqual(
			expect.objectContaining({
				type,
				loc: name === undefined ? ['body'] : ['body', name],
				msg: expect.any(String),
			}),
		);
		expect(simulator.tasks).toEqual([]);
	});

	it('is told everything that is wrong at once, or that it is not JSON', async () => {
		const simulator = await start();
		const { body } = await submit(simulator, { width: 1, steps: 0 });
		const wrong = body.detail.map(({ loc }: { loc: string[] }) => loc[1]);
		expect(wrong).toEqual(['prompt', 'width', 'steps']);
		const unreadable = await submit(simulator, '{');
		expect([unreadable.status, unreadable.body.detail[0].type]).toEqual([422, 'json_invalid']);
	});

	it.each([
		[{ width: 64, height: 64, seed: 4294967295, guidance: 1.5, steps: 1 }, [64, 64]],
		[{ width: 2048, height: 2048, safety_tolerance: 5, prompt_upsampling: false }, [2048, 2048]],
		[{ width: 0, height: 512, seed: null, input_image: null }, [1024, 512]],
		[{ colour: 'unknown fields are ignored' }, [1024, 1024]],
	])('is accepted with %j, and makes %j', async (fields, [width, height]) => {
		const simulator = await start();
		const body = { prompt: 'p', ...fields };
		const { status, body: reply } = await submit(simulator, body);
		expect(status).toBe(200);
		expect(Object.keys(reply)).toEqual(['id', 'polling_url', 'cost', 'input_mp', 'output_mp']);
		expect(reply.polling_url).toBe(`${simulator.url}/v1/get_result?id=${reply.id}`);
		expect(simulator.tasks).toMatchObject([{ id: reply.id, body, width, height }]);
	});

	it('gets no polling URL and no cost where the options say so', async () => {
		const simulator = await start({ pollingUrl: 'none', tellsCost: false });
		const { body } = await submit(simulator, { prompt: 'p' });
		const nothing = { cost: null, input_mp: null, output_mp: null };
		expect(body).toEqual({ id: simulator.tasks[0]?.id, ...nothing });
	});
});

it.each([
	['/v1/get_result?id=a', 403, { detail: 'Not authenticated' }, ''],
	['/v1/credits', 403, { detail: 'Not authenticated' }, ''],
	['/v1/get_result?id=a', 404, { status: 'Task not found', id: 'a', result: null }, 'two'],
	['/v1/get_result', 422, { detail: [{ type: 'missing', loc: ['query', 'id'] }] }, 'two'],
	['/v1/flux-2-flex', 404, { detail: 'Not Found' }, 'two'],
])('Black Forest Labs answers GET %s by %i %j with the key %j', async (path, status, body, key) => {
	const { url, requests } = await start({ apiKeys: ['one', 'two'] });
	expect(await send(url + path, undefined, key)).toMatchObject({ status, body });
	expect(requests[0]?.status).toBe(status);
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
		const ask = async () => (await send(body.polling_url)).body;
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
		['jpeg', undefined, 'ffd8ff'],
		['png', 'png', '89504e'],
		['webp', 'webp', '524946'],
	])('is a %s of the asked size for output_format %s', async (type, output_format, mark) => {
		const order = { prompt: 'a heron', width: 256, height: 128, seed: 1, output_format };
		const { result } = await resultOf(await start(), order);
		const response = await fetch(result.sample);
		expect(response.headers.get('content-type')).toBe(`image/${type}`);
		const bytes = Buffer.from(await response.arrayBuffer());
		expect(bytes.toString('hex', 0, 3)).toBe(mark);
		const { width, height } = await loadImage(bytes);
		expect([width, height]).toEqual([256, 128]);
	});

	it.each([
		['[fail]', { status: 'Error', result: null, error: 'internal_error' }],
		[
			'[filtered]',
			{
				status: 'Content Moderated',
				result: null,
				details: { 'Moderation Reasons': ['Safety Filter'] },
			},
		],
		['[nsfw]', { status: 'Request Moderated', result: null }],
		['[slow]', { status: 'Pending' }],
	])('ends as the special prompt %s says', async (prompt, told) => {
		expect(await resultOf(await start(), { prompt })).toMatchObject(told);
	});
});

it('The polling URL leads to another host when told, which closes with the simulator', async () => {
	const simulator = await startSimulator({ pollingUrl: 'regionalHost', basePath: '/gateway' });
	const { url, regionalUrl = '', requests } = simulator;
	const { body } = await submit({ url: `${url}/gateway` }, { prompt: 'p' });
	expect(new URL(body.polling_url).origin).toBe(regionalUrl);
	expect(regionalUrl).not.toBe(url);
	expect((await send(body.polling_url)).body.status).toBe('Ready');
	expect((await send(`${url}/gateway/v1/get_result?id=${body.id}`)).body.status).toBe('Ready');
	expect(requests.map(({ headers, taskId }) => [headers.host, taskId])).toEqual(
		[url, regionalUrl, url].map((origin) => [new URL(origin).host, body.id]),
	);
	await simulator.close();
	await expect(send(body.polling_url)).rejects.toThrow('fetch failed');
});

describe('The credits', () => {
	const size = (width: number, height: number) => ({ width, height });

	it.each([
		[size(64, 64), { cost: 5, input_mp: 0, output_mp: 0 }],
		[size(2048, 2048), { cost: 20, input_mp: 0, output_mp: 4 }],
		[size(1536, 1024), { cost: 8, input_mp: 0, output_mp: 1.5 }],
		[{ input_image: BASE64 }, { cost: 8, input_mp: 0.5, output_mp: 1 }],
		[{ input_image: 'http://127.0.0.1:9/a' }, { cost: 10, input_mp: 1, output_mp: 1 }],
	])('for the order %j are what the published formula says', async (order, price) => {
		const simulator = await start();
		expect((await submit(simulator, { prompt: 'p', ...order })).body).toMatchObject(price);
		expect(simulator.balance).toBe(1_000_000 - price.cost * 100);
		const { body } = await send(`${simulator.url}/v1/credits`);
		expect(body).toEqual({ credits: 10_000 - price.cost });
	});

	it('are one account for all dialects, of which nothing is taken for what is refused', async () => {
		const simulator = await start({ maxActiveTasks: 2, processingMilliseconds: 60_000 });
		simulator.balance = 700;
		expect((await ofNovita.submit(simulator, { prompt: 'p' })).status).toBe(200);
		const statuses = [];
		for (const prompt of ['', 'p', 'p'])
			statuses.push((await submit(simulator, { prompt })).status);
		expect(statuses).toEqual([422, 200, 402]);
		expect(simulator.balance).toBe(200);
		simulator.balance = 700;
		expect((await submit(simulator, { prompt: 'p' })).status).toBe(429);
		expect(simulator.balance).toBe(700);
		simulator.reset();
		expect((await submit(simulator, { prompt: 'p' })).status).toBe(200);
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
		// Nothing is documented for the other dialect.
		const others = Array.from({ length: 23 }, () => ofNovita.submit(simulator, { prompt: 'p' }));
		expect((await Promise.all(others)).every(({ status }) => status === 200)).toBe(true);
		const last = await submit(simulator, { prompt: 'p' });
		expect([last.status, ...limits(last)]).toEqual([200, 24, 0, expect.any(Number)]);
		const refused = await submit(simulator, { prompt: 'p' });
		expect([refused.status, refused.body.retry_after]).toEqual([429, 5]);
		expect(refused.headers.get('retry-after')).toBe('5');
		expect(limits(refused)).toEqual([24, 0, Math.ceil(now / 1000) + 5]);
		expect((await ofNovita.submit(simulator, { prompt: 'p' })).status).toBe(200);
		now += 5000;
		expect((await submit(simulator, { prompt: 'p' })).status).toBe(200);
	});

	it('are told in the body alone unless options ask for the header, and are off by default', async () => {
		const one = await start({ maxActiveTasks: 1, processingMilliseconds: 5000 });
		await submit(one, { prompt: 'p' });
		const refused = await submit(one, { prompt: 'p' });
		expect([refused.status, refused.headers.has('retry-after')]).toEqual([429, false]);
		const reply = await submit(await start(), { prompt: 'p' });
		expect(reply.headers.has('x-ratelimit-limit')).toBe(false);
	});
});

it('The webhook of Black Forest Labs gets what became of the task, signed with the secret', async () => {
	const events: Array<{ headers: IncomingHttpHeaders; text: string }> = [];
	const host = await listen(async (request, response) => {
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk);
		events.push({ headers: request.headers, text: Buffer.concat(chunks).toString() });
		response.end();
	});
	const simulator = await start({ drawImage: async () => IMAGE });
	const order = { prompt: 'p', seed: 3, webhook_url: `${host}/hook` };
	await submit(simulator, order);
	await until(() => events.length === 1);
	await submit(simulator, { ...order, webhook_secret: 'a secret' });
	await until(() => events.length === 2);

	const [plain, signed] = events;
	const body = JSON.parse(plain!.text);
	expect(body).toEqual({
		id: simulator.tasks[0]?.id,
		status: 'Ready',
		result: { sample: expect.any(String), seed: 3, prompt: 'p' },
		timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
	});
	expect(await downloadBytes(body.result.sample)).toEqual(IMAGE);
	expect(plain!.headers).not.toHaveProperty('x-bfl-signature');
	const digest = createHmac('sha256', 'a secret').update(signed!.text).digest('hex');
	expect(signed!.headers['x-bfl-signature']).toBe(`sha256=${digest}`);
	expect(signed!.text).not.toContain('a secret');
});

it('Both dialects know the same tasks, and have their faults by the same names', async () => {
	const simulator = await start();
	for (const call of ['submit', 'poll'] as const) {
		simulator.faults.add({ call, fault: { kind: 'status', status: 503, body: {} } });
	}
	expect((await submit(simulator, { prompt: 'p' })).status).toBe(503);
	expect(simulator.tasks).toEqual([]);
	const { body } = await submit(simulator, { prompt: 'p', output_format: 'webp' });
	expect((await send(body.polling_url)).status).toBe(503);
	const result = (await ofNovita.poll(simulator, body.id)).body;
	expect(result.task).toMatchObject({ task_id: body.id, status: 'TASK_STATUS_SUCCEED' });
	expect(result.images[0].image_type).toBe('webp');
	expect(simulator.requests.map(({ call, taskId }) => [call, taskId])).toEqual([
		['submit', undefined],
		...['submit', 'poll', 'poll'].map((call) => [call, body.id]),
	]);
});
