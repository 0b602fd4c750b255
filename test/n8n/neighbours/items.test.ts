import { binaryModes } from '../../engine/workflows';
import {
	bytesOf,
	inputOf,
	items,
	json,
	pairs,
	sentImages,
	served,
	useNeighbours,
} from './neighbours';
import { editFields, filesIn, flux, n8nNode, workflow } from './workflow';

const { runWell, tasksOf } = useNeighbours();

describe.each(binaryModes)('With files in %s mode,', (binaryMode) => {
	it('Split Out makes a task of each prompt, Merge puts captions beside the images, and Aggregate hands on all images', async () => {
		const result = await runWell(
			workflow(
				{
					'Split Out': n8nNode('splitOut', 1, {
						fieldToSplitOut: 'prompts',
						include: 'selectedOtherFields',
						fieldsToInclude: 'album',
						options: { destinationFieldName: 'prompt' },
					}),
					Draw: flux({ prompt: '={{ $json.prompt }}' }),
					Captions: editFields({ caption: '=“{{ $json.prompt }}”' }),
					Merge: n8nNode('merge', 3.2, {
						mode: 'combine',
						combineBy: 'combineByPosition',
						options: {},
					}),
					Posts: editFields({
						text: "={{ $json.caption }} of {{ $('Split Out').item.json.album }}",
						task: "={{ $('Draw').item.json.task_id }}",
					}),
					Aggregate: n8nNode('aggregate', 1, {
						aggregate: 'aggregateAllItemData',
						destinationFieldName: 'posts',
						options: { includeBinaries: true },
					}),
					Combine: flux({
						prompt: "={{ $json.posts.length }} of {{ $('Split Out').first().json.album }}",
						images: filesIn('={{ Object.keys($binary) }}'),
					}),
				},
				{
					'Split Out': [['Draw', 'Captions']],
					Draw: [['Merge']],
					Captions: [[{ node: 'Merge', index: 1 }]],
				},
			),
			{ binaryMode, input: inputOf({ album: 'Toys', prompts: ['A kite', 'A boat', 'A train'] }) },
		);

		const drawn = items(result, 'Draw');
		const draws = tasksOf(drawn);
		expect(draws.map(({ prompt }) => prompt)).toEqual(['A kite', 'A boat', 'A train']);
		expect(pairs(result, 'Draw')).toEqual([{ item: 0 }, { item: 1 }, { item: 2 }]);
		const images = await served(drawn);
		expect(await bytesOf(items(result, 'Merge'))).toEqual(images);
		const posts = draws.map(({ prompt, id }) => ({
			text: `“${prompt}” of Toys`,
			task: id,
			task_id: id,
		}));
		expect(json(result, 'Aggregate')).toMatchObject([{ posts }]);

		const [combined, ...others] = tasksOf(items(result, 'Combine'));
		expect(others).toEqual([]);
		expect(combined!.prompt).toBe('3 of Toys');
		expect(sentImages(combined!)).toEqual(images);
		expect(pairs(result, 'Combine')).toEqual([{ item: 0 }]);
	});

	it('Switch sorts tasks by their status', async () => {
		const rule = (status: string) => ({
			conditions: {
				options: { caseSensitive: true, leftValue: '', typeValidation: 'strict', version: 2 },
				conditions: [
					{
						leftValue: '={{ $json.status }}',
						rightValue: status,
						operator: { type: 'string', operation: 'equals' },
					},
				],
				combinator: 'and',
			},
		});
		const result = await runWell(
			workflow(
				{
					Submit: flux({ operation: 'submit', prompt: '={{ $json.prompt }}', options: {} }),
					'Get Task Result': flux({
						operation: 'getTaskResult',
						taskId: '={{ $json.task_id }}',
						options: {},
					}),
					'How Far?': n8nNode('switch', 3.2, {
						rules: { values: ['succeeded', 'failed', 'processing'].map(rule) },
						options: { fallbackOutput: 'extra' },
					}),
					Images: editFields({ prompt: "={{ $('Start').item.json.prompt }}" }),
					Failed: editFields({ prompt: "={{ $('Start').item.json.prompt }}" }),
					Processing: editFields({ submitted: "={{ $('Submit').item.json.task_id }}" }),
					'Anything Else': n8nNode('noOp', 1),
				},
				{
					'How Far?': [['Images'], ['Failed'], ['Processing'], ['Anything Else']],
					Images: [],
					Failed: [],
					Processing: [],
				},
			),
			{
				binaryMode,
				input: inputOf(
					{ prompt: 'A kite' },
					{ prompt: 'A boat [fail]' },
					{ prompt: 'A train [slow]' },
					{ prompt: 'A balloon' },
				),
			},
		);

		expect(pairs(result, 'Get Task Result')).toEqual([0, 1, 2, 3].map((item) => ({ item })));
		const images = items(result, 'Images');
		expect(images.map((item) => item.json.prompt)).toEqual(['A kite', 'A balloon']);
		expect(tasksOf(images).map(({ prompt }) => prompt)).toEqual(['A kite', 'A balloon']);
		expect(await bytesOf(images)).toEqual(await served(images));
		expect(json(result, 'Failed')).toMatchObject([
			{ prompt: 'A boat [fail]', reason: expect.stringContaining('[fail]') as string },
		]);
		const [slow] = tasksOf(items(result, 'Processing'));
		expect(slow!.prompt).toBe('A train [slow]');
		expect(json(result, 'Processing')).toMatchObject([{ submitted: slow!.id }]);
		expect(items(result, 'Anything Else')).toEqual([]);
	});
});
