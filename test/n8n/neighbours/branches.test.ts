import { binaryModes } from '../../engine/workflows';
import bothBranches from './bothBranches.workflow.json';
import mergeByPosition from './mergeByPosition.workflow.json';
import { bytesOf, items, json, pairedItem, runWell, served, useDistinctImages } from './neighbours';
import routeByStatus from './routeByStatus.workflow.json';

const simulator = useDistinctImages();

const promptOf = (id: unknown) => simulator.tasks.find((task) => task.id === id)?.prompt;

describe.each(binaryModes)('files: %s', (binaryMode) => {
	const options = () => ({ credentials: simulator.credentials, binaryMode });

	it('Merge puts captions beside their images', async () => {
		const result = await runWell(mergeByPosition, options());

		const drawn = items(result, 'Flux 2 Flex');
		expect(drawn.map(pairedItem)).toEqual([{ item: 0 }, { item: 1 }, { item: 2 }]);
		const posts = items(result, 'Posts');
		expect(posts.map((item) => item.json)).toEqual(
			['A kite', 'A boat', 'A train'].map((prompt, index) => ({
				text: `“${prompt}” ${drawn[index]!.json.image_url as string}`,
				prompt,
				task: drawn[index]!.json.task_id,
			})),
		);
		expect(posts.map(({ json: { task } }) => promptOf(task))).toEqual([
			'A kite',
			'A boat',
			'A train',
		]);
		for (const [index, item] of items(result, 'Merge').entries()) {
			expect(await bytesOf(item)).toEqual(await served(drawn[index]!.json));
		}
	});

	it('If and Switch sort tasks by their status', async () => {
		const result = await runWell(routeByStatus, options());

		const asked = items(result, 'Get Task Result');
		expect(asked.map((item) => item.json.status)).toEqual([
			'succeeded',
			'failed',
			'processing',
			'succeeded',
		]);
		expect(asked.map(pairedItem)).toEqual([{ item: 0 }, { item: 1 }, { item: 2 }, { item: 3 }]);

		const images = items(result, 'Succeeded?');
		expect(json(result, 'Images')).toEqual([
			{ prompt: 'A kite', file: images[0]!.binary!.data!.fileName },
			{ prompt: 'A balloon', file: images[1]!.binary!.data!.fileName },
		]);
		for (const item of images) expect(await bytesOf(item)).toEqual(await served(item.json));
		expect(json(result, 'Failed')).toEqual([
			{ prompt: 'A boat [fail]', reason: expect.stringContaining('[fail]') as string },
		]);
		const [, , slow] = simulator.tasks;
		expect(json(result, 'Processing')).toEqual([{ prompt: 'A train [slow]', task: slow!.id }]);
		expect(items(result, 'Anything Else')).toEqual([]);
	});

	it('the error output takes the failed items, and both branches know where theirs come from', async () => {
		const result = await runWell(bothBranches, options());

		const [good, failed] = result.outputs('Flux 2 Flex');
		expect(good!.map(pairedItem)).toEqual([{ item: 0 }, { item: 2 }, { item: 4 }]);
		expect(failed!.map(pairedItem)).toMatchObject([{ item: 1 }, { item: 3 }]);
		expect(simulator.paidPrompts().sort()).toEqual([
			'A balloon',
			'A boat [fail]',
			'A kite',
			'A train',
		]);

		expect(json(result, 'Publish')).toEqual([
			{ title: 'first', file: good![0]!.binary!.data!.fileName },
			{ title: 'third', file: good![1]!.binary!.data!.fileName },
			{ title: 'fifth', file: good![2]!.binary!.data!.fileName },
		]);
		for (const item of good!) expect(await bytesOf(item)).toEqual(await served(item.json));
		const boat = simulator.tasks.find(({ prompt }) => prompt === 'A boat [fail]')!;
		expect(json(result, 'Report')).toEqual([
			{ title: 'second', reason: expect.stringContaining(boat.id) as string },
			{ title: 'fourth', reason: expect.stringContaining("'Prompt' is empty") as string },
		]);
	});
});

it.each([
	['all items are good', ['A kite', 'A boat'], 2, 0],
	['all items fail', ['A kite [fail]', ''], 0, 2],
])('the error output when %s', async (_, prompts, good, failed) => {
	const result = await runWell(bothBranches, {
		credentials: simulator.credentials,
		input: prompts.map((prompt, index) => ({ json: { prompt, title: `title ${index}` } })),
	});
	expect(items(result, 'Publish')).toHaveLength(good);
	expect(items(result, 'Report')).toHaveLength(failed);
	const titles = [...json(result, 'Publish'), ...json(result, 'Report')].map(({ title }) => title);
	expect(titles).toEqual(['title 0', 'title 1']);
});
