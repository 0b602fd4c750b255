import type { IDataObject } from 'n8n-workflow';

import { readBinary } from '../support/harness';
import { formats } from './images';
import {
	apiKey,
	binaryModes,
	failureOf,
	run,
	runWell,
	useSimulator,
	withoutBackOff,
	type Variant,
} from './workflows';

const simulator = useSimulator();

/** Submits tasks and returns their ids; none of what happened for it is left to be seen. */
async function submitted(...prompts: string[]): Promise<string[]> {
	const { json } = await runWell('submit', {
		credentials: simulator.credentials,
		input: prompts.map((prompt) => ({ json: { prompt } })),
	});
	simulator.requests.length = 0;
	return json.map((reply) => String(reply.task_id));
}

const variant = (ids: unknown[], more: Variant = {}): Variant => ({
	credentials: simulator.credentials,
	input: ids.map((id) => ({ json: { task_id: id } as IDataObject })),
	...more,
});

/** Makes the service tell this about the next task it is asked for. */
function tell(task: object, body: object = {}) {
	simulator.faults.add({
		call: 'poll',
		fault: {
			kind: 'patch',
			patch: (answer) => ({ ...answer, ...body, task: { ...(answer.task as object), ...task } }),
		},
	});
}

describe.each(binaryModes)('a finished task (binary mode %s)', (binaryMode) => {
	it('is one item with all about it and its image', async () => {
		const [id] = await submitted('a heron');
		const { items } = await runWell('getTaskResult', variant([id], { binaryMode }));
		expect(items).toEqual([
			{
				json: {
					task_id: id,
					status: 'succeeded',
					seed: simulator.tasks[0]?.seed,
					image_url: expect.stringContaining(`/images/${id}/`) as string,
					image_type: 'png',
					image_url_expires_at: expect.stringMatching(/^\d{4}-.*Z$/) as string,
					nsfw: null,
				},
				binary: { data: expect.objectContaining({ mimeType: 'image/png' }) as object },
				pairedItem: { item: 0 },
			},
		]);
		expect(await readBinary(items[0]!.binary!.data!)).toEqual(formats.png.bytes);
		expect(simulator.requests.map(({ call }) => call)).toEqual(['poll', 'download']);
	});

	it('is one item per image', async () => {
		const [id] = await submitted('a heron');
		simulator.faults.add({
			call: 'poll',
			fault: {
				kind: 'patch',
				patch: (answer) => {
					const [image] = answer.images as object[];
					return {
						...answer,
						images: [image, { ...image, nsfw_detection_result: { valid: true } }],
					};
				},
			},
		});
		const { items, json } = await runWell('getTaskResult', variant([id], { binaryMode }));
		expect(json).toMatchObject([
			{ task_id: id, nsfw: null },
			{ task_id: id, nsfw: true },
		]);
		expect(items.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 0 }]);
		expect(items.map(({ binary }) => binary?.data?.fileName)).toEqual([
			`flux-2-flex-${id}.png`,
			`flux-2-flex-${id}-2.png`,
		]);
	});

	it('keeps the order of the items', async () => {
		const ids = await submitted('one', 'two', 'three');
		simulator.faults.add({ call: 'poll', fault: { kind: 'delay', milliseconds: 150 } });
		simulator.faults.add({ call: 'download', fault: { kind: 'delay', milliseconds: 80 } });
		const { json, items } = await runWell('getTaskResult', variant(ids, { binaryMode }));
		expect(json.map(({ task_id }) => task_id)).toEqual(ids);
		expect(items.map(({ pairedItem }) => pairedItem)).toEqual([0, 1, 2].map((item) => ({ item })));
	});
});

