import { createHash } from 'node:crypto';

import { deepCopy, type IBinaryKeyData, type IDataObject } from 'n8n-workflow';

import { readSignedBinary } from '../support/harness';
import { dataUri, file, formats } from './images';
import { useServer } from './serving';
import { binaryModes, failureOf, run, runWell, useSimulator, type Variant } from './workflows';

const simulator = useSimulator();
const host = useServer();

/** A file, whatever links the item has, and another file. */
const fileLinkFile = [
	{ source: 'binary', binaryPropertyName: 'first' },
	{ source: 'url', url: '={{ $json.url }}' },
	{ source: 'binary', binaryPropertyName: '={{ $json.fields }}' },
];

const asSignedLinks = { binaryDelivery: 'signedUrl' };

interface Edit extends Omit<Variant, 'parameters' | 'input'> {
	json?: IDataObject;
	/** The entries of 'Reference Images'; by default one, with a file in `data`. */
	image?: IDataObject[];
	options?: IDataObject;
}

/** A run with one item, which has these files. */
const edited = (
	binary: IBinaryKeyData | undefined,
	{ json, image = [{ source: 'binary' }], options = {}, ...more }: Edit = {},
): Variant => ({
	credentials: simulator.credentials,
	input: [{ json: { prompt: 'Make it night', ...json }, ...(binary && { binary }) }],
	parameters: { images: { image }, options } as Variant['parameters'],
	...more,
});

/** The `images` that the service got, item by item. */
const sent = () => simulator.bodies().map(({ images }) => images);

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

describe.each(binaryModes)('In binary mode %s', (binaryMode) => {
	it.each(['png', 'jpeg', 'webp', 'gif'] as const)(
		'a %s arrives as a data URI of what its bytes are, whatever the item says',
		async (format) => {
			const data = await file(formats[format].bytes, binaryMode);
			await runWell('submit', edited({ data }, { binaryMode }));
			expect(sent()).toEqual([[dataUri(format)]]);
		},
	);

	it('files and links, given as a name, a text with commas or a list, keep their order', async () => {
		const links = ['https://a.example/b.png', dataUri('gif')];
		const binary = {
			third: await file(formats.webp.bytes, binaryMode),
			first: await file(formats.png.bytes, binaryMode),
			second: await file(formats.jpeg.bytes, binaryMode),
		};
		const variants = [
			{ url: links[0], fields: 'second' },
			{ url: links.slice(0, 1), fields: ['second'] },
			{ url: links.slice(1), fields: ' second' },
		];
		for (const json of variants) {
			await runWell('submit', edited(binary, { binaryMode, json, image: fileLinkFile }));
		}
		await runWell(
			'submit',
			edited(binary, {
				binaryMode,
				image: [{ source: 'binary', binaryPropertyName: 'third, first,second' }],
			}),
		);
		expect(sent()).toEqual([
			[dataUri('png'), links[0], dataUri('jpeg')],
			[dataUri('png'), links[0], dataUri('jpeg')],
			[dataUri('png'), links[1], dataUri('jpeg')],
			[dataUri('webp'), dataUri('png'), dataUri('jpeg')],
		]);
	});

	it('each item has its own files and links', async () => {
		const item = async (prompt: string, format: 'png' | 'jpeg') => ({
			json: { prompt, url: `https://a.example/${prompt}` },
			binary: { data: await file(formats[format].bytes, binaryMode) },
		});
		const image = [{ url: '={{ $json.url }}' }, { source: 'binary' }];
		await runWell('submit', {
			...edited(undefined, { binaryMode, image }),
			input: [await item('a', 'png'), await item('b', 'jpeg')],
		});
		const byPrompt = simulator.tasks.map(({ prompt, body }) => [prompt, body.images]);
		expect(byPrompt.sort()).toEqual([
			['a', ['https://a.example/a', dataUri('png')]],
			['b', ['https://a.example/b', dataUri('jpeg')]],
		]);
	});

	it.each([
		[
			'only calls itself an image',
			async () =>
				await file(Buffer.from('<svg/>'), binaryMode, {
					mimeType: 'image/png',
					fileName: 'cat.png',
				}),
		],
		['is empty', async () => await file(Buffer.alloc(0), binaryMode)],
		[
			'is too large',
			async () =>
				await file(Buffer.concat([formats.png.bytes, Buffer.alloc(20_000_000)]), binaryMode),
		],
		['is not there', async () => undefined],
	])('a file that %s is refused before anything is paid', async (_, makeFile) => {
		const data = await makeFile();
		const result = await run('submit', edited(data && { data }, { binaryMode }));
		expect(failureOf(result)).toMatchObject({
			message: expect.stringMatching(/(field|File).*data.*item 0/) as string,
			description: expect.stringMatching(/node before|Shrink/) as string,
			itemIndex: 0,
		});
		expect(simulator.requests).toEqual([]);
	});
});

describe('Signed links', () => {
	it('serve the bytes of the files, beside links that stay as they are', async () => {
		host.listener = (request, response) => {
			void readSignedBinary(`${host.url}${request.url ?? ''}`).then((bytes) => response.end(bytes));
		};
		const url = `data:image/png;base64,${formats.png.bytes.toString('base64')}`;
		const binary = {
			first: await file(formats.jpeg.bytes, 'filesystem'),
			second: await file(formats.webp.bytes, 'filesystem'),
		};
		const json = { url, fields: 'second' };
		const { items } = await runWell(
			'submitAndWait',
			edited(binary, { json, image: fileLinkFile, options: asSignedLinks, instanceUrl: host.url }),
		);
		expect(items).toMatchObject([{ json: { status: 'succeeded' } }]);
		const signed = expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/.*token=/) as string;
		expect(sent()).toEqual([[signed, url, signed]]);
		expect(simulator.tasks[0]!.references.map((reference) => reference.sha256)).toEqual(
			[formats.jpeg, formats.png, formats.webp].map(({ bytes }) => sha256(bytes)),
		);
	});

	it('are refused in memory mode before anything is paid', async () => {
		const data = await file(formats.png.bytes, 'default');
		const result = await run(
			'submit',
			edited({ data }, { options: asSignedLinks, binaryMode: 'default' }),
		);
		const { message, description } = failureOf(result);
		expect(message).toMatch(/'Send Reference Images As'.*Signed Link.*item 0/);
		expect(description).toContain('N8N_DEFAULT_BINARY_DATA_MODE');
		expect(simulator.requests).toEqual([]);
	});
});

it('The input items stay as they were', async () => {
	const data = await file(formats.png.bytes, 'default');
	const variant = edited({ data }, { json: { nested: { list: [1] } }, binaryMode: 'default' });
	const before = deepCopy(variant.input);
	await runWell('submitAndWait', variant);
	expect(variant.input).toEqual(before);
});
