import nock from 'nock';

import { readBinary } from '../support/harness';
import devSucceeded from './payloads/flux-2-dev.succeed.json';
import flexRequest from './payloads/flux-2-flex.request.json';
import qwenSucceeded from './payloads/qwen-image.succeed.json';
import documented from './payloads/task-result.documented.json';
import webhookEvent from './payloads/webhook.event.json';
import { formats } from './images';
import { binaryModes, runWell } from './workflows';

const services = [
	['novita', 'https://api.novita.ai'],
	['jieKou', 'https://api.highwayapi.ai'],
] as const;

const credentialsFor = (service: string) => ({ service, apiKey: 'recorded-key' });

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

/** The service as it answers for the task, and the host of its image, which gets no key. */
function mock(host: string, body: TaskResult, format?: keyof typeof formats) {
	nock(host, { reqheaders: { authorization: 'Bearer recorded-key' } })
		.get('/v3/async/task-result')
		.query({ task_id: body.task.task_id })
		.reply(200, body);
	if (format === undefined) return;
	const { origin, pathname, search } = new URL(body.images[0]!.image_url);
	nock(origin, { badheaders: ['authorization', 'cookie'] })
		.get(pathname + search)
		.reply(200, formats[format].bytes, { 'content-type': 'application/octet-stream' });
}

const results: Array<{
	name: string;
	body: TaskResult;
	simplified: object;
	/** Seconds; null = the link does not expire. */
	secondsToLive: number | null;
}> = [
	{
		name: 'the documented example',
		body: documented,
		simplified: { seed: 158881667, nsfw: null, image_type: 'jpeg' },
		secondsToLive: 3600,
	},
	{
		name: 'FLUX.2 [dev], which tells no seed',
		body: devSucceeded,
		simplified: { nsfw: null, image_type: 'jpeg' },
		secondsToLive: 172_800,
	},
	{
		name: 'Qwen Image with its permanent link',
		body: qwenSucceeded,
		simplified: { nsfw: null, image_type: 'jpeg' },
		secondsToLive: null,
	},
	{
		name: 'the payload of a webhook event',
		body: webhookEvent.payload,
		simplified: { nsfw: null, image_type: 'jpeg' },
		secondsToLive: 3600,
	},
];

describe.each(services)('recorded results of %s', (service, host) => {
	it.each(results)('simplified: $name', async ({ body, simplified, secondsToLive }) => {
		mock(host, body);
		const before = Date.now();
		const { items } = await runWell('getTaskResult', {
			credentials: credentialsFor(service),
			input: [{ json: body.task }],
			parameters: { downloadImage: false },
		});
		const after = Date.now();
		expect(items).toEqual([
			{
				json: {
					task_id: body.task.task_id,
					status: 'succeeded',
					image_url: body.images[0]?.image_url,
					image_url_expires_at: secondsToLive === null ? null : (expect.any(String) as string),
					...simplified,
				},
				pairedItem: { item: 0 },
			},
		]);
		if (secondsToLive === null) return;
		const expiresAt = String(items[0]?.json.image_url_expires_at);
		expect(new Date(expiresAt).toISOString()).toBe(expiresAt);
		expect(Date.parse(expiresAt) - secondsToLive * 1000).toBeGreaterThanOrEqual(before);
		expect(Date.parse(expiresAt) - secondsToLive * 1000).toBeLessThanOrEqual(after);
	});

	it.each(results)('unchanged: $name', async ({ body }) => {
		mock(host, body);
		const { items } = await runWell('getTaskResult', {
			credentials: credentialsFor(service),
			input: [{ json: body.task }],
			parameters: { downloadImage: false, simplify: false },
		});
		expect(items).toEqual([{ json: body, pairedItem: { item: 0 } }]);
	});

	it('a submit is the recorded request', async () => {
		nock(host, { reqheaders: { authorization: 'Bearer recorded-key' } })
			.post('/v3/async/flux-2-flex', flexRequest)
			.matchHeader('content-type', /^application\/json/)
			.reply(200, { task_id: 'f6aec953-2e81-4e8b-938e-2ceab54d6df9' });
		const { json } = await runWell('submit', {
			credentials: credentialsFor(service),
			parameters: {
				prompt: flexRequest.prompt,
				seed: flexRequest.seed,
				size: flexRequest.size,
				images: { image: [{ url: flexRequest.images[0]! }] },
			},
		});
		expect(json).toEqual([{ task_id: 'f6aec953-2e81-4e8b-938e-2ceab54d6df9' }]);
	});
});

describe.each(binaryModes)('images behind recorded links (binary mode %s)', (binaryMode) => {
	it.each(results)('$name', async ({ body }) => {
		mock('https://api.novita.ai', body, 'jpeg');
		const { items } = await runWell('getTaskResult', {
			binaryMode,
			credentials: credentialsFor('novita'),
			input: [{ json: body.task }],
		});
		const image = items[0]!.binary!.data!;
		expect(image).toMatchObject({
			mimeType: 'image/jpeg',
			fileType: 'image',
			fileExtension: 'jpg',
			fileName: `flux-2-flex-${body.task.task_id}.jpg`,
		});
		expect(await readBinary(image)).toEqual(formats.jpeg.bytes);
	});

	it.each(['png', 'webp', 'gif'] as const)(
		'a %s under a link that says .jpg is named for what it is',
		async (format) => {
			mock('https://api.novita.ai', devSucceeded, format);
			const { items } = await runWell('getTaskResult', {
				binaryMode,
				credentials: credentialsFor('novita'),
				input: [{ json: devSucceeded.task }],
			});
			expect(items[0]?.json.image_type).toBe(format);
			expect(items[0]?.binary?.data).toMatchObject({
				mimeType: `image/${format}`,
				fileExtension: format,
				fileName: `flux-2-flex-${devSucceeded.task.task_id}.${format}`,
			});
		},
	);
});
