import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { dataUri, formats, type Format } from '../../engine/images';
import { useServer } from '../../engine/serving';
import { binaryModes } from '../../engine/workflows';
import {
	bytesOf,
	fileOf,
	inputOf,
	items,
	json,
	pairs,
	sentImages,
	served,
	useNeighbours,
	type Options,
} from './neighbours';
import { editFields, filesIn, flux, n8nNode, workflow } from './workflow';

const { runWell, tasksOf } = useNeighbours();
const host = useServer();

/** How expressions and names of fields reach an item's json and its files. */
interface Place extends Pick<Options, 'binaryMode'> {
	place: string;
	json: string;
	files: string;
	field: string;
	settings?: object;
}

const places: Place[] = [
	...binaryModes.map((binaryMode) => ({
		place: `in ${binaryMode} mode`,
		binaryMode,
		json: '.json',
		files: '.binary',
		field: '',
	})),
	{
		place: 'that n8n keeps in the json of the items',
		json: '',
		files: '._files',
		field: '_files.',
		settings: { binaryMode: 'combined' },
	},
];

it.each(places)(
	'HTTP Request, two Flux 2 Flex nodes, Extract from File and Convert to File hand on files $place',
	async ({ binaryMode, json: itsJson, files, field, settings }) => {
		host.listener = (request, response) => {
			const { bytes, mimeType } = formats[request.url!.slice(1) as Format];
			response.writeHead(200, { 'content-type': mimeType }).end(bytes);
		};
		const result = await runWell(
			workflow(
				{
					Download: n8nNode('httpRequest', 4.2, {
						url: '={{ $json.url }}',
						options: {
							response: { response: { responseFormat: 'file', outputPropertyName: 'data' } },
						},
					}),
					Draw: flux({
						prompt: `={{ $('Start').item${itsJson}.prompt }}`,
						images: filesIn(`${field}data`),
					}),
					Edit: flux({
						prompt: `=Make {{ $('Draw').item${files}.data.fileName }} blue`,
						// By expression, it gets the file itself instead of the name of a field.
						images: filesIn(`={{ $('Draw').item${files}.data }}`),
						seed: '={{ $json.seed }}',
						binaryPropertyName: 'edited',
					}),
					'To Base64': n8nNode('extractFromFile', 1.1, {
						operation: 'binaryToPropery',
						binaryPropertyName: `${field}edited`,
						destinationKey: 'image',
						options: {},
					}),
					'To File': n8nNode('convertToFile', 1.1, {
						operation: 'toBinary',
						sourceProperty: 'image',
						binaryPropertyName: 'copy',
						options: { fileName: `={{ $('Edit').item${files}.edited.fileName }}` },
					}),
					Overview: editFields({
						prompt: `={{ $('Start').item${itsJson}.prompt }}`,
						original: `={{ $('Draw').item${itsJson}.image_url }}`,
						link: `={{ $('Edit').item${itsJson}.image_url }}`,
						type: `={{ $('Edit').item${files}.edited.mimeType }}`,
						sameSeed: `={{ $('Edit').item${itsJson}.seed === $('Draw').item${itsJson}.seed }}`,
						all: `={{ $('Edit').all().map((item) => item${itsJson}.task_id).join() }}`,
						first: `={{ $('Draw').first()${itsJson}.task_id }}`,
					}),
				},
				{},
				settings,
			),
			{
				binaryMode,
				input: inputOf(
					{ prompt: 'Make it night', url: `${host.url}/png` },
					{ prompt: 'Make it winter', url: `${host.url}/webp` },
				),
			},
		);

		const drawn = items(result, 'Draw');
		const draws = tasksOf(drawn);
		expect(draws.map(({ prompt }) => prompt)).toEqual(['Make it night', 'Make it winter']);
		expect(draws.map(({ body }) => body.images)).toEqual([[dataUri('png')], [dataUri('webp')]]);
		expect(await bytesOf(drawn)).toEqual(await served(drawn));

		const edited = items(result, 'Edit');
		const edits = tasksOf(edited);
		expect(edits.map(({ prompt }) => prompt)).toEqual(
			draws.map(({ id }) => `Make flux-2-flex-${id}.png blue`),
		);
		expect(edits.flatMap(sentImages)).toEqual(await served(drawn));
		const images = await served(edited);
		expect(await bytesOf(edited, 'edited')).toEqual(images);
		for (const node of ['Draw', 'Edit']) {
			expect(pairs(result, node)).toEqual([{ item: 0 }, { item: 1 }]);
			for (const { binary } of items(result, node)) {
				expect(Object.keys(binary ?? {})).toHaveLength(field === '' ? 1 : 0);
			}
		}

		expect(json(result, 'To Base64').map(({ image }) => image)).toEqual(
			images.map((bytes) => bytes.toString('base64')),
		);
		const copies = items(result, 'To File');
		expect(await bytesOf(copies, 'copy')).toEqual(images);
		expect(copies.map((copy) => fileOf(copy, 'copy').fileName)).toEqual(
			edits.map(({ id }) => `flux-2-flex-${id}.png`),
		);
		expect(json(result, 'Overview')).toMatchObject(
			['Make it night', 'Make it winter'].map((prompt, index) => ({
				prompt,
				original: drawn[index]!.json.image_url,
				link: edited[index]!.json.image_url,
				type: 'image/png',
				sameSeed: 'true',
				all: edits.map(({ id }) => id).join(),
				first: draws[0]!.id,
			})),
		);
	},
);

