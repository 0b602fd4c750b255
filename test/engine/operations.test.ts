import { loadImage } from '@napi-rs/canvas';

import { readBinary } from '../support/harness';
import { drawImage } from '../support/simulator/image';
import { formats } from './images';
import { binaryModes, failureOf, prompts, run, runWell, useSimulator } from './workflows';

const simulator = useSimulator();

describe.each(binaryModes)('In binary mode %s,', (binaryMode) => {
	const drawing = useSimulator({ drawImage, processingMilliseconds: 30 });

	it('Submit and Wait brings the image that was asked for', async () => {
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

	it('Submit hands its tasks on to Get Task Result, which brings the images in their order', async () => {
		simulator.faults.add({ call: 'poll', fault: { kind: 'delay', milliseconds: 150 } });
		simulator.faults.add({ call: 'download', fault: { kind: 'delay', milliseconds: 80 } });
		const { items, outputs } = await runWell('submitThenGetTaskResult', {
			binaryMode,
			credentials: simulator.credentials,
			input: prompts('one', 'two', 'three'),
		});
		const ids = ['one', 'two', 'three'].map(
			(prompt) => simulator.tasks.find((task) => task.prompt === prompt)?.id,
		);
		expect(outputs('Submit')[0]).toEqual(
			ids.map((task_id, item) => ({ json: { task_id }, pairedItem: { item } })),
		);
		expect(items).toMatchObject(
			ids.map((task_id, item) => ({
				json: { task_id, status: 'succeeded' },
				binary: { data: { mimeType: 'image/png' } },
				pairedItem: { item },
			})),
		);
		expect(await readBinary(items[2]!.binary!.data!)).toEqual(formats.png.bytes);
		expect(['submit', 'poll', 'download'].map((call) => simulator.count(call as 'poll'))).toEqual([
			3, 3, 3,
		]);
	});
});

describe('Submit and Wait', () => {
	// The later a task comes, the sooner it is ready.
	const hurried = useSimulator({ processingMilliseconds: (number) => 300 - 50 * number });

	it('keeps the order of the items, whichever is ready first', async () => {
		const names = ['one', 'two', 'three', 'four', 'five'];
		const { items } = await runWell('submitAndWait', {
			credentials: hurried.credentials,
			input: prompts(...names),
		});
		const promptOf = (id: unknown) => hurried.tasks.find((task) => task.id === id)?.prompt;
		expect(items.map(({ json }) => promptOf(json.task_id))).toEqual(names);
		expect(items.map(({ pairedItem }) => pairedItem)).toEqual(names.map((_, item) => ({ item })));
		expect(hurried.tasks).toHaveLength(5);
	});

	it('takes its settings from each item, those under Options, too', async () => {
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

	it('asks by itself at sensible times', async () => {
		const started = Date.now();
		await runWell('submitAndWait', {
			credentials: simulator.credentials,
			parameters: { options: { pollingInterval: 0 } },
		});
		expect(Date.now() - started).toBeLessThan(10_000);
		expect(simulator.count('poll')).toBeLessThanOrEqual(4);
	});

	it('hands on a task that is late as it stands, beside the images of the others', async () => {
		const { items } = await runWell('submitAndWait', {
			credentials: simulator.credentials,
			input: prompts('a heron [slow]', 'an owl'),
			parameters: { options: { timeout: 1, onTimeout: 'returnPending' } },
		});
		const slow = simulator.tasks.find(({ prompt }) => prompt.includes('[slow]'));
		expect(items[0]).toEqual({
			json: { task_id: slow?.id, status: 'processing' },
			pairedItem: { item: 0 },
		});
		expect(items[1]).toMatchObject({ json: { status: 'succeeded' }, pairedItem: { item: 1 } });
	});
});

it('Get Task Result escapes the task id on its way', async () => {
	const taskId = 'a&b=c/../d?e#f';
	await run('getTaskResult', { credentials: simulator.credentials, parameters: { taskId } });
	expect(simulator.requests[0]).toMatchObject({
		path: '/v3/async/task-result',
		query: { task_id: taskId },
	});
});

describe('Nothing is sent', () => {
	it('where n8n itself misses the prompt', async () => {
		const { status } = await run('submit', {
			credentials: simulator.credentials,
			parameters: { prompt: '' },
		});
		expect(status).toBe('error');
		expect(simulator.requests).toEqual([]);
	});

	it.each(['submit', 'submitAndWait'] as const)(
		'for any item of %s if one of them is bad, and n8n is told which',
		async (name) => {
			const result = await run(name, {
				credentials: simulator.credentials,
				input: prompts('one', 'two', ' '),
			});
			expect(failureOf(result)).toEqual({
				message: expect.stringMatching(/'Prompt'.*item 2/) as string,
				description: expect.stringContaining("'Prompt'") as string,
				itemIndex: 2,
			});
			expect(simulator.requests).toEqual([]);
			expect(result.outputs('Done')).toEqual([]);
		},
	);
});
