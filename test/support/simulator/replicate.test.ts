import type { IncomingHttpHeaders } from 'node:http';

import { createCanvas, loadImage } from '@napi-rs/canvas';
import Replicate, { validateWebhook } from 'replicate';

import type { Simulator } from './index';
import { downloadBytes, type Reply } from './testClient';
import { listen, start, until } from './testServers';

const MODEL = 'black-forest-labs/flux-2-flex';
const SUBMIT = `/v1/models/${MODEL}/predictions`;
const IMAGE = createCanvas(40, 30).toBuffer('image/png');
const DATA_URI = `data:image/png;base64,${IMAGE.toString('base64')}`;
const ID = /^[a-z2-7]{26}$/;

async function call(
	method: string,
	url: string,
	body?: unknown,
	headers: Record<string, string> = {},
): Promise<Reply> {
	const response = await fetch(url, {
		method,
		headers: {
			authorization: 'Bearer simulator-key',
			'content-type': 'application/json',
			...headers,
		},
		body: body === undefined ? undefined : JSON.stringify(body),
	});
	return { status: response.status, headers: response.headers, body: await response.json() };
}

const submit = async (
	{ url }: { url: string },
	input: object,
	further: object = {},
	headers?: Record<string, string>,
) => await call('POST', url + SUBMIT, { input: { prompt: 'p', ...input }, ...further }, headers);

const get = async ({ url }: Simulator, id: string) =>
	(await call('GET', `${url}/v1/predictions/${id}`)).body;

/** Submits, and the prediction that comes of it. */
async function predictionOf(simulator: Simulator, input: object) {
	const { id } = (await submit(simulator, input)).body;
	for (;;) {
		const prediction = await get(simulator, id);
		if (prediction.completed_at !== null) return prediction;
	}
}

const clientOf = ({ url }: Simulator, auth = 'simulator-key') =>
	new Replicate({ auth, baseUrl: `${url}/v1` });

describe("Replicate's official client", () => {
	it.each([{ mode: 'block' }, { mode: 'poll', interval: 10 }] as const)(
		'runs the model to an image of the asked size, waiting by %j',
		async (wait) => {
			const simulator = await start({ processingMilliseconds: 100 });
			const input = { prompt: 'p', aspect_ratio: 'custom', width: 320, height: 256 };
			const output = await clientOf(simulator).run(MODEL, { input, wait });
			const { width, height } = await loadImage(await downloadBytes(String(output)));
			expect([width, height]).toEqual([320, 256]);
			expect(simulator.tasks).toHaveLength(1);
			expect(simulator.requests.some((request) => request.call === 'poll')).toBe(
				wait.mode === 'poll',
			);
		},
	);

	it('submits, waits, cancels, asks for the account, and understands refusals', async () => {
		const simulator = await start({ processingMilliseconds: 60_000 });
		const client = clientOf(simulator);
		const { id, status } = await client.predictions.create({
			model: MODEL,
			input: { prompt: 'p' },
		});
		expect([id, status]).toEqual([simulator.tasks[0]?.id, 'starting']);
		expect((await client.predictions.get(id)).status).toBe('processing');
		expect((await client.predictions.cancel(id)).status).toBe('canceled');
		expect((await client.wait({ ...(await client.predictions.get(id)) }, {})).output).toBeNull();
		expect(await client.accounts.current()).toMatchObject({ type: 'user' });
		await expect(clientOf(simulator, 'nope').accounts.current()).rejects.toMatchObject({
			message: expect.stringContaining('401'),
		});
	});
});

it("The simulator answers what Replicate's official client was recorded to send", async () => {
	const simulator = await start();
	const recorded = { accept: '*/*', 'user-agent': 'replicate-javascript/1.4.0' };
	const body = { input: { prompt: 'x' } };
	const create = async (headers: Record<string, string>) =>
		await call('POST', simulator.url + SUBMIT, body, headers);
	const waited = await create({ ...recorded, prefer: 'wait' });
	expect([waited.status, waited.body.status]).toEqual([201, 'succeeded']);
	const fresh = await create(recorded);
	expect([fresh.status, fresh.body.status]).toEqual([201, 'starting']);
	const { status } = await call('GET', fresh.body.urls.get, undefined, recorded);
	expect(status).toBe(200);
});

