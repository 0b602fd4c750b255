import { createHash } from 'crypto';

import { deepCopy, type IBinaryKeyData, type IDataObject } from 'n8n-workflow';

import { readSignedBinary, type BinaryMode } from '../support/harness';
import { dataUri, file, formats, type Format } from './images';
import { useServer } from './serving';
import {
	binaryModes,
	failureOf,
	run,
	runWell,
	useSimulator,
	type Variant,
	type WorkflowName,
} from './workflows';

const simulator = useSimulator();
const host = useServer();

beforeEach(() => {
	host.listener = (request, response) => {
		const [, name, extension] = /^\/(.*)\.(\w+)$/.exec(request.url ?? '') ?? [];
		const { bytes, mimeType } = formats[(extension ?? 'png') as Format];
		response.writeHead(name === 'missing' ? 404 : 200, { 'content-type': mimeType }).end(bytes);
	};
});

const link = (name: string) => `${host.url}/${name}`;

const fileLinkFile = {
	image: [
		{ source: 'binary', binaryPropertyName: 'first' },
		{ source: 'url', url: '={{ $json.url }}' },
		{ source: 'binary', binaryPropertyName: 'second' },
	],
};

const asSignedLinks = { options: { binaryDelivery: 'signedUrl' } };

/** Runs the workflow for one item. */
async function runItem(
	name: WorkflowName,
	json: IDataObject,
	{ binary, ...variant }: Variant & { binary?: IBinaryKeyData } = {},
) {
	return await run(name, {
		credentials: simulator.credentials,
		...variant,
		input: [{ json: { prompt: 'Make it night', ...json }, ...(binary && { binary }) }],
	});
}

/** The `images` that the service got, item by item. */
const sent = () => simulator.bodies().map(({ images }) => images);

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

describe('images given as links', () => {
	it.each([
		['one', (urls: string[]) => urls[0], 1],
		['several with commas', (urls: string[]) => urls.join(','), 3],
		['several in lines', (urls: string[]) => urls.join('\n'), 3],
		['a list by expression', (urls: string[]) => urls, 3],
		['a list of one', (urls: string[]) => urls.slice(0, 1), 1],
	] as const)('given as %s are sent as they are', async (_, toUrl, count) => {
		const urls = [link('a.png'), link('b.jpeg?x=1,2&y=z'), link('c,d.webp')];
		const { json, error } = await runItem('imageFromUrl', { url: toUrl(urls) });
		expect(error).toBeUndefined();
		expect(sent()).toEqual([urls.slice(0, count)]);
		expect(json).toMatchObject([{ status: 'succeeded' }]);
	});

	it('spread over entries, in their order', async () => {
		await runItem(
			'submit',
			{ urls: [link('b.png'), link('c.png')] },
			{
				parameters: {
					images: { image: [{ url: link('a.png') }, { url: '={{ $json.urls }}' }] },
				},
			},
		);
		expect(sent()).toEqual([[link('a.png'), link('b.png'), link('c.png')]]);
	});

	it('each item has its own', async () => {
		await run('imageFromUrl', {
			credentials: simulator.credentials,
			input: ['a', 'b'].map((name) => ({ json: { prompt: name, url: link(`${name}.png`) } })),
		});
		const byPrompt = simulator.tasks.map(({ prompt, body }) => [prompt, body.images]);
		expect(byPrompt.sort()).toEqual([
			['a', [link('a.png')]],
			['b', [link('b.png')]],
		]);
	});

	it('a link that the service cannot fetch is an error with its reason', async () => {
		const { message } = failureOf(await runItem('imageFromUrl', { url: link('missing.png') }));
		expect(message).toContain('404');
		expect(message).toContain(simulator.tasks[0]!.id);
	});

	it.each([
		['no address', 'cat.png'],
		['another scheme', 'ftp://example.com/cat.png'],
		['another scheme in a list', 'https://example.com/cat.png, ftp://example.com/dog.png'],
		['another scheme right behind a comma', 'https://example.com/a.png,ftp://example.com/b.png'],
		['a file', 'file:///etc/passwd'],
		['words', 'https://example.com/my cat.png'],
		['nothing', ''],
		['a number', 7],
		['a missing value', null],
		['an object', { href: 'https://example.com/cat.png' }],
		['a list with a hole', ['https://example.com/cat.png', null]],
		['a data URI of a text', 'data:text/plain;base64,aGVsbG8='],
		['a data URI that holds no image', 'data:image/png;base64,aGVsbG8gd29ybGQ='],
		['a data URI cut off', 'data:image/png;base64,'],
	])('%s is refused before anything is paid', async (_, url) => {
		const result = await runItem('imageFromUrl', { url });
		expect(failureOf(result)).toMatchObject({
			message: expect.stringMatching(/'Image URL'.*item 0/) as string,
			itemIndex: 0,
		});
		expect(simulator.requests).toEqual([]);
	});
});

