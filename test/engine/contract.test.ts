import nock from 'nock';

import { readBinary } from '../support/harness';
import { wordingOf } from './faults/wordings';
import {
	answersAbout,
	fieldOf,
	testedServices,
	type Order,
	type TaskState,
} from '../support/services';
import { file, formats } from './images';
import {
	failureOf,
	prompts,
	run,
	runWell,
	useSimulator,
	withoutBackOff,
	type Variant,
} from './workflows';

// What holds at every service, in the dialect of each. What only one of them has is tested in files
// of its own.

withoutBackOff();

describe.each(testedServices)('At $displayName', (service) => {
	const { key, submit, poll } = service;
	const simulator = useSimulator({}, service);
	const pending = useSimulator({ processingMilliseconds: 60_000 }, service);

	/** Runs "Submit" with one item. */
	async function submitted(variant: Variant = {}) {
		const { items } = await runWell('submit', {
			credentials: simulator.credentials,
			input: prompts('a heron'),
			...variant,
		});
		return { body: simulator.bodies()[0], items };
	}

	describe('Submit', () => {
		it('is one request to the route, with the key in its header', async () => {
			await submitted();
			expect(simulator.requests).toMatchObject([
				{
					call: 'submit',
					method: 'POST',
					path: submit.address({ prompt: 'a heron' }).path,
					headers: { [key.header]: key.value('simulator-key'), 'content-type': 'application/json' },
				},
			]);
			const { authorization, 'x-key': xKey } = simulator.requests[0]!.headers;
			expect([authorization, xKey].filter((value) => value !== undefined)).toHaveLength(1);
		});

		const orders: Array<[what: string, order: Order, parameters: Variant['parameters']]> = [
			['the prompt as it is', { prompt: '  将这只猫咪 "quoted"\n\ttwo lines 🎨 ' }, {}],
			['a size', { prompt: 'a', size: { width: 1536, height: 864 } }, { size: '1536*864' }],
			['a seed', { prompt: 'a', seed: 0 }, { seed: 0 }],
			['the largest seed', { prompt: 'a', seed: 2_147_483_647 }, { seed: 2_147_483_647 }],
			[
				'links to images',
				{ prompt: 'a', images: ['https://images.example/a.png', 'https://images.example/b.png'] },
				{
					images: {
						image: [
							{ url: 'https://images.example/a.png' },
							{ url: 'https://images.example/b.png' },
						],
					},
				},
			],
			[
				'a webhook',
				{ prompt: 'a', webhookUrl: 'http://127.0.0.1:9/hook' },
				{ options: { webhookUrl: 'http://127.0.0.1:9/hook' } },
			],
		];
		it.each(orders)('sends %s, and nothing else', async (_, order, parameters) => {
			const { body } = await submitted({ parameters: { prompt: order.prompt, ...parameters } });
			expect(body).toEqual(submit.body(order));
			expect(simulator.requests[0]).toMatchObject(submit.address(order));
		});

		it('sends the bytes of an image in the form that is documented', async () => {
			const bytes = formats.jpeg.bytes;
			const { body } = await submitted({
				input: [{ json: { prompt: 'a' }, binary: { data: await file(bytes, 'default') } }],
				parameters: { images: { image: [{ source: 'binary', binaryPropertyName: 'data' }] } },
			});
			const images = [service.inlineImage(bytes, 'image/jpeg')];
			expect(body).toEqual(submit.body({ prompt: 'a', images }));
			expect(simulator.tasks[0]?.references).toMatchObject([{ byteLength: bytes.length }]);
		});

		it('sends as many images as are taken, and refuses more before it sends anything', async () => {
			const links = (count: number) =>
				Array.from({ length: count }, (_, index) => `https://images.example/${index}.png`);
			const count = service.maxReferenceImages;
			const variant = (url: string[]): Variant => ({
				credentials: simulator.credentials,
				input: [{ json: { prompt: 'a', url } }],
				parameters: { images: { image: [{ url: '={{ $json.url }}' }] } },
			});
			await runWell('submit', variant(links(count)));
			expect(simulator.bodies()).toEqual([submit.body({ prompt: 'a', images: links(count) })]);
			const { message } = failureOf(await run('submit', variant(links(count + 1))));
			expect(message).toContain(service.displayName);
			expect(message).toContain(String(count + 1));
			expect(simulator.requests).toHaveLength(1);
		});

		it('returns the task id', async () => {
			const { items } = await submitted();
			expect(items).toMatchObject([
				{ json: { task_id: simulator.tasks[0]?.id }, pairedItem: { item: 0 } },
			]);
		});
	});

	it.each(['submit', 'submitAndWait', 'getTaskResult'] as const)(
		'%s tells of a key that is not accepted, in the words of the service, too',
		async (name) => {
			const credentials = { ...simulator.credentials, apiKey: 'another-key' };
			const { message, description, itemIndex } = failureOf(await run(name, { credentials }));
			expect(`${message}\n${description}`).toMatch(wordingOf('badKey', service));
			expect(message).toContain('item 0');
			expect(itemIndex).toBe(0);
			const said = service.refusals.find(({ means, simulated }) => means === 'badKey' && simulated);
			expect(description).toContain(said?.said);
		},
	);

	describe('Submit and Wait', () => {
		it('brings the image, and says all about it', async () => {
			const before = Date.now();
			const { items } = await runWell('submitAndWait', {
				credentials: simulator.credentials,
				input: prompts('a heron'),
				parameters: { seed: 7 },
			});
			const [task] = simulator.tasks;
			expect(items).toMatchObject([
				{
					json: {
						task_id: task?.id,
						status: 'succeeded',
						seed: 7,
						image_url: expect.stringMatching(/^http/) as string,
						image_type: task?.imageType,
						nsfw: null,
					},
					pairedItem: { item: 0 },
				},
			]);
			const { linkSeconds } = service;
			const expiry = items[0]?.json.image_url_expires_at;
			if (linkSeconds === undefined) {
				expect(expiry).toBeNull();
			} else {
				const seconds = (Date.parse(String(expiry)) - before) / 1000;
				expect(seconds).toBeGreaterThanOrEqual(linkSeconds - 1);
				expect(seconds).toBeLessThan(linkSeconds + 60);
			}
			const { bytes, mimeType } = formats[task!.imageType];
			expect(items[0]?.binary?.data?.mimeType).toBe(mimeType);
			expect(await readBinary(items[0]!.binary!.data!)).toEqual(bytes);
		});

		it('asks for its task, and downloads without the key', async () => {
			await runWell('submitAndWait', { credentials: simulator.credentials });
			const [task] = simulator.tasks;
			const requests = simulator.requests.map(({ call, path, query, headers }) => ({
				call,
				path,
				...(call !== 'download' && { query, key: headers[key.header] }),
			}));
			const toService = [
				{ call: 'submit', ...submit.address({ prompt: 'a' }) },
				...poll.requests(String(task?.id)),
			];
			expect(requests).toEqual([
				...toService.map((request) => ({ ...request, key: key.value('simulator-key') })),
				{ call: 'download', path: expect.stringContaining('/images/') as string },
			]);
			const download = simulator.requests.find(({ call }) => call === 'download');
			expect(download?.headers[key.header]).toBeUndefined();
		});

		it('returns the answer unchanged where it is not simplified', async () => {
			const { json } = await runWell('submitAndWait', {
				credentials: simulator.credentials,
				parameters: { simplify: false, downloadImage: false, seed: 7 },
			});
			const answer = poll.answer({ status: 'succeeded', taskId: '', imageUrl: 'a' });
			// A key "error" would make n8n take a good item for a failed one.
			const keys = Object.keys(answer).filter((name) => name !== 'error');
			expect(Object.keys(json[0]!).sort()).toEqual(keys.sort());
			const [task] = simulator.tasks;
			expect(String(fieldOf(json[0], poll.fields.imageUrl))).toContain(task?.id);
		});
	});

	describe('Get Task Result', () => {
		it('gives one item without an image for an unfinished task', async () => {
			const input = (await runWell('submit', { credentials: pending.credentials })).items;
			const { items } = await runWell('getTaskResult', {
				credentials: pending.credentials,
				input: input.map(({ json }) => ({ json })),
			});
			expect(items[0]?.json).toMatchObject({
				task_id: pending.tasks[0]?.id,
				status: 'processing',
			});
			expect(items[0]).not.toHaveProperty('binary');
		});

		it('brings the image of a finished task', async () => {
			const { json } = await runWell('submit', { credentials: simulator.credentials });
			const { items } = await runWell('getTaskResult', {
				credentials: simulator.credentials,
				input: json.map(({ task_id }) => ({ json: { task_id } })),
			});
			expect(items).toMatchObject([
				{ json: { task_id: simulator.tasks[0]?.id, status: 'succeeded' } },
			]);
			expect(items[0]?.binary?.data).toBeDefined();
		});
	});
});