describe('A submit to Replicate', () => {
	it.each<[what: string, input: object, field: string, type: string]>([
		['no text as prompt', { prompt: 5 }, 'input.prompt', 'invalid_type'],
		['null as prompt', { prompt: null }, 'input', 'required'],
		['an unknown ratio', { aspect_ratio: '7:1' }, 'input.aspect_ratio', 'enum'],
		['too narrow', { width: 255 }, 'input.width', 'number_gte'],
		['too high', { height: 2049 }, 'input.height', 'number_lte'],
		['a broken seed', { seed: 1.5 }, 'input.seed', 'invalid_type'],
		['too little guidance', { guidance: 1 }, 'input.guidance', 'number_gte'],
		['too many steps', { steps: 51 }, 'input.steps', 'number_lte'],
		['no tolerance', { safety_tolerance: 0 }, 'input.safety_tolerance', 'number_gte'],
		['too much quality', { output_quality: 101 }, 'input.output_quality', 'number_lte'],
		['upsampling as text', { prompt_upsampling: 'yes' }, 'input.prompt_upsampling', 'invalid_type'],
		['images as text', { input_images: 'a' }, 'input.input_images', 'invalid_type'],
		[
			'11 images',
			{ input_images: Array(11).fill('http://a/b') },
			'input.input_images',
			'array_max_items',
		],
	])('is refused with %s', async (_, input, field, type) => {
		const simulator = await start();
		const { status, body } = await submit(simulator, input);
		const description = expect.any(String);
		expect([status, body]).toEqual([
			422,
			{
				detail: `- ${field}: ${body.invalid_fields[0].description}`,
				status: 422,
				title: 'Input validation failed',
				invalid_fields: [{ type, field, description }],
			},
		]);
		expect(simulator.tasks).toEqual([]);
	});

	it('is refused in the observed words', async () => {
		const { body } = await submit(await start(), { output_format: 'gif' });
		expect(body.detail).toBe(
			'- input.output_format: output_format must be one of the following: "webp", "jpg", "png"',
		);
	});

	it('is refused with a webhook that is no address, or for events that do not exist', async () => {
		const further = { webhook: 'somewhere', webhook_events_filter: ['end'] };
		const { body } = await submit(await start(), {}, further);
		expect(body.invalid_fields.map(({ field }: { field: string }) => field)).toEqual([
			'webhook',
			'webhook_events_filter',
		]);
	});

	it.each<[input: object, sides: [number, number]]>([
		[{}, [1024, 1024]],
		[{ resolution: '4 MP' }, [2048, 2048]],
		[{ aspect_ratio: '16:9' }, [1360, 768]],
		[{ aspect_ratio: 'custom', width: 700, height: 333 }, [704, 336]],
		[{ width: 700, height: 333 }, [1024, 1024]],
	])('makes of %j the size %j', async (input, sides) => {
		const simulator = await start();
		await submit(simulator, input);
		expect(simulator.tasks.map(({ width, height }) => [width, height])).toEqual([sides]);
	});

	it('is answered by the documented prediction, with addresses on the host it came to', async () => {
		const simulator = await start({ basePath: '/gateway' });
		const url = `${simulator.url.replace('127.0.0.1', 'localhost')}/gateway`;
		const { status, body } = await submit({ url }, { input_images: [DATA_URI] });
		const [task] = simulator.tasks;
		expect([status, body]).toEqual([
			201,
			{
				id: expect.stringMatching(ID),
				model: MODEL,
				version: 'hidden',
				input: { prompt: 'p', input_images: [DATA_URI] },
				logs: '',
				output: null,
				data_removed: false,
				error: null,
				source: 'api',
				status: 'starting',
				created_at: new Date(task?.acceptedAt ?? 0).toISOString(),
				started_at: null,
				completed_at: null,
				urls: {
					web: `https://replicate.com/p/${task?.id}`,
					get: `${url}/v1/predictions/${task?.id}`,
					cancel: `${url}/v1/predictions/${task?.id}/cancel`,
				},
			},
		]);
		expect(task?.references).toMatchObject([{ source: 'dataUri', byteLength: IMAGE.length }]);
		expect(simulator.balance).toBe(1_000_000 - 1200);
	});

	it('is refused without credit and beyond a limit', async () => {
		const times = { now: () => 0, processingMilliseconds: 7000 };
		const simulator = await start({ ...times, maxActiveTasks: 1 });
		await submit(simulator, {});
		const throttled = await submit(simulator, {});
		expect([throttled.status, throttled.body]).toEqual([
			429,
			{
				detail: 'Request was throttled. Your rate limit resets in ~7s.',
				status: 429,
				retry_after: 7,
			},
		]);
		simulator.balance = 599;
		const { status, body } = await submit(simulator, {});
		expect([status, body]).toEqual([
			402,
			{
				title: 'Insufficient credit',
				detail:
					'You have insufficient credit to run this model. Go to https://replicate.com/account/billing#billing to purchase credit. Once you purchase credit, please wait a few minutes before trying again.',
				status: 402,
			},
		]);
	});
});

