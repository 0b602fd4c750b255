import type { IBinaryData, IDataObject } from 'n8n-workflow';

import { readBinary } from '../../support/harness';
import { formats, type Format } from '../../engine/images';
import { useServer } from '../../engine/serving';
import combinedBinary from './combinedBinary.workflow.json';
import {
	items,
	json,
	pairedItem,
	runWell,
	sentImages,
	served,
	useDistinctImages,
} from './neighbours';

const simulator = useDistinctImages();
const host = useServer();

beforeEach(() => {
	host.listener = (request, response) => {
		const format = /png|webp/.exec(request.url!)![0] as Format;
		const { bytes, mimeType } = formats[format];
		response.writeHead(200, { 'content-type': mimeType }).end(bytes);
	};
});

const taskOf = ({ task_id: id }: IDataObject) => simulator.tasks.find((task) => task.id === id)!;

const fileIn = (item: IDataObject) => (item._files as { data: IBinaryData }).data;

/** The workflow setting `binaryMode: combined` keeps references to files in the json of items. */
it('reads and writes files that n8n keeps in the json of the items', async () => {
	const result = await runWell(combinedBinary, {
		credentials: simulator.credentials,
		input: [
			{ json: { prompt: 'Make it night', url: `${host.url}/cat.png` } },
			{ json: { prompt: 'Make it winter', url: `${host.url}/dog.webp` } },
		],
	});

	const drawn = json(result, 'Draw');
	const edited = json(result, 'Edit');
	expect(drawn.map((item) => taskOf(item).prompt)).toEqual(['Make it night', 'Make it winter']);
	expect(drawn.map((item) => sentImages(taskOf(item).body))).toEqual([
		[formats.png.bytes],
		[formats.webp.bytes],
	]);
	for (const node of ['Draw', 'Edit']) {
		expect(items(result, node).map(pairedItem)).toEqual([{ item: 0 }, { item: 1 }]);
		for (const item of items(result, node)) {
			expect(item.binary).toBeUndefined();
			expect(await readBinary(fileIn(item.json))).toEqual(await served(item.json));
			expect(fileIn(item.json)).toMatchObject({
				mimeType: 'image/png',
				fileName: `flux-2-flex-${item.json.task_id as string}.png`,
			});
		}
	}
	for (const [index, item] of edited.entries()) {
		// By expression, it gets the file itself instead of the name of a field.
		expect(sentImages(taskOf(item).body)).toEqual([await served(drawn[index]!)]);
		expect(taskOf(item).prompt).toBe(`Make ${fileIn(drawn[index]!).fileName} blue`);
		expect(json(result, 'To Base64')[index]!.image).toBe((await served(item)).toString('base64'));
	}
});
