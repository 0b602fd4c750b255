import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import type { VirtualFault } from '../support/virtual/virtualService';
import { VirtualWorld, type WorldRun } from '../support/virtual/virtualWorld';
import fluxDev from '../engine/payloads/flux-2-dev.succeed.json';
import qwen from '../engine/payloads/qwen-image.succeed.json';
import documented from '../engine/payloads/task-result.documented.json';
import webhookEvent from '../engine/payloads/webhook.event.json';

const submitAndWait = (more: IDataObject = {}): WorldRun => ({
	parameters: { operation: 'submitAndWait', prompt: 'a cat', ...more },
});
const getTaskResult = (taskId: unknown, more: IDataObject = {}): WorldRun => ({
	parameters: { operation: 'getTaskResult', taskId, ...more } as IDataObject,
});

const answer = (body: unknown, status = 200): VirtualFault => ({ kind: 'answer', status, body });

/** A world in which every look at a task gets this answer. */
const telling = (body: unknown, status = 200) =>
	new VirtualWorld({
		intercept: (call) => (call === 'poll' ? answer(body, status) : undefined),
	});

const finished = (image: object = {}, extra: object = {}) => ({
	extra,
	task: { task_id: 'abc', status: 'TASK_STATUS_SUCCEED', reason: '' },
	images: [{ image_url: 'https://images.example.com/images/abc.png', ...image }],
});

