import { loadImage } from '@napi-rs/canvas';

import { readBinary } from '../support/harness';
import { drawImage } from '../support/simulator/image';
import { formats } from './images';
import { binaryModes, failureOf, prompts, run, runWell, useSimulator } from './workflows';

const simulator = useSimulator();

describe.each(binaryModes)('a whole journey (binary mode %s)', (binaryMode) => {
	const drawing = useSimulator({ drawImage, processingMilliseconds: 30 });

	it('brings the image that was asked for', async () => {
		const { items } = await runWell('submitAndWait', {
			binaryMode,
			credentials: drawing.credentials,
			parameters: { prompt: 'a heron at dawn', size: '={{ "320x256" }}', seed: 7 },
		});
		expect(items).toEqual([
			{
				json: {
					task_id: drawing.tasks[0]?.id,
					status: 'succeeded',
					seed: 7,
					image_url: expect.stringMatching(/^http/) as string,
					image_type: 'png',
					image_url_expires_at: expect.stringMatching(/Z$/) as string,
					nsfw: null,
				},
				binary: { data: expect.any(Object) as object },
				pairedItem: { item: 0 },
			},
		]);
		const stored = items[0]!.binary!.data!;
		const bytes = await readBinary(stored);
		const response = await fetch(String(items[0]?.json.image_url));
		expect(bytes.equals(Buffer.from(await response.arrayBuffer()))).toBe(true);
		const image = await loadImage(bytes);
		expect([image.width, image.height]).toEqual([320, 256]);
		expect(stored).toMatchObject({
			mimeType: 'image/png',
			fileType: 'image',
			fileExtension: 'png',
			fileName: `flux-2-flex-${drawing.tasks[0]?.id}.png`,
			fileSize: expect.stringMatching(/^\d.* k?B$/) as string,
		});
		expect(stored.directory).toBeUndefined();
	});

	it('keeps the order of the items, whichever is ready first', async () => {
		const names = ['one', 'two', 'three', 'four', 'five'];
		const { items } = await runWell('submitAndWait', {
			binaryMode,
			credentials: hurried.credentials,
			input: prompts(...names),
		});
		const promptOf = (id: unknown) => hurried.tasks.find((task) => task.id === id)?.prompt;
		expect(items.map(({ json }) => promptOf(json.task_id))).toEqual(names);
		expect(items.map(({ pairedItem }) => pairedItem)).toEqual(names.map((_, item) => ({ item })));
		expect(hurried.tasks).toHaveLength(5);
	});
});

// The later a task comes, the sooner it is ready.
const hurried = useSimulator({ processingMilliseconds: (number) => 300 - 50 * number });

describe.each(['png', 'jpeg', 'webp'] as const)('a service that makes %s', (format) => {
	const other = useSimulator({ imageType: format });

	it.each(binaryModes)(
		'is told by type, extension and name (binary mode %s)',
		async (binaryMode) => {
			const { items } = await runWell('submitAndWait', {
				binaryMode,
				credentials: other.credentials,
			});
			const { mimeType, extensions, bytes } = formats[format];
			const stored = items[0]!.binary!.data!;
			expect(items[0]?.json.image_type).toBe(format);
			expect(stored.mimeType).toBe(mimeType);
			expect(extensions).toContain(stored.fileExtension);
			expect(stored.fileName).toBe(`flux-2-flex-${other.tasks[0]?.id}.${stored.fileExtension}`);
			expect(await readBinary(stored)).toEqual(bytes);
		},
	);
});