describe('Replicate, by the key of the request,', () => {
	const refusal = {
		title: 'Unauthenticated',
		detail: 'You did not pass a valid authentication token',
		status: 401,
	};
	const notFound = { detail: 'Not found' };
	const key = 'Bearer simulator-key';

	it.each<[method: string, path: string, authorization: string, status: number, body: object]>([
		['GET', '/v1/account', key, 200, { type: 'user' }],
		['GET', '/v1/account', 'Bearer nope', 401, refusal],
		['GET', '/v1/account', '', 401, refusal],
		['GET', '/v1/predictions/nobody', key, 404, notFound],
		['POST', '/v1/predictions/nobody/cancel', key, 404, notFound],
		['GET', '/v1/predictions/nobody', 'Key simulator-key', 401, refusal],
		['POST', SUBMIT, 'Bearer nope', 401, refusal],
		['POST', `${SUBMIT}-2`, key, 404, notFound],
		['GET', '/v1/webhooks/default/secret', '', 401, refusal],
	])('answers %s %s with the key %j by %i', async (method, path, authorization, status, body) => {
		const { url, tasks, requests } = await start();
		const headers = authorization ? { authorization } : undefined;
		const response = await fetch(url + path, { method, headers });
		expect([response.status, await response.json()]).toMatchObject([status, body]);
		expect([tasks, requests[0]?.status]).toEqual([[], status]);
	});
});

