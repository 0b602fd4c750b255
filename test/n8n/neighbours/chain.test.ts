import { binaryModes } from '../../engine/workflows';
import chain from './chain.workflow.json';
import {
	bytesOf,
	items,
	json,
	pairedItem,
	runWell,
	sentImages,
	served,
	useDistinctImages,
} from './neighbours';

const simulator = useDistinctImages();

describe.each(binaryModes)('one Flux 2 Flex node behind the other, files: %s', (binaryMode) => {
	it('edits the images that the first one drew, each in its item', async () => {
		const result = await runWell(chain, { credentials: simulator.credentials, binaryMode });

		expect(simulator.paidPrompts().sort()).toEqual([
			'A boat',
			'A kite',
			'Make it blue',
			'Make it red',
		]);
		const drawn = items(result, 'Draw');
		const edited = items(result, 'Edit');
		const edits = edited.map(({ json: { task_id: id } }) =>
			simulator.tasks.find((task) => task.id === id),
		);
		expect(edits.map((task) => task?.prompt)).toEqual(['Make it red', 'Make it blue']);
		for (const [index, edit] of edits.entries()) {
			expect(sentImages(edit!.body)).toEqual([await served(drawn[index]!.json)]);
			expect(await bytesOf(edited[index]!, 'edited')).toEqual(await served(edited[index]!.json));
			expect(Object.keys(edited[index]!.binary!)).toEqual(['edited']);
		}
	});

	it('expressions behind it reach its own output and what lies before it', async () => {
		const result = await runWell(chain, { credentials: simulator.credentials, binaryMode });

		const drawn = items(result, 'Draw');
		const edited = items(result, 'Edit');
		expect(edited.map(pairedItem)).toEqual([{ item: 0 }, { item: 1 }]);
		expect(json(result, 'Overview')).toEqual(
			['A kite', 'A boat'].map((prompt, index) => ({
				link: edited[index]!.json.image_url,
				file: edited[index]!.binary!.edited!.fileName,
				type: 'image/png',
				original: drawn[index]!.json.image_url,
				originalFile: drawn[index]!.binary!.data!.fileName,
				all: edited.map((item) => item.json.task_id).join(),
				firstOriginal: drawn[0]!.json.task_id,
				sameSeed: 'true',
				prompt,
			})),
		);
	});
});