describe('output settings', () => {
	it('no download, another field, another name, as for Get Task Result', async () => {
		const { items } = await runWell('submitAndWait', {
			credentials: simulator.credentials,
			input: [
				{ json: { prompt: 'a', download: true, field: 'one', name: 'a heron' } },
				{ json: { prompt: 'b', download: true, field: 'two', name: 'an owl.jpg' } },
				{ json: { prompt: 'c', download: false } },
			],
			parameters: {
				downloadImage: '={{ $json.download }}',
				binaryPropertyName: '={{ $json.field }}',
				options: { fileName: '={{ $json.name }}' },
			},
		});
		expect(items.map(({ binary }) => binary)).toEqual([
			{ one: expect.objectContaining({ fileName: 'a heron.png' }) as object },
			{ two: expect.objectContaining({ fileName: 'an owl.png' }) as object },
			undefined,
		]);
		expect(simulator.count('download')).toBe(2);
	});

	it('simplify off: the answer unchanged', async () => {
		const { items } = await runWell('submitAndWait', {
			credentials: simulator.credentials,
			parameters: { simplify: false },
		});
		expect(items[0]?.json).toEqual({
			task: {
				task_id: simulator.tasks[0]?.id,
				status: 'TASK_STATUS_SUCCEED',
				reason: '',
				task_type: 'FLUX_2_FLEX_TXT_TO_IMG',
				eta: 0,
				progress_percent: 0,
			},
			extra: expect.objectContaining({ seed: String(simulator.tasks[0]?.seed) }) as object,
			images: [
				{
					image_url: expect.stringContaining('/images/') as string,
					image_url_ttl: '3600',
					image_type: 'png',
					nsfw_detection_result: null,
				},
			],
			videos: [],
			audios: [],
		});
		expect(items[0]?.binary).toHaveProperty('data');
	});

	it('the seed of the request where the answer tells none', async () => {
		simulator.faults.add({
			call: 'poll',
			times: 2,
			fault: { kind: 'patch', patch: (answer) => ({ ...answer, extra: undefined }) },
		});
		const { json } = await runWell('submitAndWait', {
			credentials: simulator.credentials,
			input: [{ json: { seed: 42 } }, { json: { seed: -1 } }],
			parameters: { prompt: 'a heron', seed: '={{ $json.seed }}' },
		});
		expect(json[0]?.seed).toBe(42);
		expect(json[1]).not.toHaveProperty('seed');
	});

	it('a webhook belongs to Submit only', async () => {
		await runWell('submitAndWait', {
			credentials: simulator.credentials,
			parameters: { options: { webhookUrl: 'http://127.0.0.1:9/' } },
		});
		expect(simulator.bodies()[0]).not.toHaveProperty('extra');
	});

	const permanent = useSimulator({ linkTimeToLiveSeconds: 0 });

	it('no expiry for a link that does not expire', async () => {
		const { json } = await runWell('submitAndWait', { credentials: permanent.credentials });
		expect(json[0]).toMatchObject({ image_url_expires_at: null });
	});
});

describe('a task that ends without an image', () => {
	it.each([
		['failed', 'a heron [fail]', 'generation failed: the prompt asked for it with [fail]'],
		['filtered', 'a heron [filtered]', 'content'],
	])('%s: an error with the reason and the task', async (_, prompt, reason) => {
		const result = await run('submitAndWait', {
			credentials: simulator.credentials,
			input: prompts(prompt),
		});
		const { message, description } = failureOf(result);
		expect(message).toContain(reason);
		expect(message).toContain(simulator.tasks[0]!.id);
		expect(message).toContain('item 0');
		expect(description).toContain("'Prompt'");
		expect(result.outputs('Done')).toEqual([]);
	});

	it('names what was paid for besides', async () => {
		const result = await run('submitAndWait', {
			credentials: simulator.credentials,
			input: prompts('a heron', 'an owl [fail]'),
		});
		const { message, description } = failureOf(result);
		const [heron, owl] = ['a heron', 'an owl [fail]'].map(
			(prompt) => simulator.tasks.find((task) => task.prompt === prompt)!.id,
		);
		expect(message).toContain(owl);
		expect(message).toContain('item 1');
		expect(description).toContain(heron);
	});
});