describe('images given as data URIs', () => {
	it.each(['png', 'jpeg', 'webp', 'gif'] as const)('%s', async (format) => {
		const { error } = await runItem('imageFromUrl', { url: dataUri(format) });
		expect(error).toBeUndefined();
		expect(sent()).toEqual([[dataUri(format)]]);
	});

	it('next to links', async () => {
		const urls = [dataUri('png'), link('a.png'), dataUri('jpeg')];
		await runItem('imageFromUrl', { url: urls.join(', ') });
		expect(sent()).toEqual([urls]);
	});
});

describe('no images', () => {
	it.each([
		['the default', {}],
		['an empty list', { image: [] }],
	])('%s: the field is not sent', async (_, images) => {
		const { error } = await runItem('submit', {}, { parameters: { images } });
		expect(error).toBeUndefined();
		expect(simulator.bodies()[0]).not.toHaveProperty('images');
	});
});

describe.each(binaryModes)('images given as files (binary mode %s)', (binaryMode) => {
	it.each(['png', 'jpeg', 'webp', 'gif'] as const)(
		'%s arrives as a data URI of what the bytes are, whatever the item says',
		async (format) => {
			const { error, json } = await runItem(
				'imageFromBinary',
				{},
				{ binaryMode, binary: { data: await file(formats[format].bytes, binaryMode) } },
			);
			expect(error).toBeUndefined();
			expect(sent()).toEqual([[dataUri(format)]]);
			expect(json).toMatchObject([{ status: 'succeeded' }]);
		},
	);

	it('several fields, in their order', async () => {
		const { error } = await runItem(
			'imageFromBinary',
			{},
			{
				binaryMode,
				parameters: {
					images: { image: [{ source: 'binary', binaryPropertyName: 'first, second,third' }] },
				},
				binary: {
					third: await file(formats.webp.bytes, binaryMode),
					first: await file(formats.png.bytes, binaryMode),
					second: await file(formats.jpeg.bytes, binaryMode),
					another: await file(formats.gif.bytes, binaryMode),
				},
			},
		);
		expect(error).toBeUndefined();
		expect(sent()).toEqual([[dataUri('png'), dataUri('jpeg'), dataUri('webp')]]);
	});

	it('several fields by a list', async () => {
		await runItem(
			'imageFromBinary',
			{ fields: ['b', 'a'] },
			{
				binaryMode,
				binary: {
					a: await file(formats.png.bytes, binaryMode),
					b: await file(formats.jpeg.bytes, binaryMode),
				},
				parameters: {
					images: { image: [{ source: 'binary', binaryPropertyName: '={{ $json.fields }}' }] },
				},
			},
		);
		expect(sent()).toEqual([[dataUri('jpeg'), dataUri('png')]]);
	});

	it('between links, in their order', async () => {
		const { error } = await runItem(
			'imageFromBinary',
			{ url: link('b.png') },
			{
				binaryMode,
				parameters: { images: fileLinkFile },
				binary: {
					first: await file(formats.png.bytes, binaryMode),
					second: await file(formats.webp.bytes, binaryMode),
				},
			},
		);
		expect(error).toBeUndefined();
		expect(sent()).toEqual([[dataUri('png'), link('b.png'), dataUri('webp')]]);
	});

	it('each item has its own', async () => {
		await run('imageFromBinary', {
			binaryMode,
			credentials: simulator.credentials,
			input: [
				{ json: { prompt: 'a' }, binary: { data: await file(formats.png.bytes, binaryMode) } },
				{ json: { prompt: 'b' }, binary: { data: await file(formats.jpeg.bytes, binaryMode) } },
			],
		});
		const byPrompt = simulator.tasks.map(({ prompt, body }) => [prompt, body.images]);
		expect(byPrompt.sort()).toEqual([
			['a', [dataUri('png')]],
			['b', [dataUri('jpeg')]],
		]);
	});

	it.each([
		['is no image', async () => ({ data: await file(Buffer.from('hello'), binaryMode) })],
		[
			'only calls itself an image',
			async () => ({
				data: await file(Buffer.from('<svg/>'), binaryMode, {
					mimeType: 'image/png',
					fileName: 'cat.png',
				}),
			}),
		],
		['is empty', async () => ({ data: await file(Buffer.alloc(0), binaryMode) })],
		[
			'is too large',
			async () => ({
				data: await file(Buffer.concat([formats.png.bytes, Buffer.alloc(20_000_000)]), binaryMode),
			}),
		],
		['lies in another field', async () => ({ other: await file(formats.png.bytes, binaryMode) })],
		['is not there', async () => undefined],
	])('a file that %s is refused before anything is paid', async (_, makeBinary) => {
		const result = await runItem('imageFromBinary', {}, { binaryMode, binary: await makeBinary() });
		expect(failureOf(result)).toMatchObject({
			message: expect.stringMatching(/(field|File).*data.*item 0/) as string,
			description: expect.stringMatching(/node before|Shrink/) as string,
			itemIndex: 0,
		});
		expect(simulator.requests).toEqual([]);
	});
});