describe.each(binaryModes)('Read Files and Write Files in %s mode', (binaryMode) => {
	let folder: string;

	beforeAll(async () => {
		folder = await mkdtemp(join(tmpdir(), 'flux-2-flex-files-'));
		// Without it n8n reads and writes below the user's home only. Jest keeps it to this file.
		process.env.N8N_RESTRICT_FILE_ACCESS_TO = tmpdir();
		await mkdir(join(folder, 'old'));
		await writeFile(join(folder, 'a.png'), formats.png.bytes);
		await writeFile(join(folder, 'b.jpg'), formats.jpeg.bytes);
		await writeFile(join(folder, 'c.webp'), formats.webp.bytes);
	});
	afterAll(async () => {
		await rm(folder, { recursive: true, force: true });
	});

	it('bring reference images from the disk and images to it, byte by byte', async () => {
		const result = await runWell(
			workflow({
				'Read Files': n8nNode('readWriteFile', 1.1, {
					operation: 'read',
					fileSelector: '={{ $json.folder }}/*.{png,jpg,webp}',
					options: {},
				}),
				Draw: flux({ prompt: '={{ $json.fileName }}', images: filesIn('data') }),
				'Write Files': n8nNode('readWriteFile', 1.1, {
					operation: 'write',
					fileName: "={{ $('Start').first().json.folder }}/old/{{ $binary.data.fileName }}",
					options: {},
				}),
			}),
			{ binaryMode, input: inputOf({ folder }) },
		);

		const names = json(result, 'Read Files').map(({ fileName }) => fileName as string);
		expect([...names].sort()).toEqual(['a.png', 'b.jpg', 'c.webp']);
		const drawn = items(result, 'Draw');
		expect(tasksOf(drawn).map(({ prompt }) => prompt)).toEqual(names);
		expect(tasksOf(drawn).flatMap(sentImages)).toEqual(
			await Promise.all(names.map(async (name) => await readFile(join(folder, name)))),
		);
		expect(pairs(result, 'Draw')).toEqual([{ item: 0 }, { item: 1 }, { item: 2 }]);

		const written = drawn.map(
			async (item) => await readFile(join(folder, 'old', fileOf(item).fileName!)),
		);
		expect(await Promise.all(written)).toEqual(await served(drawn));
	});
});
