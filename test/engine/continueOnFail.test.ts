import type { INode } from 'n8n-workflow';

import { dataUri } from './images';
import {
	binaryModes,
	fluxNode,
	prompts,
	run,
	useSimulator,
	withoutBackOff,
	type Variant,
} from './workflows';

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

it.each(binaryModes)(
	'Failed items take the error output and the others go on, each paired with its own, in binary mode %s',
	async (binaryMode) => {
		const { done, failed, outputs } = await runAll('continueErrorOutput', {
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
		const pairs = outputs(fluxNode).map((items) => items.map(({ pairedItem }) => pairedItem));
		expect(pairs).toMatchObject([
			[{ item: 0 }, { item: 4 }],
			[{ item: 1 }, { item: 2 }, { item: 3 }],
		]);
	},
);

it.each<[string, INode['onError'], Partial<INode>]>([
	['the choice of today', 'continueRegularOutput', {}],
	['the setting of old workflows', undefined, { continueOnFail: true }],
])('Failed items stand in their place on the same output by %s', async (_, onError, node) => {
	const { done } = await runAll(onError, { node, input: prompts('one [fail]', 'two', '') });
	expect(done.map(({ json }) => json)).toEqual([
		{ error: expect.stringMatching(new RegExp(`task ${idOf('one [fail]')}.*item 0`)) as string },
		expect.objectContaining({ status: 'succeeded' }),
		{ error: expect.stringMatching(/'Prompt'.*item 2/) as string },
	]);
	expect(done.map(({ pairedItem }) => pairedItem)).toEqual([0, 1, 2].map((item) => ({ item })));
});

it.each<[string, Variant['parameters'], Variant['credentials']]>([
	['whose expression fails', { seed: '={{ $json.good ? 1 : $("Nowhere").item.json.seed }}' }, {}],
	[
		'whose option has a failing expression',
		{ options: { fileName: '={{ $json.good ? "a" : $("Nowhere").item.json.name }}' } },
		{},
	],
	['with an image that is none', { images: { image: [{ url: '={{ $json.link }}' }] } }, {}],
	['without a key', {}, { apiKey: '={{ $json.good ? "simulator-key" : "" }}' }],
	['with a key that is refused', {}, { apiKey: '={{ $json.good ? "simulator-key" : "no" }}' }],
])('An item %s takes the error output alone', async (_, parameters, credentials) => {
	const { done, failed } = await runAll('continueErrorOutput', {
		credentials: { ...simulator.credentials, ...credentials },
		input: [true, false, true].map((good, item) => ({
			json: { prompt: `item ${item}`, good, link: good ? dataUri('gif') : 'cat' },
		})),
		parameters,
	});
	expect(failed).toEqual([{ error: expect.stringContaining('item 1') as string }]);
	expect(done.map(({ json }) => json.status)).toEqual(['succeeded', 'succeeded']);
	expect(simulator.tasks).toHaveLength(2);
});

it('An item whose task nobody knows takes the error output alone', async () => {
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

it.each(['submit', 'submitAndWait'] as const)(
	"'Max Tasks' of %s fails every row before anything is sent, and does not count bad items",
	async (operation) => {
		const limited = async (...texts: string[]) =>
			await runAll('continueErrorOutput', {
				input: prompts(...texts),
				parameters: { operation, options: { maxTasks: 2 } },
			});
		const { failed, done } = await limited('one', 'two', 'three');
		expect(done).toEqual([]);
		expect(failed).toHaveLength(3);
		for (const { error } of failed) expect(error).toMatch(/3 tasks.*'Max Tasks'.*2/);
		expect(simulator.requests).toEqual([]);
		const other = await limited('one', '', 'three');
		expect([other.done.length, other.failed.length]).toEqual([2, 1]);
	},
);

it('A credential that is missing fails every item', async () => {
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