describe('A finished task', () => {
	test('is simplified unless the user says otherwise', async () => {
		const world = new VirtualWorld();
		const { items } = await world.run(submitAndWait());
		const received = Date.parse(String(items[0]?.json.image_url_expires_at)) - 3_600_000;
		expect(Math.abs(received - world.clock.now())).toBeLessThan(1000);
		expect(items).toEqual([
			{
				json: {
					task_id: 'task-1-id',
					status: 'succeeded',
					seed: 7,
					image_url: 'https://images.example.com/images/task-1-id.png',
					image_type: 'png',
					image_url_expires_at: new Date(received + 3_600_000).toISOString(),
					nsfw: null,
				},
				pairedItem: { item: 0 },
				binary: {
					data: {
						data: expect.any(String) as string,
						fileName: 'flux-2-flex-task-1-id.png',
						mimeType: 'image/png',
					},
				},
			},
		]);
	});

	test.each([documented, fluxDev, qwen, webhookEvent.payload])(
		"can be had as the service's answer, unchanged (recorded one %#)",
		async (body) => {
			const { items } = await telling(body).run(
				getTaskResult(body.task.task_id, { simplify: false, downloadImage: false }),
			);
			expect(items).toEqual([{ json: body, pairedItem: { item: 0 } }]);
		},
	);

	test('brings the whole image, byte by byte', async () => {
		const { items } = await new VirtualWorld().run(submitAndWait());
		const bytes = Buffer.from(items[0]?.binary?.data?.data ?? '', 'base64');
		expect(bytes.subarray(0, 8).toString('hex')).toBe('89504e470d0a1a0a');
		expect(bytes.subarray(8).toString()).toBe('/images/task-1-id.png');
	});

	test('has, after a dead link, link and expiry and answer of the image that was downloaded', async () => {
		for (const simplify of [true, false]) {
			let polls = 0;
			const world = new VirtualWorld({
				intercept: (call, number) => {
					if (call === 'download' && number === 1) return answer('gone', 403);
					if (call !== 'poll') return undefined;
					const image_url = `https://images.example.com/images/link-${++polls}.png`;
					return answer(finished({ image_url, image_url_ttl: 3600 }));
				},
			});
			const { items } = await world.run(getTaskResult('abc', { simplify }));
			expect(JSON.stringify(items[0]?.json)).toContain('link-2.png');
			expect(JSON.stringify(items[0]?.json)).not.toContain('link-1.png');
			expect(items[0]?.binary?.data).toBeDefined();
			if (simplify) {
				const expiry = Date.parse(String(items[0]?.json.image_url_expires_at));
				expect(expiry - world.clock.now()).toBeGreaterThan(3_599_000);
			}
		}
	});

	test('has its image in the field and under the name of the choice', async () => {
		const more = { binaryPropertyName: ' photo ', options: { fileName: 'cats/cat.jpg' } };
		const { items } = await new VirtualWorld().run(submitAndWait(more));
		expect(Object.keys(items[0]?.binary ?? {})).toEqual(['photo']);
		expect(items[0]?.binary?.photo?.fileName).toBe('cats-cat.png');
	});

	test('has only the link without download, and nothing is fetched', async () => {
		const world = new VirtualWorld();
		const { items } = await world.run(submitAndWait({ downloadImage: false }));
		expect(items[0]?.binary).toBeUndefined();
		expect(items[0]?.json.image_url).toContain('https://');
		expect(world.service.calls.download).toBe(0);
	});

	test.each<[unknown, number | null]>([
		['0', null],
		// Beyond what a date can show.
		['1e308', null],
		['172800', 172_800_000],
	])('with image_url_ttl %p has a link that expires after %p', async (ttl, milliseconds) => {
		const world = telling(finished({ image_url_ttl: ttl }));
		const { items } = await world.run(getTaskResult('abc', { downloadImage: false }));
		const expiry = items[0]?.json.image_url_expires_at;
		if (milliseconds === null) expect(expiry).toBeNull();
		else
			expect(Math.abs(Date.parse(String(expiry)) - world.clock.now() - milliseconds)).toBeLessThan(
				1000,
			);
	});

	test('tells what the answer says of its image', async () => {
		const image = { nsfw_detection_result: { valid: true }, image_type: 'webp' };
		const { items } = await telling(finished(image, { seed: '158881667' })).run(
			getTaskResult('abc', { downloadImage: false }),
		);
		expect(items[0]?.json).toMatchObject({ nsfw: true, image_type: 'webp', seed: 158881667 });
	});

	test('has the type of its bytes, not of the words', async () => {
		const { items } = await telling(finished({ image_type: 'jpeg' })).run(getTaskResult('abc'));
		expect(items[0]?.json.image_type).toBe('png');
		expect(items[0]?.binary?.data?.mimeType).toBe('image/png');
	});

	test.each([
		[42, 42],
		[-1, undefined],
	])('of a request with seed %i, where the answer has none, gives %p', async (seed, expected) => {
		const world = telling({ ...finished(), task: { status: 'TASK_STATUS_SUCCEED' } });
		const { items } = await world.run(submitAndWait({ seed, downloadImage: false }));
		expect(items[0]?.json.seed).toBe(expected);
	});

	test('with several images gives an item each, all of the same input item', async () => {
		const urls = [1, 2, 3].map((index) => `https://images.example.com/images/${index}.png`);
		const world = telling({ ...finished(), images: urls.map((url) => ({ image_url: url })) });
		const { items } = await world.run(getTaskResult('abc', { options: { fileName: 'cat' } }));
		expect(items.map(({ json }) => json.image_url)).toEqual(urls);
		expect(items.map(({ binary }) => binary?.data?.fileName)).toEqual([
			'cat.png',
			'cat-2.png',
			'cat-3.png',
		]);
		for (const { pairedItem } of items) expect(pairedItem).toEqual({ item: 0 });
	});
});

describe('An AI agent', () => {
	test.each<[string, WorldRun['adjust']]>([
		['a tool call', (context) => (context.isToolExecution = () => true)],
		[
			'the tool twin of the node',
			(context) => {
				const type = 'n8n-nodes-flux-2-flex.flux2FlexTool';
				context.getNode = () => ({ name: 'Flux', type }) as never;
			},
		],
	])('by %s gets small json with the link, and no download', async (_name, adjust) => {
		const world = new VirtualWorld();
		const { items, hints } = await world.run({ ...submitAndWait({ simplify: false }), adjust });
		expect(items[0]?.binary).toBeUndefined();
		expect(items[0]?.json).toMatchObject({ task_id: 'task-1-id', status: 'succeeded' });
		expect(items[0]?.json.image_url).toContain('https://');
		expect(world.service.calls.download).toBe(0);
		expect(hints).toEqual([]);
	});
});