describe('output settings', () => {
	it('no download: the link only', async () => {
		const ids = await submitted('a heron');
		const { items } = await runWell(
			'getTaskResult',
			variant(ids, { parameters: { downloadImage: false } }),
		);
		expect(items[0]).not.toHaveProperty('binary');
		expect(items[0]?.json.image_url).toContain('/images/');
		expect(simulator.count('download')).toBe(0);
	});

	it('simplify off: the answer unchanged, and the image', async () => {
		const ids = await submitted('a heron');
		const { items } = await runWell(
			'getTaskResult',
			variant(ids, { parameters: { simplify: false } }),
		);
		const response = await fetch(`${simulator.url}/v3/async/task-result?task_id=${ids[0]}`, {
			headers: { authorization: `Bearer ${apiKey}` },
		});
		const answer = (await response.json()) as { images: object[] };
		answer.images = answer.images.map((image) => ({
			...image,
			image_url: expect.stringContaining('/images/') as string,
		}));
		expect(items[0]?.json).toEqual(answer);
		expect(items[0]?.binary).toHaveProperty('data');
	});

	it('another field and another name', async () => {
		const ids = await submitted('a heron');
		const { items } = await runWell(
			'getTaskResult',
			variant(ids, {
				parameters: {
					binaryPropertyName: 'image',
					options: { fileName: '={{ "heron " + $itemIndex }}.png' },
				},
			}),
		);
		expect(Object.keys(items[0]!.binary!)).toEqual(['image']);
		expect(items[0]?.binary?.image?.fileName).toBe('heron 0.png');
	});

	it.each([
		['heron', 'heron.png'],
		['heron.jpg', 'heron.png'],
		['heron.PNG', 'heron.png'],
		['v1.2', 'v1.2.png'],
		['../../etc/heron.png', '-..-etc-heron.png'],
		['', 'flux-2-flex-%.png'],
	])('the file name %j becomes %j', async (fileName, expected) => {
		const ids = await submitted('a heron');
		const { items } = await runWell(
			'getTaskResult',
			variant(ids, { parameters: { options: { fileName } } }),
		);
		expect(items[0]?.binary?.data).toMatchObject({
			fileName: expected.replace('%', ids[0]!),
			fileExtension: 'png',
		});
	});

	it('the nsfw mark', async () => {
		const ids = await submitted('a heron [nsfw]', 'a heron');
		const { json } = await runWell('getTaskResult', variant(ids));
		expect(json.map(({ nsfw }) => nsfw)).toEqual([true, null]);
	});
});

describe('a task without an image', () => {
	const slow = useSimulator({ queueMilliseconds: 60_000 });

	it('queued', async () => {
		const { items } = await runWell('submitThenGetTaskResult', { credentials: slow.credentials });
		expect(items).toEqual([
			{
				json: {
					task_id: slow.tasks[0]?.id,
					status: 'queued',
					eta: expect.any(Number) as number,
					progress_percent: 0,
				},
				pairedItem: { item: 0 },
			},
		]);
		expect(slow.count('download')).toBe(0);
	});

	it('processing', async () => {
		const ids = await submitted('a heron [slow]');
		const { items } = await runWell('getTaskResult', variant(ids));
		expect(items).toEqual([
			{
				json: {
					task_id: ids[0],
					status: 'processing',
					eta: expect.any(Number) as number,
					progress_percent: expect.any(Number) as number,
				},
				pairedItem: { item: 0 },
			},
		]);
	});

	it('in a state of tomorrow: processing', async () => {
		const ids = await submitted('a heron');
		tell({ status: 'TASK_STATUS_UNKNOWN' });
		const { json } = await runWell('getTaskResult', variant(ids));
		expect(json).toMatchObject([{ task_id: ids[0], status: 'processing' }]);
	});

	it('failed: its reason, and no error', async () => {
		const ids = await submitted('a heron [fail]', 'an owl');
		const { items } = await runWell('getTaskResult', variant(ids));
		expect(items[0]).toEqual({
			json: {
				task_id: ids[0],
				status: 'failed',
				reason: expect.stringContaining('[fail]') as string,
				progress_percent: 0,
			},
			pairedItem: { item: 0 },
		});
		expect(items[1]?.json.status).toBe('succeeded');
	});

	it('succeeded with nothing in it, as when content is filtered: failed', async () => {
		const ids = await submitted('a heron [filtered]');
		const { items } = await runWell('getTaskResult', variant(ids));
		expect(items).toHaveLength(1);
		expect(items[0]?.json).toMatchObject({
			task_id: ids[0],
			status: 'failed',
			reason: expect.any(String) as string,
		});
		expect(items[0]).not.toHaveProperty('binary');
	});

	it.each(['[slow]', '[fail]', '[filtered]'])('unchanged: %s', async (mark) => {
		const ids = await submitted(mark);
		const { items } = await runWell(
			'getTaskResult',
			variant(ids, { parameters: { simplify: false } }),
		);
		expect(Object.keys(items[0]!.json).sort()).toEqual([
			'audios',
			'extra',
			'images',
			'task',
			'videos',
		]);
		expect(items[0]).not.toHaveProperty('binary');
	});
});

