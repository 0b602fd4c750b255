import type { INode } from 'n8n-workflow';

import { binaryModes, prompts, run, useSimulator, withoutBackOff, type Variant } from './workflows';

const simulator = useSimulator();
withoutBackOff();

const idOf = (prompt: string) => simulator.tasks.find((task) => task.prompt === prompt)?.id;

async function runAll(onError: INode['onError'], variant: Variant = {}) {
	const result = await run('errorOutput', {
		credentials: simulator.credentials,
		...variant,
		node: { onError, ...variant.node },
	});
	expect(result.error).toBeUndefined();
	expect(result.status).toBe('success');
	return { ...result, done: result.outputs('Done')[0] ?? [] };
}

describe.each(binaryModes)('continue with the error output (binary mode %s)', (binaryMode) => {
	it('failed items take the error branch and the others go on', async () => {
		const { done, failed } = await runAll('continueErrorOutput', {
			binaryMode,
			input: prompts('one', 'two [fail]', ' ', 'four [filtered]', 'five'),
		});
		expect(done.map(({ json }) => json)).toEqual([
			expect.objectContaining({ task_id: idOf('one'), status: 'succeeded' }),
			expect.objectContaining({ task_id: idOf('five'), status: 'succeeded' }),
		]);
		expect(done.every(({ binary }) => binary?.data?.mimeType === 'image/png')).toBe(true);
		expect(failed.map(({ error }) => error)).toEqual([
			expect.stringMatching(new RegExp(`task ${idOf('two [fail]')}.*item 1`)),
			expect.stringMatching(/'Prompt'.*item 2/),
			expect.stringMatching(new RegExp(`task ${idOf('four [filtered]')}.*item 3`)),
		]);
		expect(simulator.tasks).toHaveLength(4);
	});

	it('items stay paired with what they came from', async () => {
		const result = await runAll('continueErrorOutput', {
			binaryMode,
			input: prompts('one [fail]', 'two', 'three [fail]', 'four'),
		});
		const pairs = (items: Array<{ pairedItem?: unknown }> | undefined) =>
			items?.map(({ pairedItem }) => pairedItem);
		const [good, bad] = result.outputs('Flux 2 Flex');
		expect(pairs(good)).toEqual([
			expect.objectContaining({ item: 1 }),
			expect.objectContaining({ item: 3 }),
		]);
		expect(pairs(bad)).toEqual([
			expect.objectContaining({ item: 0 }),
			expect.objectContaining({ item: 2 }),
		]);
	});
});

describe('continue on the same output', () => {
	it('failed items stand in their place', async () => {
		const { done } = await runAll('continueRegularOutput', {
			input: prompts('one [fail]', 'two', ''),
		});
		expect(done.map(({ json }) => json)).toEqual([
			{ error: expect.stringMatching(new RegExp(`task ${idOf('one [fail]')}.*item 0`)) as string },
			expect.objectContaining({ status: 'succeeded' }),
			{ error: expect.stringMatching(/'Prompt'.*item 2/) as string },
		]);
		expect(done.map(({ pairedItem }) => pairedItem)).toEqual([
			{ item: 0 },
			{ item: 1 },
			{ item: 2 },
		]);
	});

	it('the old setting works the same', async () => {
		const { done } = await runAll(undefined, {
			node: { continueOnFail: true },
			input: prompts('one [fail]', 'two'),
		});
		expect(done.map(({ json }) => json)).toEqual([
			{ error: expect.stringContaining('one [fail]'.slice(4)) as string },
			expect.objectContaining({ status: 'succeeded' }),
		]);
	});
});

