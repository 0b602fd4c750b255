import { loadImage } from '@napi-rs/canvas';
import { NovitaSDK } from 'novita-sdk';

import type { Simulator } from './index';
import { downloadBytes, poll, pollUntilEnded, submit } from './testClient';
import { start } from './testServers';

const TRUE_RESULT_KEYS = ['audios', 'extra', 'images', 'task', 'videos'];

describe("The vendor's own client", () => {
	it('submits, polls and gets an image of the asked size', async () => {
		const simulator = await start();
		const client = new NovitaSDK('simulator-key');
		client.setBaseUrl(simulator.url);

		const { task_id: taskId } = await client.httpFetch({
			url: '/v3/async/flux-2-flex',
			method: 'POST',
			data: { prompt: 'a heron at dawn', size: '320*256', seed: 7 },
		});
		const result = await client.progress({ task_id: taskId });

		expect(result.task).toMatchObject({ task_id: taskId, status: 'TASK_STATUS_SUCCEED' });
		const image = await loadImage(await downloadBytes(result.images?.[0]?.image_url));
		expect([image.width, image.height]).toEqual([320, 256]);
		expect(simulator.requests.map(({ call }) => call)).toEqual(['submit', 'poll', 'download']);
		expect(simulator.requests[0]?.headers.authorization).toBe('simulator-key');
	});

	it('understands a refusal', async () => {
		const simulator = await start();
		const client = new NovitaSDK('wrong');
		client.setBaseUrl(simulator.url);

		await expect(client.progress({ task_id: 'any' })).rejects.toMatchObject({
			code: 403,
			reason: 'INVALID_API_KEY',
		});
	});
});

describe('A submit to Novita AI', () => {
	it.each([
		['no object', [], 'INVALID_REQUEST_BODY'],
		['null', null, 'INVALID_REQUEST_BODY'],
		['no prompt', {}, 'INVALID_REQUEST_BODY'],
		['an empty prompt', { prompt: '' }, 'INVALID_REQUEST_BODY'],
		['a prompt that is a number', { prompt: 5 }, 'INVALID_REQUEST_BODY'],
		['a size with x', { prompt: 'p', size: '512x512' }, 'INVALID_REQUEST_BODY'],
		['a size that is a number', { prompt: 'p', size: 512 }, 'INVALID_REQUEST_BODY'],
		['an empty size', { prompt: 'p', size: '' }, 'INVALID_REQUEST_BODY'],
		['too narrow', { prompt: 'p', size: '255*512' }, 'INVALID_IMAGE_SIZE'],
		['too high', { prompt: 'p', size: '512*1537' }, 'INVALID_IMAGE_SIZE'],
		['a seed below -1', { prompt: 'p', seed: -2 }, 'INVALID_REQUEST_BODY'],
		['a seed too large', { prompt: 'p', seed: 2147483648 }, 'INVALID_REQUEST_BODY'],
		['a broken seed', { prompt: 'p', seed: 1.5 }, 'INVALID_REQUEST_BODY'],
		['a seed as text', { prompt: 'p', seed: '1' }, 'INVALID_REQUEST_BODY'],
		['no images in images', { prompt: 'p', images: [] }, 'INVALID_REQUEST_BODY'],
		['four images', { prompt: 'p', images: Array(4).fill('http://a/b') }, 'INVALID_REQUEST_BODY'],
		['images as text', { prompt: 'p', images: 'http://a/b' }, 'INVALID_REQUEST_BODY'],
		['an image of another kind', { prompt: 'p', images: [{}] }, 'INVALID_REQUEST_BODY'],
		['a file address', { prompt: 'p', images: ['file:///a'] }, 'INVALID_REQUEST_BODY'],
		['text as data URI', { prompt: 'p', images: ['data:text/plain,a'] }, 'INVALID_IMAGE_FORMAT'],
		[
			'a data URI that is no image',
			{ prompt: 'p', images: [`data:image/png;base64,${btoa('hello')}`] },
			'INVALID_IMAGE_FORMAT',
		],
		[
			'an image of 11 MB',
			{ prompt: 'p', images: [`data:image/png;base64,${'A'.repeat(15_000_000)}`] },
			'IMAGE_FILE_EXCEEDS_MAX_SIZE',
		],
	])('is refused with %s', async (_name, body, reason) => {
		const simulator = await start();
		expect(await submit(simulator, body)).toEqual({
			status: 400,
			body: { code: 400, reason, message: expect.any(String), metadata: {} },
			headers: expect.anything(),
		});
		expect(simulator.tasks).toEqual([]);
	});

	it('is refused with a body that is not JSON', async () => {
		const simulator = await start();
		const response = await fetch(`${simulator.url}/v3/async/flux-2-flex`, {
			method: 'POST',
			headers: { authorization: 'simulator-key', 'content-type': 'application/json' },
			body: '{',
		});
		expect(response.status).toBe(400);
		expect(await response.json()).toMatchObject({ code: 400, reason: 'INVALID_REQUEST_BODY' });
	});

	it.each([
		{ prompt: 'p', size: '256*1536', seed: 2147483647 },
		{ prompt: 'p', seed: -1, colour: 'unknown fields are ignored' },
		{ prompt: 'p', seed: 0, images: ['http://127.0.0.1:9/a'] },
	])('is accepted with %j', async (body) => {
		const simulator = await start();
		const { status, body: reply } = await submit(simulator, body);
		expect([status, Object.keys(reply)]).toEqual([200, ['task_id']]);
		expect(simulator.tasks).toHaveLength(1);
		expect(simulator.tasks[0]).toMatchObject({ id: reply.task_id, body });
	});
});