describe('the task id', () => {
	withoutBackOff();

	it('that nobody knows is an error', async () => {
		const result = await run('getTaskResult', variant(['nobody-knows']));
		const { message, description, itemIndex } = failureOf(result);
		expect(message).toMatch(/does not know the task \(task nobody-knows\) \[item 0/);
		expect(description).toContain("'Task ID'");
		expect(itemIndex).toBe(0);
	});

	it('is taken without blanks around it', async () => {
		const [id] = await submitted('a heron');
		const { json } = await runWell('getTaskResult', variant([` ${id}\n`]));
		expect(json).toMatchObject([{ task_id: id, status: 'succeeded' }]);
	});

	it('is escaped on its way', async () => {
		await run('getTaskResult', variant(['a&b=c/../d?e#f']));
		expect(simulator.requests[0]).toMatchObject({
			path: '/v3/async/task-result',
			query: { task_id: 'a&b=c/../d?e#f' },
		});
	});

	it.each([
		['', /is empty/],
		[null, /is empty/],
		['two words', /two words/],
		[{}, /\{\}/],
	])('%j is refused before anything is sent', async (id, message) => {
		const failure = failureOf(await run('getTaskResult', variant(['fine', id])));
		expect(failure.message).toMatch(/'Task ID'.*item 1/);
		expect(failure.message).toMatch(message);
		expect(failure.itemIndex).toBe(1);
		expect(simulator.requests).toEqual([]);
	});

	it("of somebody else's task in the answer: asked again", async () => {
		const ids = await submitted('a heron');
		tell({ task_id: 'somebody-elses', status: 'TASK_STATUS_FAILED', reason: 'not ours' });
		const { json } = await runWell('getTaskResult', variant(ids));
		expect(json).toMatchObject([{ task_id: ids[0], status: 'succeeded' }]);
		expect(simulator.count('poll')).toBe(2);
	});
});

describe('asking again', () => {
	withoutBackOff();

	it.each([
		['429', { kind: 'status', status: 429, body: { reason: 'RATE_LIMIT_EXCEEDED' } }],
		['500', { kind: 'status', status: 500, body: { reason: 'GET_RESULT_FAILED' } }],
		['502', { kind: 'status', status: 502 }],
		['503', { kind: 'status', status: 503 }],
		['504', { kind: 'status', status: 504 }],
		['a reset connection', { kind: 'resetBeforeReply' }],
		['half an answer', { kind: 'truncate' }],
		['a web page', { kind: 'html' }],
		['an empty answer', { kind: 'empty' }],
		['an answer about nothing', { kind: 'json', body: {} }],
		['an answer of null', { kind: 'json', body: null }],
		['an answer without a status', { kind: 'json', body: { task: {} } }],
		['an answer without end', { kind: 'huge', bytes: 8_000_000 }],
	] as const)('after %s', async (_, fault) => {
		const ids = await submitted('a heron');
		simulator.faults.add({ call: 'poll', times: 2, fault });
		const { json } = await runWell('getTaskResult', variant(ids));
		expect(json).toMatchObject([{ status: 'succeeded' }]);
		expect(simulator.count('poll')).toBe(3);
	});

	it('ends with an error that keeps the task', async () => {
		const ids = await submitted('a heron');
		simulator.faults.add({ call: 'poll', times: 99, fault: { kind: 'status', status: 503 } });
		const { message } = failureOf(await run('getTaskResult', variant(ids)));
		expect(message).toContain(ids[0]);
		expect(message).toContain('item 0');
		expect(message).toContain('503');
		expect(simulator.count('poll')).toBeLessThan(20);
	});

	it('does not happen after a refusal', async () => {
		const ids = await submitted('a heron');
		simulator.faults.add({
			call: 'poll',
			fault: { kind: 'status', status: 403, body: { reason: 'INVALID_API_KEY' } },
		});
		failureOf(await run('getTaskResult', variant(ids)));
		expect(simulator.count('poll')).toBe(1);
	});
});