describe('a task that takes longer than the time-out', () => {
	const queued = useSimulator({ queueMilliseconds: 60_000 });
	const timeout = { timeout: 1 };

	it('is an error with the task and the way to get it later', async () => {
		const { message, description, itemIndex } = failureOf(
			await run('submitAndWait', {
				credentials: queued.credentials,
				parameters: { options: timeout },
			}),
		);
		expect(message).toContain(queued.tasks[0]!.id);
		expect(message).toMatch(/1 second.*item 0/);
		expect(description).toContain("'Get Task Result'");
		expect(description).toContain("'Timeout'");
		expect(itemIndex).toBe(0);
		expect(queued.tasks).toHaveLength(1);
	});

	it('is handed on as it stands if asked for, simplified or not', async () => {
		const { items } = await runWell('submitAndWait', {
			credentials: queued.credentials,
			input: [{ json: { simplify: true } }, { json: { simplify: false } }],
			parameters: {
				prompt: 'a heron',
				simplify: '={{ $json.simplify }}',
				options: { ...timeout, onTimeout: 'returnPending' },
			},
		});
		expect(items.map(({ json }) => json.task_id).sort()).toEqual(
			queued.tasks.map(({ id }) => id).sort(),
		);
		expect(items).toEqual(
			[0, 1].map((item) => ({
				json: { task_id: expect.any(String) as string, status: 'queued' },
				pairedItem: { item },
			})),
		);
	});

	it('does not keep the others from their images', async () => {
		const { items } = await runWell('submitAndWait', {
			credentials: simulator.credentials,
			input: prompts('a heron [slow]', 'an owl'),
			parameters: { options: { ...timeout, onTimeout: 'returnPending' } },
		});
		const slow = simulator.tasks.find(({ prompt }) => prompt.includes('[slow]'));
		expect(items[0]).toEqual({
			json: { task_id: slow?.id, status: 'processing' },
			pairedItem: { item: 0 },
		});
		expect(items[1]).toMatchObject({ json: { status: 'succeeded' }, pairedItem: { item: 1 } });
	});
});

describe('waiting', () => {
	it('asks by itself at sensible times', async () => {
		const started = Date.now();
		await runWell('submitAndWait', {
			credentials: simulator.credentials,
			parameters: { options: { pollingInterval: 0 } },
		});
		expect(Date.now() - started).toBeLessThan(10_000);
		expect(simulator.count('poll')).toBeLessThanOrEqual(4);
	});

	const steady = useSimulator({ processingMilliseconds: 1000 });

	it('asks at the interval that was asked for', async () => {
		await runWell('submitAndWait', {
			credentials: steady.credentials,
			parameters: { options: { pollingInterval: 0.4 } },
		});
		const polls = steady.requests.filter(({ call }) => call === 'poll');
		expect(polls.length).toBeLessThanOrEqual(4);
		for (const [index, { at }] of polls.entries()) {
			// Timers may fire a millisecond early.
			expect(at - (polls[index - 1]?.at ?? steady.tasks[0]!.acceptedAt)).toBeGreaterThan(380);
		}
	});

	it('goes on while the service does not know its own fresh task', async () => {
		simulator.faults.add({
			call: 'poll',
			times: 2,
			fault: { kind: 'status', status: 404, body: { code: 404, reason: 'TASK_NOT_FOUND' } },
		});
		const { json } = await runWell('submitAndWait', { credentials: simulator.credentials });
		expect(json).toMatchObject([{ status: 'succeeded' }]);
		expect(simulator.tasks).toHaveLength(1);
	});

	it('goes on in a state it does not know', async () => {
		simulator.faults.add({
			call: 'poll',
			times: 2,
			fault: {
				kind: 'patch',
				patch: (answer) => ({
					...answer,
					task: { ...(answer.task as object), status: 'TASK_STATUS_UNKNOWN' },
				}),
			},
		});
		const { json } = await runWell('submitAndWait', { credentials: simulator.credentials });
		expect(json).toMatchObject([{ status: 'succeeded' }]);
		expect(simulator.count('poll')).toBe(3);
	});
});

it('the operation is Submit and Wait unless another one is chosen', async () => {
	const { items } = await runWell('submitAndWait', { credentials: simulator.credentials });
	expect(items[0]?.binary?.data?.mimeType).toBe('image/png');
	expect(simulator.requests.map(({ call }) => call)).toEqual(['submit', 'poll', 'download']);
});
