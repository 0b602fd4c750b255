import { mkdtemp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { formats, type Format } from '../../engine/images';
import { useServer } from '../../engine/serving';
import { binaryModes } from '../../engine/workflows';
import fileFromHttpRequest from './fileFromHttpRequest.workflow.json';
import filesFromDisk from './filesFromDisk.workflow.json';
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

/** The task of each item, in the order of the items. */
const tasksOf = (list: ReturnType<typeof json>) =>
	list.map(({ task_id: id }) => simulator.tasks.find((task) => task.id === id)!);

describe.each(binaryModes)('files: %s', (binaryMode) => {
	describe('HTTP Request → Flux 2 Flex', () => {
		const host = useServer();
		const runAll = async () =>
			await runWell(fileFromHttpRequest, {
				credentials: simulator.credentials,
				binaryMode,
				input: [
					{ json: { prompt: 'Make it night', url: `${host.url}/cat.png` } },
					{ json: { prompt: 'Make it winter', url: `${host.url}/photos/dog.webp?size=large` } },
					{ json: { prompt: 'Make it bright', url: `${host.url}/download?id=jpeg` } },
				],
			});

		beforeEach(() => {
			host.listener = (request, response) => {
				const format = /png|webp|jpeg/.exec(request.url!)![0] as Format;
				const { bytes, mimeType } = formats[format];
				response.writeHead(200, { 'content-type': mimeType }).end(bytes);
			};
		});

		it('hands the downloaded bytes to the service, item by item', async () => {
			const result = await runAll();
			const list = json(result, 'Flux 2 Flex');
			expect(tasksOf(list).map(({ prompt }) => prompt)).toEqual([
				'Make it night',
				'Make it winter',
				'Make it bright',
			]);
			expect(tasksOf(list).map(({ body }) => sentImages(body))).toEqual([
				[formats.png.bytes],
				[formats.webp.bytes],
				[formats.jpeg.bytes],
			]);
			expect(items(result, 'Flux 2 Flex').map(pairedItem)).toEqual([
				{ item: 0 },
				{ item: 1 },
				{ item: 2 },
			]);
		});

		it('believes the bytes, not the type that the host gives them', async () => {
			host.listener = (_, response) => {
				response.writeHead(200, { 'content-type': 'application/octet-stream' });
				response.end(formats.webp.bytes);
			};
			await runAll();
			expect(simulator.tasks).toHaveLength(3);
			for (const { body } of simulator.tasks) {
				expect(body.images).toEqual([expect.stringMatching(/^data:image\/webp;/)]);
			}
		});
	});

	describe('Read Files → Flux 2 Flex → Write Files', () => {
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

		it('sends the files and stores the images, byte by byte', async () => {
			const result = await runWell(filesFromDisk, {
				credentials: simulator.credentials,
				binaryMode,
				input: [{ json: { files: `${folder}/*.{png,jpg,webp}`, folder: `${folder}/old` } }],
			});

			const read = items(result, 'Read Files');
			expect(read.map((item) => item.json.fileName).sort()).toEqual(['a.png', 'b.jpg', 'c.webp']);
			const drawn = items(result, 'Flux 2 Flex');
			for (const [index, task] of tasksOf(drawn.map((item) => item.json)).entries()) {
				const name = read[index]!.json.fileName as string;
				expect(task.prompt).toBe(`Make ${name} look old`);
				expect(sentImages(task.body)).toEqual([await readFile(join(folder, name))]);
				expect(pairedItem(drawn[index]!)).toEqual({ item: index });
			}

			const names = drawn.map(({ binary }) => binary!.data!.fileName!);
			expect(new Set(names).size).toBe(3);
			expect((await readdir(join(folder, 'old'))).sort()).toEqual(expect.arrayContaining(names));
			for (const [index, name] of names.entries()) {
				const written = await readFile(join(folder, 'old', name));
				expect(written).toEqual(await served(drawn[index]!.json));
				expect(written).toEqual(await bytesOf(drawn[index]!));
			}
		});
	});
});