describe('how many images', () => {
	const tooMany: Array<[string, WorkflowName, object]> = [
		['four links', 'imageFromUrl', { url: Array(4).fill('https://example.com/a.png') }],
		[
			'four links in a text',
			'imageFromUrl',
			{ url: Array(4).fill('https://example.com/a.png').join(', ') },
		],
		[
			'three links and a file',
			'submit',
			{
				images: {
					image: [
						...Array<object>(3).fill({ url: 'https://example.com/a.png' }),
						{ source: 'binary', binaryPropertyName: 'data' },
					],
				},
			},
		],
	];

	it.each(tooMany)('%s are refused before anything is paid', async (_, name, json) => {
		const images = (json as IDataObject).images as Variant['parameters'];
		const result = await runItem(name, json as IDataObject, {
			binaryMode: 'default',
			binary: { data: await file(formats.png.bytes, 'default') },
			...(images && { parameters: { images } }),
		});
		const { message, description } = failureOf(result);
		expect(message).toMatch(/4 reference images.*3.*item 0/);
		expect(description).toContain("'Reference Images'");
		expect(simulator.requests).toEqual([]);
	});
});

describe('images handed over as signed links', () => {
	it('serve the bytes of the file', async () => {
		host.listener = (request, response) => {
			void readSignedBinary(`${host.url}${request.url ?? ''}`).then((bytes) => response.end(bytes));
		};
		const { error, json } = await runItem(
			'imageFromBinary',
			{},
			{
				parameters: asSignedLinks,
				instanceUrl: host.url,
				binary: { data: await file(formats.jpeg.bytes, 'filesystem') },
			},
		);
		expect(error).toBeUndefined();
		expect(json).toMatchObject([{ status: 'succeeded' }]);
		const [reference] = simulator.tasks[0]!.references;
		expect(reference?.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/.*token=/);
		expect(reference?.sha256).toBe(sha256(formats.jpeg.bytes));
	});

	it('leave links as they are', async () => {
		await runItem(
			'imageFromBinary',
			{ url: link('b.png') },
			{
				instanceUrl: 'https://n8n.example',
				parameters: { images: fileLinkFile, ...asSignedLinks },
				binary: {
					first: await file(formats.png.bytes, 'filesystem'),
					second: await file(formats.webp.bytes, 'filesystem'),
				},
			},
		);
		expect(sent()).toEqual([
			[
				expect.stringMatching(/^https:\/\/n8n\.example\/.*token=/),
				link('b.png'),
				expect.stringMatching(/^https:\/\/n8n\.example\/.*token=/),
			],
		]);
	});

	it('are checked like other files', async () => {
		const result = await runItem(
			'imageFromBinary',
			{},
			{
				parameters: asSignedLinks,
				binary: { data: await file(Buffer.from('hello'), 'filesystem') },
			},
		);
		expect(failureOf(result).message).toMatch(/not an image.*item 0/);
		expect(simulator.requests).toEqual([]);
	});

	it('are refused in memory mode before anything is paid', async () => {
		const result = await runItem(
			'imageFromBinary',
			{},
			{
				parameters: asSignedLinks,
				binaryMode: 'default',
				binary: { data: await file(formats.png.bytes, 'default') },
			},
		);
		const { message, description } = failureOf(result);
		expect(message).toMatch(/'Send Reference Images As'.*Signed Link.*item 0/);
		expect(description).toContain('N8N_DEFAULT_BINARY_DATA_MODE');
		expect(simulator.requests).toEqual([]);
	});
});

it('the input items stay as they were', async () => {
	const binaryMode: BinaryMode = 'default';
	const input = [
		{
			json: { prompt: 'a', nested: { list: [1] } },
			binary: { data: await file(formats.png.bytes, binaryMode) },
		},
	];
	const before = deepCopy(input);
	await runWell('imageFromBinary', { binaryMode, credentials: simulator.credentials, input });
	expect(input).toEqual(before);
});