describe('one bad item, whatever is bad about it', () => {
	const bad: Array<[string, Variant['parameters'], Variant['credentials']?]> = [
		['the prompt', { prompt: '={{ $json.good ? "a heron" : "" }}' }],
		['the size', { size: '={{ $json.good ? "512x512" : "5x5" }}' }],
		['the seed', { seed: '={{ $json.good ? 1 : -7 }}' }],
		['an image', { images: { image: [{ url: '={{ $json.good ? $json.link : "cat" }}' }] } }],
		['a time-out', { options: { timeout: '={{ $json.good ? 60 : 0 }}' } }],
		['the field', { binaryPropertyName: '={{ $json.good ? "data" : "" }}' }],
		['an expression', { seed: '={{ $json.good ? 1 : $("Nowhere").item.json.seed }}' }],
		[
			'an expression in an option',
			{ options: { fileName: '={{ $json.good ? "a" : $("Nowhere").item.json.name }}' } },
		],
		['the key', {}, { apiKey: '={{ $json.good ? "simulator-key" : "" }}' }],
		['the base URL', {}, { baseUrl: '={{ $json.good ? $json.url : "nowhere" }}' }],
		['the refused key', {}, { apiKey: '={{ $json.good ? "simulator-key" : "another-key" }}' }],
	];

	it.each(bad.flatMap((row) => [0, 1, 2].map((position) => ({ row, position }))))(
		'$row.0, as item $position',
		async ({ row: [, parameters, credentials], position }) => {
			const link = 'data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7';
			const { done, failed } = await runAll('continueErrorOutput', {
				credentials: { ...simulator.credentials, ...credentials },
				input: [0, 1, 2].map((item) => ({
					json: { prompt: `item ${item}`, good: item !== position, url: simulator.url, link },
				})),
				parameters,
			});
			expect(failed).toHaveLength(1);
			expect(done).toHaveLength(2);
			expect(done.every(({ json }) => json.status === 'succeeded')).toBe(true);
			expect(simulator.tasks).toHaveLength(2);
		},
	);

	it('of tasks asked for', async () => {
		const { json } = await run('submit', {
			credentials: simulator.credentials,
			input: prompts('one'),
		});
		const { done, failed } = await runAll('continueErrorOutput', {
			input: [{ json: { id: 'nobody-knows' } }, { json: { id: json[0]?.task_id } }],
			parameters: { operation: 'getTaskResult', taskId: '={{ $json.id }}' },
		});
		expect(done).toHaveLength(1);
		expect(failed).toEqual([{ error: expect.stringContaining('nobody-knows') as string }]);
	});

	it('of tasks submitted', async () => {
		const { done, failed } = await runAll('continueErrorOutput', {
			input: prompts('one', '', 'three'),
			parameters: { operation: 'submit' },
		});
		expect(done.map(({ json }) => json)).toEqual([
			{ task_id: idOf('one') },
			{ task_id: idOf('three') },
		]);
		expect(failed).toHaveLength(1);
	});
});

describe('failures after the submit', () => {
	it('a time-out: the row has the task', async () => {
		const { done, failed } = await runAll('continueErrorOutput', {
			input: prompts('one [slow]', 'two'),
			parameters: { options: { timeout: 1 } },
		});
		expect(failed).toEqual([{ error: expect.stringContaining(idOf('one [slow]')!) as string }]);
		expect(done).toHaveLength(1);
	});

	it('an image that cannot be downloaded: the row has the task', async () => {
		simulator.faults.add({ call: 'download', times: 99, fault: { kind: 'status', status: 500 } });
		const { done, failed } = await runAll('continueErrorOutput', { input: prompts('one') });
		expect(failed).toEqual([{ error: expect.stringContaining(idOf('one')!) as string }]);
		expect(done).toEqual([]);
	});

	it('a lost answer: the row says so', async () => {
		simulator.faults.add({ call: 'submit', fault: { kind: 'resetBeforeReply' } });
		const { done, failed } = await runAll('continueErrorOutput', { input: prompts('one', 'two') });
		expect(failed).toEqual([{ error: expect.stringContaining('may exist') as string }]);
		expect(done).toHaveLength(1);
		expect(simulator.tasks).toHaveLength(2);
	});
});

it('a credential that is missing fails every item', async () => {
	const { failed, done } = await runAll('continueErrorOutput', {
		credentials: undefined,
		input: prompts('one', 'two'),
	});
	expect(failed).toHaveLength(2);
	expect(done).toEqual([]);
});

it('Retry On Fail does not run the node again for a failed row', async () => {
	const { failed } = await runAll('continueErrorOutput', {
		input: prompts('one [fail]', 'two'),
		node: { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 },
	});
	expect(failed).toHaveLength(1);
	expect(simulator.tasks).toHaveLength(2);
});