describe('Get Task Result', () => {
	test.each<[string, object, IDataObject]>([
		['queued', { status: 'TASK_STATUS_QUEUED', eta: 30 }, { status: 'queued', eta: 30 }],
		[
			'processing',
			{ status: 'TASK_STATUS_PROCESSING', progress_percent: 40, reason: 'busy' },
			{ status: 'processing', progress_percent: 40, reason: 'busy' },
		],
		['unknown to us', { status: 'TASK_STATUS_UNKNOWN' }, { status: 'processing' }],
		[
			'failed',
			{ status: 'TASK_STATUS_FAILED', reason: 'bad luck' },
			{ status: 'failed', reason: 'bad luck' },
		],
	])('gives one item, no image and no error for a task that is %s', async (_name, task, json) => {
		const world = telling({ task: { task_id: 'abc', ...task } });
		const { items, error } = await world.run(getTaskResult('abc'));
		expect(error).toBeUndefined();
		expect(items).toEqual([{ json: { task_id: 'abc', ...json }, pairedItem: { item: 0 } }]);
		expect(world.service.calls).toEqual({ submit: 0, poll: 1, download: 0 });
	});

	test.each(['QUEUED', 'PROCESSING', 'FAILED', 'SUCCEED'])(
		'gives the answer about a task without an image (%s) as it is on demand',
		async (status) => {
			const task = { task_id: 'abc', status: `TASK_STATUS_${status}` };
			const answered = { task, images: [], extra: {} };
			const { items } = await telling(answered).run(getTaskResult('abc', { simplify: false }));
			expect(items).toEqual([{ json: answered, pairedItem: { item: 0 } }]);
		},
	);

	test('says that a finished task without an image has failed', async () => {
		const told = {
			task: { task_id: 'abc', status: 'TASK_STATUS_SUCCEED', reason: '' },
			images: [],
		};
		const { items } = await telling(told).run(getTaskResult('abc'));
		expect(items[0]?.json.status).toBe('failed');
	});

	test('fails for an unknown task', async () => {
		const world = new VirtualWorld();
		const { error } = await world.run(getTaskResult('abc'));
		expect(error?.message).toMatch(/does not know the task.*abc.*\[item 0\]/);
		expect(error?.description).toContain("'Task ID'");
		expect(world.service.calls.poll).toBe(1);
	});

	test('asks again when the service has a bad moment, but not for ever', async () => {
		const failing = (times: number) =>
			new VirtualWorld({
				intercept: (call, number) => {
					if (call !== 'poll') return undefined;
					return number <= times ? answer('', 502) : answer(finished());
				},
			});
		expect((await failing(3).run(getTaskResult('abc'))).items).toHaveLength(1);
		const world = failing(Infinity);
		const { error, milliseconds } = await world.run(getTaskResult('abc'));
		expect(error?.message).toContain('abc');
		expect(world.service.calls.poll).toBe(5);
		expect(milliseconds).toBe(3800);
	});

	test.each([
		['20', 2],
		['60', 2],
		['86400', 1],
	])('with Retry-After %s asks %i times', async (retryAfter, polls) => {
		const world = new VirtualWorld({
			intercept: (call, number) =>
				call === 'poll' && number === 1
					? { kind: 'answer', status: 429, body: '', headers: { 'retry-after': retryAfter } }
					: undefined,
		});
		await world.run(getTaskResult('abc'));
		expect(world.service.calls.poll).toBe(polls);
		if (polls > 1) {
			expect((world.sent.poll[1] ?? 0) - (world.sent.poll[0] ?? 0)).toBeGreaterThanOrEqual(20_000);
		}
	});

	test('does not ask again where asking again cannot help', async () => {
		const world = new VirtualWorld({
			intercept: () => ({ kind: 'error', code: 'CERT_HAS_EXPIRED' }),
		});
		const { error } = await world.run(getTaskResult('abc'));
		expect(error?.message).toContain('could not be reached');
		expect(world.service.calls.poll).toBe(1);
	});

	test('gives many tasks at once, in input order', async () => {
		const world = new VirtualWorld();
		await world.run({ parameters: { operation: 'submit', prompt: 'a cat' }, itemCount: 60 });
		await world.clock.run(world.clock.sleep(10_000));
		const { items, milliseconds } = await world.run({
			parameters: (itemIndex) => ({
				operation: 'getTaskResult',
				taskId: `task-${itemIndex + 1}-id`,
			}),
			itemCount: 60,
		});
		expect(items.map(({ json }) => json.task_id)).toEqual(world.service.tasks.map(({ id }) => id));
		expect(milliseconds).toBeLessThan(500);
	});
});