describe('A prediction of Replicate', () => {
	const slow = { queueMilliseconds: 10_000, processingMilliseconds: 10_000 };

	it('goes by the clock to one link, and is removed with it after an hour', async () => {
		let now = Date.now();
		const drawImage = async () => IMAGE;
		const simulator = await start({ ...slow, now: () => now, drawImage });
		const { id } = (await submit(simulator, {})).body;
		expect((await get(simulator, id)).status).toBe('starting');
		now += 15_000;
		expect(await get(simulator, id)).toMatchObject({ status: 'processing', output: null });
		now += 65_000;
		const prediction = await get(simulator, id);
		expect(prediction).toMatchObject({ status: 'succeeded', metrics: { predict_time: 10 } });
		expect(await downloadBytes(prediction.output)).toEqual(IMAGE);
		now += 3_539_000;
		expect(await get(simulator, id)).toMatchObject({ data_removed: false });
		now += 1000;
		const removed = { status: 'succeeded', output: null, input: {}, data_removed: true };
		expect(await get(simulator, id)).toMatchObject(removed);
		expect((await fetch(prediction.output)).status).toBe(403);
	});

	it('fails with the reason', async () => {
		const simulator = await start();
		const flagged = expect.stringMatching(
			/^The input or output was flagged as sensitive\. .* \(E005\) \(\w{10}\)$/,
		);
		const failed = { status: 'failed', output: null };
		for (const prompt of ['[filtered]', '[nsfw]']) {
			expect(await predictionOf(simulator, { prompt })).toMatchObject({
				...failed,
				error: flagged,
			});
		}
		for (const [input, error] of [
			[{ prompt: '[fail]' }, '[fail]'],
			[{ input_images: ['http://127.0.0.1:9/a'] }, 'http://127.0.0.1:9/a'],
			[{ input_images: ['a text'] }, 'input image'],
		] as const) {
			expect(await predictionOf(simulator, input)).toMatchObject({
				...failed,
				error: expect.stringContaining(error),
			});
		}
	});

	it('is canceled for nothing before it runs, for its price while it runs, and not after', async () => {
		let now = Date.now();
		const simulator = await start({ ...slow, now: () => now });
		const cancel = async (id: string) =>
			(await call('POST', `${simulator.url}/v1/predictions/${id}/cancel`)).body;
		const canceled = { status: 'canceled', error: null, output: null };

		const first = (await submit(simulator, {})).body.id;
		expect(await cancel(first)).toMatchObject({ ...canceled, started_at: null });
		expect([simulator.tasks, simulator.balance]).toEqual([[], 1_000_000]);

		const second = (await submit(simulator, {})).body.id;
		now += 15_000;
		expect(await cancel(second)).toMatchObject({ ...canceled, metrics: { predict_time: 5 } });
		now += 60_000;
		expect(await get(simulator, second)).toMatchObject(canceled);
		expect(simulator.tasks).toHaveLength(1);

		const third = (await submit(simulator, {})).body.id;
		now += 20_000;
		expect(await cancel(third)).toMatchObject({ status: 'succeeded' });
	});

	it('is ended by its deadline: aborted for nothing in the queue, canceled at work', async () => {
		let now = Date.now();
		const simulator = await start({ ...slow, now: () => now });
		const withDeadline = async (deadline: string) =>
			(await submit(simulator, {}, {}, { 'cancel-after': deadline })).body.id;
		const ids = [await withDeadline('5s'), await withDeadline('15'), await withDeadline('1m')];
		now += 30_000;
		const statuses = await Promise.all(ids.map(async (id) => (await get(simulator, id)).status));
		expect(statuses).toEqual(['aborted', 'canceled', 'succeeded']);
		expect(simulator.tasks.map(({ id }) => id)).toEqual(ids.slice(1));
		expect(simulator.balance).toBe(1_000_000 - 1200);
	});
});

describe('The webhook of Replicate', () => {
	async function eventsOf(input: object, further: object, count: number) {
		const events: Array<{ headers: IncomingHttpHeaders; text: string }> = [];
		const host = await listen(async (request, response) => {
			const chunks: Buffer[] = [];
			for await (const chunk of request) chunks.push(chunk);
			events.push({ headers: request.headers, text: Buffer.concat(chunks).toString() });
			response.end();
		});
		const simulator = await start({ processingMilliseconds: 100 });
		await submit(simulator, input, { webhook: `${host}/hook`, ...further });
		await until(() => events.length === count);
		const secret = (await call('GET', `${simulator.url}/v1/webhooks/default/secret`)).body.key;
		return events.map(({ headers, text }) => ({
			isGenuine: async () => await validateWebhook({ headers, body: text } as never, secret),
			body: JSON.parse(text),
		}));
	}

	it('tells start, output and end, each signed so that the official client believes it', async () => {
		const events = await eventsOf({}, {}, 3);
		const told = events.map(({ body }) => [body.status, body.output !== null]);
		expect(told.sort()).toEqual([
			['processing', false],
			['processing', true],
			['succeeded', true],
		]);
		for (const { isGenuine } of events) expect(await isGenuine()).toBe(true);
	});

	it('tells the end alone where that is asked for', async () => {
		const further = { webhook_events_filter: ['completed'] };
		const [event] = await eventsOf({ prompt: '[filtered]' }, further, 1);
		expect(event?.body).toMatchObject({ status: 'failed', error: expect.any(String) });
	});
});
