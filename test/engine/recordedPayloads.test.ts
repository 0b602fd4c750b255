import nock from 'nock';

import { readBinary, type BinaryMode } from '../support/harness';
import devSucceeded from './payloads/flux-2-dev.succeed.json';
import flexRequest from './payloads/flux-2-flex.request.json';
import qwenSucceeded from './payloads/qwen-image.succeed.json';
import documented from './payloads/task-result.documented.json';
import webhookEvent from './payloads/webhook.event.json';
import { formats, type Format } from './images';
import { binaryModes, runWell } from './workflows';

const host = 'https://api.novita.ai';
const credentials = { service: 'novita', apiKey: 'recorded-key' };

beforeAll(() => nock.disableNetConnect());
afterAll(() => {
	nock.enableNetConnect();
	nock.restore();
});
afterEach(() => {
	const open = nock.pendingMocks();
	nock.cleanAll();
	expect(open).toEqual([]);
});

interface TaskResult {
	task: { task_id: string };
	images: Array<{ image_url: string }>;
}

/** Asks for the recorded task, whose image has this format; its host gets no key. */
async function runRecorded(body: TaskResult, format: Format, binaryMode: BinaryMode) {
	nock(host, { reqheaders: { authorization: 'Bearer recorded-key' } })
		.get('/v3/async/task-result')
		.query({ task_id: body.task.task_id })
		.reply(200, body);
	const { origin, pathname, search } = new URL(body.images[0]!.image_url);
	nock(origin, { badheaders: ['authorization', 'cookie'] })
		.get(pathname + search)
		.reply(200, formats[format].bytes, { 'content-type': 'application/octet-stream' });
	const input = [{ json: body.task }];
	return await runWell('getTaskResult', { binaryMode, credentials, input });
}

const results: Array<{
	name: string;
	body: TaskResult;
	/** What tells its simplified item from the others. */
	simplified: object;
	/** Seconds; null = the link does not expire. */
	secondsToLive: number | null;
}> = [
	{
		name: 'the documented example',
		body: documented,
		simplified: { seed: 158881667 },
		secondsToLive: 3600,
	},
	{
		name: 'FLUX.2 [dev], which tells no seed',
		body: devSucceeded,
		simplified: {},
		secondsToLive: 172_800,
	},
	{
		name: 'Qwen Image with its permanent link',
		body: qwenSucceeded,
		simplified: {},
		secondsToLive: null,
	},
	{
		name: 'the payload of a webhook event',
		body: webhookEvent.payload,
		simplified: {},
		secondsToLive: 3600,
	},
];

describe.each(binaryModes)('Read in binary mode %s,', (binaryMode) => {
	it.each(results)('$name is an item with its image', async (recorded) => {
		const { body, simplified, secondsToLive } = recorded;
		const before = Date.now();
		const { items } = await runRecorded(body, 'jpeg', binaryMode);
		const after = Date.now();
		expect(items).toEqual([
			{
				json: {
					task_id: body.task.task_id,
					status: 'succeeded',
					image_url: body.images[0]?.image_url,
					image_url_expires_at: secondsToLive === null ? null : (expect.any(String) as string),
					image_type: 'jpeg',
					nsfw: null,
					...simplified,
				},
				binary: {
					data: expect.objectContaining({
						mimeType: 'image/jpeg',
						fileType: 'image',
						fileExtension: 'jpg',
						fileName: `flux-2-flex-${body.task.task_id}.jpg`,
					}) as object,
				},
				pairedItem: { item: 0 },
			},
		]);
		expect(await readBinary(items[0]!.binary!.data!)).toEqual(formats.jpeg.bytes);
		if (secondsToLive === null) return;
		const expiresAt = String(items[0]?.json.image_url_expires_at);
		expect(new Date(expiresAt).toISOString()).toBe(expiresAt);
		expect(Date.parse(expiresAt) - secondsToLive * 1000).toBeGreaterThanOrEqual(before);
		expect(Date.parse(expiresAt) - secondsToLive * 1000).toBeLessThanOrEqual(after);
	});

	it.each(['png', 'webp', 'gif'] as const)(
		'a %s under a link that says .jpg is named for what it is',
		async (format) => {
			const { items } = await runRecorded(devSucceeded, format, binaryMode);
			expect(items[0]?.json.image_type).toBe(format);
			expect(items[0]?.binary?.data).toMatchObject({
				mimeType: `image/${format}`,
				fileExtension: format,
				fileName: `flux-2-flex-${devSucceeded.task.task_id}.${format}`,
			});
		},
	);
});

it('A submit is the recorded request', async () => {
	nock(host, { reqheaders: { authorization: 'Bearer recorded-key' } })
		.post('/v3/async/flux-2-flex', flexRequest)
		.matchHeader('content-type', /^application\/json/)
		.reply(200, { task_id: 'f6aec953-2e81-4e8b-938e-2ceab54d6df9' });
	const { json } = await runWell('submit', {
		credentials,
		parameters: {
			prompt: flexRequest.prompt,
			seed: flexRequest.seed,
			size: flexRequest.size,
			images: { image: [{ url: flexRequest.images[0]! }] },
		},
	});
	expect(json).toEqual([{ task_id: 'f6aec953-2e81-4e8b-938e-2ceab54d6df9' }]);
});