describe('The hints', () => {
	test('tell of links that expire soon and were not downloaded', async () => {
		const { hints } = await new VirtualWorld().run(submitAndWait({ downloadImage: false }));
		expect(hints).toHaveLength(1);
		expect(hints[0]).toMatch(/links expire.*2026-01-01T01:00:0.*'Download Image'/);
	});

	test('say when the first of them does', async () => {
		const ttls = [7200, 1800, 5400];
		const world = new VirtualWorld({
			intercept: (call, number) =>
				call === 'poll' ? answer(finished({ image_url_ttl: ttls[number - 1] })) : undefined,
		});
		const run = getTaskResult('abc', { downloadImage: false });
		expect((await world.run({ ...run, itemCount: 3 })).hints[0]).toContain('2026-01-01T00:30:00');
	});

	test.each<[string, object, IDataObject]>([
		['downloaded', { image_url_ttl: 3600 }, {}],
		['permanent', { image_url_ttl: '0' }, { downloadImage: false }],
		['valid for a week', { image_url_ttl: 604800 }, { downloadImage: false }],
	])('are silent about links that are %s', async (_name, image, more) => {
		const { hints } = await telling(finished(image)).run(getTaskResult('abc', more));
		expect(hints).toEqual([]);
	});

	test('are not missed by an n8n before hints existed', async () => {
		const { items } = await new VirtualWorld().run({
			...submitAndWait({ downloadImage: false }),
			adjust: (context) => delete (context as { addExecutionHints?: unknown }).addExecutionHints,
		});
		expect(items).toHaveLength(1);
	});
});

describe('The API key', () => {
	const KEY = 'virtual-key';

	test.each<[string, VirtualFault]>([
		['a refusal', answer({ code: 403, reason: 'INVALID_API_KEY', message: `bad key ${KEY}` }, 403)],
		['a web page', answer(`<html>${KEY}</html>`, 502)],
		['a task', answer({ ...finished({}, { seed: KEY, echo: KEY }), [KEY]: KEY })],
		['a reason', answer({ task: { status: 'TASK_STATUS_FAILED', reason: `key ${KEY}` } })],
	])('is not spread when it is repeated by %s', async (_name, fault) => {
		for (const run of [
			submitAndWait({ simplify: false }),
			getTaskResult('abc', { simplify: false }),
		]) {
			for (const call of ['submit', 'poll']) {
				const world = new VirtualWorld({
					intercept: (each) => (each === call ? fault : undefined),
				});
				const { items, error, hints, logLines } = await world.run({
					...run,
					parameters: { ...(run.parameters as IDataObject), options: { timeout: 5 } },
				});
				const all = [items, hints, logLines, error?.message, error?.description, error?.stack];
				expect(JSON.stringify(all)).not.toContain(KEY);
				expect(JSON.stringify(error ?? {})).not.toContain(KEY);
				expect(JSON.stringify(world.nodeContext)).not.toContain(KEY);
			}
		}
	});
});