describe('Novita AI, by the key of the request,', () => {
	it.each([
		['/v3/async/task-result?task_id=a', undefined, 400, 'MISSING_API_KEY'],
		['/v3/async/task-result?task_id=a', 'Bearer ', 400, 'MISSING_API_KEY'],
		['/v3/async/task-result?task_id=a', 'Bearer nope', 403, 'INVALID_API_KEY'],
		['/v3/async/task-result?task_id=a', 'Bearer one', 404, 'TASK_NOT_FOUND'],
		['/v3/async/task-result?task_id=a', 'two', 404, 'TASK_NOT_FOUND'],
		['/v3/async/task-result', 'two', 400, 'INVALID_REQUEST_BODY'],
		['/openapi/v1/billing/balance/detail', undefined, 401, 'UNAUTHORIZED'],
		['/openapi/v1/billing/balance/detail', 'Bearer nope', 401, 'FAILED_TO_AUTH'],
		['/v3/async/flux-2-dev', 'Bearer one', 404, 'API_NOT_FOUND'],
		['/v3/async/flux-2-flex', 'Bearer one', 404, 'API_NOT_FOUND'],
	])('answers GET %s with %p by %i %s', async (path, authorization, status, reason) => {
		const simulator = await start({ apiKeys: ['one', 'two'] });
		const headers: Record<string, string> = authorization ? { authorization } : {};
		const response = await fetch(simulator.url + path, { headers });
		expect(response.status).toBe(status);
		expect(await response.json()).toEqual({
			code: status,
			reason,
			message: expect.any(String),
			metadata: {},
		});
		expect(simulator.requests[0]?.status).toBe(status);
	});
});

describe('A task', () => {
	it('goes from queued to succeeded by the clock', async () => {
		let now = Date.now();
		const simulator = await start({
			now: () => now,
			queueMilliseconds: 2000,
			processingMilliseconds: (number) => number * 10_000,
		});
		const taskId = (await submit(simulator, { prompt: 'p', seed: 5 })).body.task_id;

		expect((await poll(simulator, taskId)).body).toMatchObject({
			task: { status: 'TASK_STATUS_QUEUED', eta: 12, progress_percent: 0, reason: '' },
			images: [],
			extra: { seed: '' },
		});
		now += 7000;
		expect((await poll(simulator, taskId)).body.task).toMatchObject({
			status: 'TASK_STATUS_PROCESSING',
			eta: 5,
			progress_percent: 50,
		});
		now += 5000;
		const done = (await poll(simulator, taskId)).body;
		expect(Object.keys(done).sort()).toEqual(TRUE_RESULT_KEYS);
		expect(done).toEqual({
			extra: {
				seed: '5',
				has_nsfw_contents: [],
				enable_nsfw_detection: false,
				debug_info: {
					request_info: '',
					submit_time_ms: expect.stringMatching(/^\d+$/),
					execute_time_ms: expect.stringMatching(/^\d+$/),
					complete_time_ms: expect.stringMatching(/^\d+$/),
				},
			},
			task: {
				task_id: taskId,
				status: 'TASK_STATUS_SUCCEED',
				reason: '',
				task_type: 'FLUX_2_FLEX_TXT_TO_IMG',
				eta: 0,
				progress_percent: 0,
			},
			images: [
				{
					image_url: expect.stringContaining(`${simulator.url}/images/${taskId}/0.png?expires=`),
					image_url_ttl: '3600',
					image_type: 'png',
					nsfw_detection_result: null,
				},
			],
			videos: [],
			audios: [],
		});
	});

	it('reports the seed it chose for -1', async () => {
		const simulator = await start();
		const taskId = (await submit(simulator, { prompt: 'p', seed: -1 })).body.task_id;
		const { extra } = (await poll(simulator, taskId)).body;
		expect(extra.seed).toMatch(/^\d+$/);
		expect(extra.seed).toBe(String(simulator.tasks[0]?.seed));
	});

	it('ends as special prompts say', async () => {
		let now = Date.now();
		const simulator = await start({ now: () => now });
		const result = async (prompt: string) =>
			(await poll(simulator, (await submit(simulator, { prompt })).body.task_id)).body;

		expect(await result('a [fail]')).toMatchObject({
			task: { status: 'TASK_STATUS_FAILED', reason: expect.stringContaining('[fail]') },
			images: [],
		});
		expect(await result('a [filtered]')).toMatchObject({
			task: { status: 'TASK_STATUS_SUCCEED' },
			images: [],
		});
		expect(await result('a [nsfw]')).toMatchObject({
			images: [{ nsfw_detection_result: { valid: true, confidence: 0.9 } }],
			extra: { has_nsfw_contents: [true] },
		});
		expect((await result('a [slow]')).task).toMatchObject({
			status: 'TASK_STATUS_PROCESSING',
			eta: 20,
		});
		now += 20_000;
		const slow = simulator.tasks.at(-1)?.id ?? '';
		expect((await poll(simulator, slow)).body.task.status).toBe('TASK_STATUS_SUCCEED');
	});

	it('is forgotten on reset', async () => {
		const simulator = await start();
		const taskId = (await submit(simulator, { prompt: 'p' })).body.task_id;
		simulator.faults.add({ call: 'poll', fault: { kind: 'html' } });
		simulator.reset();
		expect(simulator.tasks).toEqual([]);
		expect(simulator.requests).toEqual([]);
		expect((await poll(simulator, taskId)).status).toBe(404);
	});

	it('costs next to nothing a thousand times', async () => {
		const simulator = await start({ maxActiveTasks: 2000, processingMilliseconds: 60_000 });
		const replies = await Promise.all(
			Array.from({ length: 1000 }, async () => await submit(simulator, { prompt: 'p' })),
		);
		expect(new Set(replies.map(({ body }) => body.task_id)).size).toBe(1000);
		expect(simulator.tasks.map(({ number }) => number)).toEqual(
			Array.from({ length: 1000 }, (_, index) => index + 1),
		);
	});
});

