import { loadImage } from '@napi-rs/canvas';
import { NovitaSDK } from 'novita-sdk';

import { novita } from '../services';
import { clientOf, downloadBytes } from './testClient';
import { start } from './testServers';

const { submit, poll } = clientOf(novita);

it("The vendor's own client gets an image of the asked size, and understands a refusal", async () => {
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

	const stranger = new NovitaSDK('wrong');
	stranger.setBaseUrl(simulator.url);
	const refusal = { code: 403, reason: 'INVALID_API_KEY' };
	await expect(stranger.progress({ task_id: 'any' })).rejects.toMatchObject(refusal);
});

describe('A submit to Novita AI', () => {
	const withImages = (...images: unknown[]) => ({ prompt: 'p', images });

	it.each([
		['a body that is not JSON', '{', 'INVALID_REQUEST_BODY'],
		['no object', [], 'INVALID_REQUEST_BODY'],
		['an empty prompt', { prompt: '' }, 'INVALID_REQUEST_BODY'],
		['a prompt that is a number', { prompt: 5 }, 'INVALID_REQUEST_BODY'],
		['a size with x', { prompt: 'p', size: '512x512' }, 'INVALID_REQUEST_BODY'],
		['a size that is a number', { prompt: 'p', size: 512 }, 'INVALID_REQUEST_BODY'],
		['too narrow', { prompt: 'p', size: '255*512' }, 'INVALID_IMAGE_SIZE'],
		['too high', { prompt: 'p', size: '512*1537' }, 'INVALID_IMAGE_SIZE'],
		['a seed below -1', { prompt: 'p', seed: -2 }, 'INVALID_REQUEST_BODY'],
		['a seed too large', { prompt: 'p', seed: 2147483648 }, 'INVALID_REQUEST_BODY'],
		['a broken seed', { prompt: 'p', seed: 1.5 }, 'INVALID_REQUEST_BODY'],
		['a seed as text', { prompt: 'p', seed: '1' }, 'INVALID_REQUEST_BODY'],
		['no images in images', withImages(), 'INVALID_REQUEST_BODY'],
		['images as text', { prompt: 'p', images: 'http://a/b' }, 'INVALID_REQUEST_BODY'],
		['an image of another kind', withImages({}), 'INVALID_REQUEST_BODY'],
		['a file address', withImages('file:///a'), 'INVALID_REQUEST_BODY'],
		['text as data URI', withImages('data:text/plain,a'), 'INVALID_IMAGE_FORMAT'],
		['no image', withImages(`data:image/png;base64,${btoa('hello')}`), 'INVALID_IMAGE_FORMAT'],
		[
			'an image of 11 MB',
			withImages(`data:image/png;base64,${'A'.repeat(15_000_000)}`),
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

	it.each([
		{ prompt: 'p', size: '256*1536', seed: 2147483647 },
		{ prompt: 'p', seed: -1, colour: 'unknown fields are ignored' },
		{ prompt: 'p', seed: 0, extra: null },
		{ prompt: 'p', extra: { webhook: null } },
		{ prompt: 'p', extra: { webhook: { url: 'no address' } } },
	])('is accepted with %j', async (body) => {
		const simulator = await start();
		const { status, body: reply } = await submit(simulator, body);
		expect([status, Object.keys(reply)]).toEqual([200, ['task_id']]);
		expect(simulator.tasks).toMatchObject([{ id: reply.task_id, body }]);
		expect((await poll(simulator, reply.task_id)).status).toBe(200);
	});
});

it.each([
	['/v3/async/task-result?task_id=a', '', 400, 'MISSING_API_KEY'],
	['/v3/async/task-result?task_id=a', 'Bearer ', 400, 'MISSING_API_KEY'],
	['/v3/async/task-result?task_id=a', 'two', 404, 'TASK_NOT_FOUND'],
	['/v3/async/task-result', 'two', 400, 'INVALID_REQUEST_BODY'],
	['/openapi/v1/billing/balance/detail', '', 401, 'UNAUTHORIZED'],
	['/openapi/v1/billing/balance/detail', 'Bearer nope', 401, 'FAILED_TO_AUTH'],
])('Novita AI answers GET %s with the header %j by %i %s', async (path, key, status, reason) => {
	const simulator = await start({ apiKeys: ['one', 'two'] });
	const header = { ...novita.key, value: () => key };
	const { send } = clientOf({ ...novita, key: header });
	const reply = await send(simulator.url + path, undefined, key);
	expect(reply).toMatchObject({
		status,
		body: { code: status, reason, message: expect.any(String), metadata: {} },
	});
	expect(simulator.requests[0]?.status).toBe(status);
});

describe('The result of Novita AI', () => {
	it('goes from queued to succeeded by the clock', async () => {
		let now = Date.now();
		const simulator = await start({
			now: () => now,
			queueMilliseconds: 2000,
			processingMilliseconds: (number) => number * 10_000,
		});
		const taskId = (await submit(simulator, { prompt: 'p', seed: 5 })).body.task_id;
		const ask = async () => (await poll(simulator, taskId)).body;

		expect(await ask()).toMatchObject({
			task: { status: 'TASK_STATUS_QUEUED', eta: 12, progress_percent: 0, reason: '' },
			images: [],
			extra: { seed: '' },
		});
		now += 7000;
		expect((await ask()).task).toMatchObject({
			status: 'TASK_STATUS_PROCESSING',
			eta: 5,
			progress_percent: 50,
		});
		now += 5000;
		expect(await ask()).toEqual({
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
		const { task } = await result('a [slow]');
		expect(task).toMatchObject({ status: 'TASK_STATUS_PROCESSING', eta: 20 });
		now += 20_000;
		const { body } = await poll(simulator, task.task_id);
		expect(body.task.status).toBe('TASK_STATUS_SUCCEED');
	});
});