test('The log of n8n gets submits, refusals, retries and results with their task ids', async () => {
	const world = new VirtualWorld({
		intercept: (_call, number) => (number === 1 ? answer('', 429) : undefined),
	});
	const { logLines } = await world.run(submitAndWait());
	const log = logLines.join('\n');
	expect(log).toMatch(/submit refused/);
	expect(log).toMatch(/task submitted.*task-1-id/);
	expect(log).toMatch(/no answer about a task.*task-1-id/);
	expect(log).toMatch(/no answer about a task.*"reason":"something between n8n/);
	expect(log).toMatch(/task finished.*task-1-id.*"status":"succeeded","milliseconds":\d+/);
	expect(log).toMatch(
		/download failed.*task-1-id.*"attempt":1,"reason":"an answer without a body"/,
	);
});

test('An operation nobody knows is refused', async () => {
	for (const operation of ['draw', 'toString', '__proto__']) {
		const { error } = await new VirtualWorld().run({ parameters: { operation } });
		expect(error?.message).toContain(operation);
		expect(error?.description).toContain("'Operation'");
	}
});

test('No items in give no items out', async () => {
	const { items, error } = await new VirtualWorld().run({ itemCount: 0 });
	expect(error).toBeUndefined();
	expect(items).toEqual([]);
});

describe('The signed link of a tool', () => {
	/** As n8n is where files are stored outside its memory. */
	const asTool = (context: IExecuteFunctions) => {
		context.isToolExecution = () => true;
		context.helpers.prepareBinaryData = async (_body, fileName, mimeType = '') => ({
			id: 'stored',
			data: 'filesystem',
			fileName,
			mimeType,
		});
		context.helpers.createBinarySignedUrl = () => 'https://n8n.example.com/signed';
	};
	const parameters = {
		operation: 'submitAndWait',
		prompt: 'a heron',
		options: { toolResult: 'n8nLink' },
	};

	test('lives for a week from the moment it is made', async () => {
		const world = new VirtualWorld();
		const { items } = await world.run({ adjust: asTool, parameters });
		const { image_url, image_url_expires_at } = items[0]?.json ?? {};
		expect(image_url).toBe('https://n8n.example.com/signed');
		const made = Date.parse(String(image_url_expires_at)) - 7 * 24 * 3_600_000;
		expect(world.clock.now() - made).toBeLessThan(1000);
		expect(world.clock.now() - made).toBeGreaterThanOrEqual(0);
	});

	test('is refused before anything is paid where n8n cannot sign, whatever the number of items', async () => {
		const world = new VirtualWorld();
		let probes = 0;
		const adjust = (context: IExecuteFunctions) => {
			asTool(context);
			const store = context.helpers.prepareBinaryData;
			context.helpers.prepareBinaryData = async (...file) => {
				probes++;
				return await store(...file);
			};
			context.helpers.createBinarySignedUrl = () => {
				throw new Error('no key to sign with');
			};
		};
		const { items } = await world.run({ adjust, parameters, itemCount: 3 });
		for (const { json } of items) {
			expect(json.error).toMatch(/'Tool Result' cannot be "Signed Link".*Choose "Service Link"/);
		}
		expect([items.length, probes, world.service.calls.submit]).toEqual([3, 1, 0]);
	});

	test('of an image that cannot be downloaded is an error without fields that a tool lacks', async () => {
		const world = new VirtualWorld({
			intercept: (call) =>
				call === 'download' ? { kind: 'answer', status: 503, body: '' } : undefined,
		});
		const { items } = await world.run({ adjust: asTool, parameters });
		expect(items[0]?.json.error).toMatch(/'Get Task Result' gets the image by its task ID/);
		expect(items[0]?.json.error).not.toMatch(/Download Image|Retry On Fail/);
	});
});