describe('The limits', () => {
	it('let no more submits through in a second than allowed', async () => {
		let now = Date.now();
		const simulator = await start({ now: () => now, maxSubmitsPerSecond: 1, retryAfter: true });
		expect((await submit(simulator, { prompt: 'a' })).status).toBe(200);
		now += 999;
		const refused = await submit(simulator, { prompt: 'b' });
		expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
		now += 1;
		expect((await submit(simulator, { prompt: 'c' })).status).toBe(200);
	});
});

describe('Links to images', () => {
	async function firstLink(simulator: Simulator): Promise<string> {
		const taskId = simulator.tasks[0]?.id ?? (await submit(simulator, small)).body.task_id;
		return (await poll(simulator, taskId)).body.images[0].image_url;
	}
	const small = { prompt: 'p', size: '256*256', seed: 1 };

	it('need no key, say what they carry, expire, and are renewed by asking again', async () => {
		let now = Date.now();
		const simulator = await start({ now: () => now, linkTimeToLiveSeconds: 60 });
		const link = await firstLink(simulator);

		const fresh = await fetch(link);
		const bytes = Buffer.from(await fresh.arrayBuffer());
		expect(fresh.headers.get('content-type')).toBe('image/png');
		expect(fresh.headers.get('content-length')).toBe(String(bytes.length));
		expect(simulator.requests.at(-1)?.headers).not.toHaveProperty('authorization');

		now += 60_000;
		const stale = await fetch(link);
		expect([stale.status, stale.headers.get('content-type')]).toEqual([403, 'application/xml']);
		expect(await stale.text()).toContain('<Code>AccessDenied</Code>');
		expect((await fetch(await firstLink(simulator))).status).toBe(200);
	});

	it('cannot be made up', async () => {
		const simulator = await start();
		const link = await firstLink(simulator);
		const forged = link.replace(/expires=\d+/, 'expires=9999999999');
		expect((await fetch(forged)).status).toBe(403);
		expect((await fetch(link.split('?')[0] ?? '')).status).toBe(403);
		simulator.reset();
		expect((await fetch(link)).status).toBe(404);
	});

	it('never expire with a time to live of 0', async () => {
		let now = Date.now();
		const simulator = await start({ now: () => now, linkTimeToLiveSeconds: 0 });
		const link = await firstLink(simulator);
		now += 1e12;
		expect((await fetch(link)).status).toBe(200);
	});

	it.each(['jpeg', 'webp'] as const)(
		'lead to %s where the options ask for it',
		async (imageType) => {
			const simulator = await start({ imageType });
			const link = await firstLink(simulator);
			expect(link).toContain(`/0.${imageType}?`);
			const response = await fetch(link);
			expect(response.headers.get('content-type')).toBe(`image/${imageType}`);
			const start4 = Buffer.from(await response.arrayBuffer())
				.subarray(0, 4)
				.toString('latin1');
			expect(start4.startsWith(imageType === 'jpeg' ? '\xff\xd8\xff' : 'RIFF')).toBe(true);
		},
	);

	it('lead to what the drawImage of the options makes', async () => {
		const simulator = await start({
			drawImage: async ({ prompt, width }) => Buffer.from(`${prompt} ${width}`),
		});
		expect((await downloadBytes(await firstLink(simulator))).toString()).toBe('p 256');
	});
});

it('The simulator serves the API under a base path', async () => {
	const simulator = await start({ basePath: '/gateway' });
	const gateway = { url: `${simulator.url}/gateway` };
	const taskId = (await submit(gateway, { prompt: 'p' })).body.task_id;
	expect((await pollUntilEnded(gateway, taskId)).task.status).toBe('TASK_STATUS_SUCCEED');
	expect((await submit(simulator, { prompt: 'p' })).status).toBe(404);
});
