import { binaryModes } from '../../engine/workflows';
import base64AndBack from './base64AndBack.workflow.json';
import {
	bytesOf,
	items,
	json,
	pairedItem,
	run,
	runWell,
	sentImages,
	served,
	useDistinctImages,
} from './neighbours';
import splitOutAndAggregate from './splitOutAndAggregate.workflow.json';

const simulator = useDistinctImages();

const taskOf = (id: unknown) => simulator.tasks.find((task) => task.id === id)!;

describe.each(binaryModes)('files: %s', (binaryMode) => {
	const options = () => ({ credentials: simulator.credentials, binaryMode });

	it('Extract from File and Convert to File carry an image through base64 and back', async () => {
		const result = await runWell(base64AndBack, options());

		const drawn = items(result, 'Flux 2 Flex');
		const copies = items(result, 'To File');
		const edited = items(result, 'Edit');
		expect(edited).toHaveLength(2);
		for (const [index, edit] of ['Make it red', 'Make it blue'].entries()) {
			const image = await served(drawn[index]!.json);
			expect(json(result, 'To Base64')[index]).toMatchObject({
				task_id: drawn[index]!.json.task_id,
				image: image.toString('base64'),
			});
			expect(copies[index]!.binary!.copy!).toMatchObject({
				fileName: drawn[index]!.binary!.data!.fileName,
				mimeType: 'image/png',
			});
			expect(await bytesOf(copies[index]!, 'copy')).toEqual(image);
			const task = taskOf(edited[index]!.json.task_id);
			expect(task.prompt).toBe(edit);
			expect(sentImages(task.body)).toEqual([image]);
			expect(pairedItem(edited[index]!)).toEqual({ item: index });
		}
	});

	it('Split Out gives it one item per prompt, Aggregate one item with all its images', async () => {
		const result = await runWell(splitOutAndAggregate, options());

		const drawn = items(result, 'Flux 2 Flex');
		expect(drawn.map(({ json: { task_id: id } }) => taskOf(id).prompt)).toEqual([
			'A kite',
			'A boat',
			'A train',
		]);
		expect(drawn.map(pairedItem)).toEqual([{ item: 0 }, { item: 1 }, { item: 2 }]);

		const [all, ...others] = items(result, 'Aggregate');
		expect(others).toEqual([]);
		expect(all!.json.images).toEqual(drawn.map((item) => item.json));
		expect(Object.keys(all!.binary!)).toEqual(['data', 'data_1', 'data_2']);

		const [combined] = items(result, 'Combine');
		const task = taskOf(combined!.json.task_id);
		expect(task.prompt).toBe('Combine 3 images for Toys');
		expect(sentImages(task.body)).toEqual(
			await Promise.all(drawn.map(async (item) => await served(item.json))),
		);
		expect(pairedItem(combined!)).toEqual({ item: 0 });
	});
});

it('more images than the service takes are refused before the combined one is paid', async () => {
	const result = await run(splitOutAndAggregate, {
		credentials: simulator.credentials,
		input: [{ json: { album: 'Toys', prompts: ['a', 'b', 'c', 'd'] } }],
	});
	expect(result.status).toBe('error');
	expect(result.error?.message).toMatch(/takes 3 at most/);
	expect(simulator.paidPrompts().sort()).toEqual(['a', 'b', 'c', 'd']);
});