describe('Without a base URL,', () => {
	beforeAll(() => nock.disableNetConnect());
	afterEach(() => nock.cleanAll());
	afterAll(() => {
		nock.enableNetConnect();
		nock.restore();
	});

	it.each(testedServices)('$displayName is called at $defaultBaseUrl', async (service) => {
		const { defaultBaseUrl, key, submit, poll } = service;
		const reqheaders = { [key.header]: key.value('recorded-key') };
		const { path: route } = submit.address({ prompt: 'a heron' });
		nock(defaultBaseUrl, { reqheaders }).post(route).reply(200, submit.reply('some-task'));
		const imageUrl = 'https://images.example/image.png';
		const state: TaskState = { status: 'succeeded', taskId: 'some-task', imageUrl, seed: 7 };
		for (const [index, { body }] of answersAbout(service, state).entries()) {
			const { path, query } = poll.requests('some-task')[index]!;
			nock(defaultBaseUrl, { reqheaders }).get(path).query(query).reply(200, body);
		}
		nock('https://images.example', { badheaders: [key.header] })
			.get('/image.png')
			.reply(200, formats.png.bytes, { 'content-type': 'image/png' });
		const { items } = await runWell('submitAndWait', {
			credentials: { service: service.id, apiKey: 'recorded-key' },
			input: prompts('a heron'),
		});
		const seed = poll.fields.seed === undefined ? {} : { seed: 7 };
		expect(items).toMatchObject([{ json: { task_id: 'some-task', status: 'succeeded', ...seed } }]);
		expect(nock.isDone()).toBe(true);
	});
});
