import { Readable } from 'node:stream';
import { DateTime } from 'luxon';
import type { IBinaryData, IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { VirtualWorld } from '../support/virtual/virtualWorld';
import { formLabels } from './formLabels';

const PNG = Buffer.from('89504e470d0a1a0a0000000d4948445200000001', 'hex');
const PNG_URI = `data:image/png;base64,${PNG.toString('base64')}`;

interface Case {
	name: string;
	parameters: IDataObject;
	/** The label that the message names in quotes. */
	label: string;
	/** What else the message says. */
	says?: string;
	adjust?: (context: IExecuteFunctions) => void;
}

/** Runs two items of which the second is the bad one. */
async function failureOf({ parameters, adjust }: Pick<Case, 'parameters' | 'adjust'>) {
	const world = new VirtualWorld();
	const { error } = await world.run({
		itemCount: 2,
		adjust,
		parameters: (itemIndex) => ({
			operation: 'submitAndWait',
			prompt: 'a cat',
			taskId: 'abc',
			...(itemIndex === 1
				? parameters
				: { ...(parameters.operation !== undefined && { operation: parameters.operation }) }),
		}),
	});
	expect(world.service.calls.submit).toBe(0);
	return error;
}

const check = (cases: Case[]) => {
	test.each(cases)(
		'($name) is refused with its field and item, and nothing is paid',
		async ({ parameters, label, says, adjust }) => {
			const error = await failureOf({ parameters, adjust });
			expect(formLabels).toContain(label);
			expect(error?.message).toContain(`'${label}'`);
			expect(error?.message).toContain('[item 1]');
			if (says !== undefined) expect(`${error?.message} ${error?.description}`).toContain(says);
			expect(error?.description).toEqual(expect.stringMatching(/./));
			expect(error?.context.itemIndex).toBe(1);
		},
	);
};

describe('A bad Prompt', () => {
	const label = 'Prompt';
	check([
		{ name: 'empty', parameters: { prompt: '' }, label, says: 'empty' },
		{ name: 'blank', parameters: { prompt: ' \n\t' }, label, says: 'empty' },
		{ name: 'null', parameters: { prompt: null as never }, label, says: 'empty' },
		{ name: 'an object', parameters: { prompt: { text: 'a cat' } }, label, says: 'a cat' },
		{ name: 'a list', parameters: { prompt: ['a cat'] }, label, says: 'a cat' },
		{ name: 'a boolean', parameters: { prompt: true }, label, says: 'true' },
		{ name: 'no number', parameters: { prompt: NaN }, label, says: 'not text' },
		{ name: 'no date', parameters: { prompt: new Date(NaN) as never }, label, says: 'not text' },
	]);

	test.each<[string, unknown, string]>([
		['a date', new Date('2026-03-01T12:00:00Z'), '2026-03-01T12:00:00.000Z'],
		[
			'what $now gives',
			DateTime.fromISO('2026-03-01T12:00:00.000Z', { zone: 'utc' }),
			'2026-03-01T12:00:00.000Z',
		],
		['half an emoji at its end', 'a cat \uD83D', 'a cat \uFFFD'],
		['a whole emoji', 'a cat 🐈', 'a cat 🐈'],
	])('is not %s, which becomes text that can be sent', async (_name, value, expected) => {
		const world = new VirtualWorld();
		await world.run({ parameters: { operation: 'submit', prompt: value } as IDataObject });
		expect(world.service.tasks[0]?.prompt).toBe(expected);
	});

	test('whose expression fails is told with its field', async () => {
		const error = await failureOf({
			parameters: {},
			adjust: (context) => {
				const original = context.getNodeParameter as (...parameters: unknown[]) => unknown;
				context.getNodeParameter = ((name: string, index: number, fallback: unknown) => {
					if (name === 'prompt' && index === 1) throw new Error('the execution was canceled');
					return original(name, index, fallback);
				}) as never;
			},
		});
		// Only the user cancels: with that word n8n would mark the execution as canceled.
		expect(error?.message).toBe("'Prompt' cannot be read: the execution was cancelled [item 1]");
		expect(error?.description).toContain("'Prompt'");
	});

	test('is not a number, which is sent as text', async () => {
		const world = new VirtualWorld();
		await world.run({ parameters: { operation: 'submit', prompt: 2026 } });
		expect(world.service.tasks[0]?.prompt).toBe('2026');
	});
});

describe('A bad Size', () => {
	const label = 'Size';
	const values = [
		NaN,
		0,
		false,
		'big',
		'1024',
		'255*1024',
		'1024*1537',
		'1024x',
		'0*0',
		'1e3*1e3',
		7,
		{},
		[],
	];
	check(
		values.map((size) => ({
			name: JSON.stringify(size),
			parameters: { size: size as never },
			label,
			says: '256 to 1536',
		})),
	);
});

describe('A bad side', () => {
	const values = [0, -1024, 1024.5, 'wide', NaN, Infinity, {}, [1024], true];
	check(
		values.flatMap((side) => [
			{
				name: `width ${JSON.stringify(side)}`,
				parameters: { size: 'custom', width: side as never },
				label: 'Width',
				says: 'a whole number of pixels of 1 or more',
			},
			{
				name: `height ${JSON.stringify(side)}`,
				parameters: { size: 'custom', width: 1024, height: side as never },
				label: 'Height',
				says: 'a whole number of pixels of 1 or more',
			},
		]),
	);
	check([
		{
			name: 'a side the service does not make',
			parameters: { size: 'custom', width: 255, height: 1537 },
			label: 'Size',
			says: "'Size' is 255*1537 (from 'Width' and 'Height'), which is not a size that Novita AI makes [item 1] The nearest one is 256*1536.",
		},
	]);
});

describe('A bad Seed', () => {
	const values = [-2, 2147483648, 0.5, 'random', NaN, Infinity, {}, [7], false];
	check(
		values.map((seed) => ({
			name: JSON.stringify(seed),
			parameters: { seed: seed as never },
			label: 'Seed',
			says: 'from -1 to 2147483647',
		})),
	);
});

describe('A bad entry of Reference Images', () => {
	const images = (...image: unknown[]) => ({ images: { image } }) as IDataObject;
	const url = (value: unknown) => images({ source: 'url', url: value });
	const label = 'Image URL';
	check([
		{ name: 'a text', parameters: images('x'), label: 'Reference Images' },
		{ name: 'a text in place of all', parameters: { images: 'x' }, label: 'Reference Images' },
		{ name: 'a list in place of all', parameters: { images: [] }, label: 'Reference Images' },
		{ name: 'null', parameters: images(null), label: 'Reference Images' },
		{ name: 'no link', parameters: url(''), label, says: 'empty' },
		{ name: 'a blank link', parameters: url(' , '), label },
		{ name: 'an empty list', parameters: url([]), label },
		{ name: 'a missing link', parameters: images({ source: 'url' }), label },
		{ name: 'a number', parameters: url(7), label, says: '7' },
		{ name: 'a list with a hole', parameters: url(['https://a.example/1.png', null]), label },
		{ name: 'a path', parameters: url('/tmp/cat.png'), label },
		{ name: 'ftp', parameters: url('ftp://a.example/1.png'), label },
		{ name: 'a file', parameters: url('file:///etc/passwd'), label },
		{ name: 'no host', parameters: url('https://'), label },
		{ name: 'a space', parameters: url('https://a.example/a cat.png'), label },
		{ name: 'one bad of two', parameters: url('https://a.example/1.png, cat.png'), label },
		{ name: 'a data URI of text', parameters: url('data:text/plain;base64,YWJj'), label },
		{ name: 'a data URI without base64', parameters: url('data:image/png,abc'), label },
		{
			name: 'a data URI whose plus signs became spaces',
			parameters: url(`data:image/png;base64,${PNG.toString('base64')} ab`),
			label,
			says: 'a "+" of its base64 was lost',
		},
		{
			name: 'a data URI of no image',
			parameters: url('data:image/png;base64,YWJjZGVmZ2hpamts'),
			label,
		},
		{
			name: 'a data URI that is too large',
			parameters: url(
				`data:image/png;base64,${Buffer.concat([PNG, Buffer.alloc(10_000_000)]).toString('base64')}`,
			),
			label,
			says: '10.0 MB',
		},
		{
			name: 'no field',
			parameters: images({ source: 'binary', binaryPropertyName: ' ' }),
			label: 'Input Data Field Name',
		},
		{
			name: 'an empty list of fields',
			parameters: images({ source: 'binary', binaryPropertyName: [] }),
			label: 'Input Data Field Name',
		},
	]);

	test.each<[string, unknown[]]>([
		['one entry each', [1, 2, 3, 4].map((index) => ({ url: `https://a.example/${index}` }))],
		['in one entry', [{ url: [1, 2, 3, 4].map((index) => `https://a.example/${index}`) }]],
		[
			'separated by commas',
			[
				{
					url: 'https://a.example/1,https://a.example/2, https://a.example/3\nhttps://a.example/4',
				},
			],
		],
	])('that makes four of them, %s, is refused', async (_name, image) => {
		const error = await failureOf({ parameters: { images: { image } } as IDataObject });
		expect(error?.message).toMatch(/4 reference images.*3.*\[item 1\]/);
		expect(error?.description).toContain("'Reference Images'");
	});
});

/** The body of the only submit of a run with these parameters. */
async function sentBody(parameters: IDataObject, adjust?: Case['adjust']) {
	let body: IDataObject | undefined;
	const { error } = await new VirtualWorld().run({
		parameters: { operation: 'submit', prompt: 'a cat', ...parameters },
		adjust: (context) => {
			adjust?.(context);
			const original = context.helpers.httpRequestWithAuthentication;
			context.helpers.httpRequestWithAuthentication = async function (type, request, more) {
				body = request.body as IDataObject;
				return await original.call(this, type, request, more);
			};
		},
	});
	expect(error?.message).toBeUndefined();
	return body;
}

const sentImages = async (parameters: IDataObject, adjust?: Case['adjust']) =>
	(await sentBody(parameters, adjust))?.images;

describe('The reference images that are sent', () => {
	const [a, b, c] = ['https://a.example/1,2.png', 'http://b.example/x?y=1', PNG_URI];

	test.each<[string, unknown, unknown]>([
		['none', {}, undefined],
		['an empty list', { image: [] }, undefined],
		['one each, in order', { image: [{ url: b }, { url: a }] }, [b, a]],
		['with their source', { image: [{ source: 'url', url: a }] }, [a]],
		['several with commas', { image: [{ url: ` ${a} , ${b},${c},` }] }, [a, b, c]],
		['one per line', { image: [{ url: `${a}\n${b}` }] }, [a, b]],
		['a list', { image: [{ url: [c, a] }, { url: b }] }, [c, a, b]],
		['a single one that is no list', { image: { url: a } }, [a]],
		[
			'with letters that belong to no address',
			{ image: { url: 'https://a.example/Über %20 猫.png'.replace(/ /g, '') } },
			['https://a.example/%C3%9Cber%20%E7%8C%AB.png'],
		],
	])('are right for %s', async (_name, images, expected) => {
		expect(await sentImages({ images } as IDataObject)).toEqual(expected);
	});
});

/** An n8n with these files on its only item. */
function withFiles(files: Record<string, { bytes: Buffer; stored?: boolean }>): Case['adjust'] {
	return ({ helpers, getNode }) => {
		const binary = (name: string): IBinaryData => ({
			data: '',
			mimeType: 'application/octet-stream',
			...(files[name]?.stored && { id: `filesystem-v2:${name}` }),
		});
		const bytesOf = (name: string) => files[name.replace('filesystem-v2:', '')]?.bytes ?? PNG;
		Object.assign(helpers, {
			assertBinaryData: (_itemIndex: number, name: string) => {
				if (!Object.hasOwn(files, name)) throw new Error(`${getNode().name}: no ${name}`);
				return binary(name);
			},
			getBinaryDataBuffer: async (_itemIndex: number, name: string) => bytesOf(name),
			getBinaryMetadata: async (id: string) => ({ fileSize: bytesOf(id).length }),
			getBinaryStream: async (id: string) => Readable.from([bytesOf(id)], { objectMode: false }),
			createBinarySignedUrl: ({ id }: IBinaryData, life: string) =>
				`https://n8n.example.com/binary/${id}?life=${life}`,
		});
	};
}

/** An n8n with a stored file, some of whose helpers are different. */
function withStore(helpers: Partial<IExecuteFunctions['helpers']>): Case['adjust'] {
	return (context) => {
		withFiles({ data: { bytes: PNG, stored: true } })?.(context);
		Object.assign(context.helpers, helpers);
	};
}

describe('Files as reference images', () => {
	const fields = (binaryPropertyName: unknown) =>
		({ images: { image: [{ source: 'binary', binaryPropertyName }] } }) as IDataObject;
	const large = Buffer.concat([PNG, Buffer.alloc(10_000_000)]);

	test.each([true, false])('go as data URIs, typed by their bytes (stored: %p)', async (stored) => {
		const jpeg = Buffer.from('ffd8ffe000104a46494600010100', 'hex');
		const files = withFiles({ first: { bytes: PNG, stored }, second: { bytes: jpeg, stored } });
		expect(await sentImages(fields('second, first'), files)).toEqual([
			`data:image/jpeg;base64,${jpeg.toString('base64')}`,
			PNG_URI,
		]);
	});

	test('go as signed links on demand', async () => {
		const files = withFiles({ data: { bytes: PNG, stored: true } });
		const parameters = { ...fields('data'), options: { binaryDelivery: 'signedUrl' } };
		expect(await sentImages(parameters, files)).toEqual([
			expect.stringContaining('https://n8n.example.com/binary/filesystem-v2:data'),
		]);
	});

	test('that are gone since they were checked are told with field and way out, and nothing is paid', async () => {
		const world = new VirtualWorld();
		const { error } = await world.run({
			parameters: { operation: 'submitAndWait', prompt: 'a cat', ...fields('data') },
			adjust: withStore({
				getBinaryDataBuffer: async () => await Promise.reject(new Error('gone')),
			}),
		});
		expect(error?.message).toBe("The file in the field 'data' cannot be read: gone [item 0]");
		expect(error?.description).toContain("'Input Data Field Name'");
		expect(world.service.calls.submit).toBe(0);
	});

	test.each<[string, IDataObject, Case['adjust'], string]>([
		['missing', fields('photo'), withFiles({}), "'Input Data Field Name'"],
		['empty', fields('data'), withFiles({ data: { bytes: Buffer.alloc(0) } }), "'data' is empty"],
		[
			'no image',
			fields('data'),
			withFiles({ data: { bytes: Buffer.from('%PDF-1.7 and so on and so on') } }),
			"'data' is not an image",
		],
		[
			'too large',
			fields('data'),
			withFiles({ data: { bytes: large } }),
			"'data' is too large: 10.0 MB",
		],
		[
			'too large, stored',
			fields('data'),
			withFiles({ data: { bytes: large, stored: true } }),
			"'data' is too large: 10.0 MB",
		],
		[
			'gone from the store',
			fields('data'),
			withStore({ getBinaryMetadata: async () => await Promise.reject(new Error('ENOENT')) }),
			"The file in the field 'data' cannot be read: ENOENT",
		],
		[
			'null, as a pinned item may have it',
			fields('data'),
			withStore({ assertBinaryData: () => null as never }),
			"'Input Data Field Name'",
		],
		[
			'that this n8n cannot sign a link to',
			{ ...fields('data'), options: { binaryDelivery: 'signedUrl' } },
			withStore({
				createBinarySignedUrl: () => {
					throw new Error('not supported by this engine');
				},
			}),
			"'Send Reference Images As'",
		],
		[
			'without a store to link to',
			{ ...fields('data'), options: { binaryDelivery: 'signedUrl' } },
			withFiles({ data: { bytes: PNG } }),
			"'Send Reference Images As'",
		],
	])('are refused when one is %s', async (_name, parameters, adjust, says) => {
		const error = await failureOf({ parameters, adjust });
		expect(`${error?.message} ${error?.description}`).toContain(says);
		expect(error?.message).toContain('[item 1]');
	});
});

describe('A bad option', () => {
	const bad = (name: string, label: string, values: unknown[]): Case[] =>
		values.map((value) => ({
			name: `${name} ${JSON.stringify(value)}`,
			parameters: { options: { [name]: value } } as IDataObject,
			label,
		}));
	check([
		...bad('timeout', 'Timeout', [0, -1, 86_401, 'long', NaN, {}, true]),
		...bad('pollingInterval', 'Polling Interval', [-1, 86_401, 'often', NaN, []]),
		...bad('onTimeout', 'On Timeout', ['explode', 7]),
		...bad('binaryDelivery', 'Send Reference Images As', ['mail', 7]),
		...bad('webhookUrl', 'Webhook URL', ['n8n.example.com', 'ftp://a.example', 7, {}, 'https://']),
	]);

	const badRunOptions: Array<[string, string, unknown[]]> = [
		['maxConcurrentTasks', 'Max Concurrent Tasks', [0, -1, 1001, 2.5, 'many', {}]],
		['maxTasks', 'Max Tasks', [-1, 1.5, 'few', []]],
	];
	test.each(badRunOptions)(
		'%s is refused with the first item, and nothing is paid',
		async (name, label, values) => {
			for (const value of values) {
				for (const operation of ['submit', 'submitAndWait']) {
					const world = new VirtualWorld();
					const { error } = await world.run({
						itemCount: 2,
						parameters: { operation, prompt: 'a cat', options: { [name]: value } as IDataObject },
					});
					expect(error?.message).toContain(`'${label}'`);
					expect(error?.message).toContain('[item 0]');
					expect(world.service.calls.submit).toBe(0);
				}
			}
		},
	);

	const fields = ['size', 'width', 'height', 'seed', 'downloadImage', 'simplify'];
	const optionNames = [
		...['timeout', 'onTimeout', 'pollingInterval', 'maxConcurrentTasks', 'maxTasks', 'fileName'],
		...['binaryDelivery', 'resubmitUnconfirmed'],
	];
	test.each([null, undefined, ''])(
		'is not %p by expression, which means that a field is not set',
		async (unset) => {
			const world = new VirtualWorld();
			const { error, items } = await world.run({
				parameters: {
					operation: 'submitAndWait',
					prompt: 'a cat',
					...Object.fromEntries(fields.map((name) => [name, unset])),
					options: Object.fromEntries(optionNames.map((name) => [name, unset])),
				} as IDataObject,
			});
			expect(error).toBeUndefined();
			expect(items[0]?.json).toMatchObject({ status: 'succeeded', image_url: expect.any(String) });
			expect(items[0]?.binary?.data?.fileName).toBe('flux-2-flex-task-1-id.png');
		},
	);

	test.each<[unknown, boolean]>([
		['true', true],
		[1, true],
		['false', false],
		[0, false],
	])('is not %p for a switch, as expressions and AI agents have it', async (value, isOn) => {
		const world = new VirtualWorld();
		const { items } = await world.run({
			parameters: {
				operation: 'submitAndWait',
				prompt: 'a cat',
				downloadImage: value,
			} as IDataObject,
		});
		expect(items[0]?.binary !== undefined).toBe(isOn);
	});

	check(
		['text', ['maxTasks'], 7, true].map((options) => ({
			name: `Options as ${JSON.stringify(options)}`,
			parameters: { options: options as never },
			label: 'Options',
		})),
	);

	check([
		...['yes', 2, {}, [], NaN].flatMap((value) => [
			{
				name: `downloadImage ${JSON.stringify(value)}`,
				parameters: { downloadImage: value as never },
				label: 'Download Image',
				says: 'not true or false',
			},
			{
				name: `resubmitUnconfirmed ${JSON.stringify(value)}`,
				parameters: { options: { resubmitUnconfirmed: value as never } },
				label: 'Resubmit Unconfirmed',
				says: 'not true or false',
			},
		]),
	]);

	test('is not a number that comes as text', async () => {
		const world = new VirtualWorld({ duration: () => 1e9 });
		const { error } = await world.run({
			parameters: {
				operation: 'submitAndWait',
				prompt: 'a cat',
				seed: '42',
				size: 'custom',
				width: '512',
				height: ' 768 ',
				options: { timeout: '7', pollingInterval: '2', maxTasks: '1', maxConcurrentTasks: '3' },
			},
		});
		expect(error?.message).toContain('within 7 seconds');
	});
});

describe('A bad Put Output File in Field', () => {
	check([
		{ name: 'empty', parameters: { binaryPropertyName: '' }, label: 'Put Output File in Field' },
		{ name: 'blank', parameters: { binaryPropertyName: '  ' }, label: 'Put Output File in Field' },
		{
			name: 'no text',
			parameters: { operation: 'getTaskResult', binaryPropertyName: ['data'] },
			label: 'Put Output File in Field',
		},
	]);
});

test('A task id that came as a number too long to be exact is refused, not asked for', async () => {
	const error = await failureOf({
		parameters: { operation: 'getTaskResult', taskId: Number('1610521604143693812') },
	});
	expect(error?.message).toContain("'Task ID' is a number too long to be exact");
	expect(error?.description).toContain('as text');
});

describe('A Task ID', () => {
	const values = ['', '  ', null, {}, [], true, 'a b', 'a\nb', 'a\u0000b', 'x'.repeat(201)];
	check(
		values.map((taskId) => ({
			name: JSON.stringify(taskId).slice(0, 20),
			parameters: { operation: 'getTaskResult', taskId: taskId as never },
			label: 'Task ID',
		})),
	);

	test.each([
		[' abc ', 'abc'],
		[12345, '12345'],
		['830d9c90-d53f-4c5a-8009-xxx', '830d9c90-d53f-4c5a-8009-xxx'],
	])('%j is asked for as %j', async (taskId, asked) => {
		const world = new VirtualWorld();
		const { error } = await world.run({ parameters: { operation: 'getTaskResult', taskId } });
		expect(error?.message).toContain('does not know the task');
		expect(error?.message).toContain(` ${asked}`);
	});
});

describe('A credential', () => {
	const withCredential = (credential: IDataObject) => (context: IExecuteFunctions) => {
		context.getCredentials = async () =>
			({ service: 'novita', apiKey: 'key', ...credential }) as never;
	};
	const bad = (label: string, ...credentials: IDataObject[]): Case[] =>
		credentials.map((credential) => ({
			name: JSON.stringify(credential),
			parameters: {},
			label,
			adjust: (context) => {
				const good = context.getCredentials.bind(context);
				context.getCredentials = async (type: string, itemIndex?: number) =>
					itemIndex === 1
						? ({ service: 'novita', apiKey: 'key', ...credential } as never)
						: await good(type, itemIndex);
			},
		}));
	check([
		...bad('API Key', { apiKey: '' }, { apiKey: '  ' }, { apiKey: 7 }, { apiKey: null as never }),
		...bad('Service', { service: 'other' }, { service: 7 }),
		...[undefined, null, ''].flatMap((service) =>
			bad('Service', { service: service as never }).map((row) => ({
				...row,
				name: `service ${service}`,
				says: "Choose a 'Service' in the credential",
			})),
		),
		...bad(
			'Base URL',
			{ baseUrl: 'gateway.example.com' },
			{ baseUrl: 'ftp://gateway.example.com' },
			{ baseUrl: 'https://' },
			{ baseUrl: 'https://user:password@gateway.example.com' },
			{ baseUrl: 'https://gateway.example.com/?key=1' },
			{ baseUrl: 'https://gateway.example.com/#a' },
		),
	]);

	test.each<[IDataObject, string]>([
		[{}, 'https://api.novita.ai/v3/async/task-result'],
		[{ baseUrl: ' ' }, 'https://api.novita.ai/v3/async/task-result'],
		[{ service: 'jieKou' }, 'https://api.highwayapi.ai/v3/async/task-result'],
		[{ baseUrl: 'http://127.0.0.1:8080' }, 'http://127.0.0.1:8080/v3/async/task-result'],
		[{ baseUrl: ' https://g.example/flux// ' }, 'https://g.example/flux/v3/async/task-result'],
		[
			{ service: 'jieKou', baseUrl: 'https://g.example/flux/' },
			'https://g.example/flux/v3/async/task-result',
		],
	])('of %j leads to %s', async (credential, address) => {
		const urls: string[] = [];
		await new VirtualWorld().run({
			parameters: { operation: 'getTaskResult', taskId: 'abc' },
			adjust: (context) => {
				withCredential(credential)(context);
				context.helpers.httpRequestWithAuthentication = async function (_type, request) {
					urls.push(request.url);
					return { statusCode: 404, headers: {}, body: { reason: 'TASK_NOT_FOUND' } };
				};
			},
		});
		expect(urls).toEqual([address]);
	});

	test('may have space around its key, which is not part of it', async () => {
		let used: unknown;
		await new VirtualWorld().run({
			parameters: { operation: 'getTaskResult', taskId: 'abc' },
			adjust: (context) => {
				withCredential({ apiKey: ' key-with-space\n' })(context);
				context.helpers.httpRequestWithAuthentication = async function (_type, _request, more) {
					used = more?.credentialsDecrypted?.data?.apiKey;
					return { statusCode: 404, headers: {}, body: {} };
				};
			},
		});
		expect(used).toBe('key-with-space');
	});
});

test.each<[string, IDataObject, unknown]>([
	['auto', { size: 'auto' }, undefined],
	['a preset', { size: '1536*864' }, '1536*864'],
	['by expression', { size: '1200x800' }, '1200*800'],
	['with a times sign', { size: ' 1200 × 800 ' }, '1200*800'],
	['custom', { size: 'custom', width: 256, height: 1536 }, '256*1536'],
	['custom, untouched', { size: 'custom' }, '1024*1024'],
])('The size %s is sent as it must be', async (_name, parameters, expected) => {
	const body = await sentBody(parameters);
	expect(body?.size).toBe(expected);
	expect(body).toMatchObject({ prompt: 'a cat', seed: -1 });
});

test('The webhook address is sent with Submit', async () => {
	const url = 'https://n8n.example.com/webhook-waiting/7';
	const body = await sentBody({ options: { webhookUrl: url } });
	expect(body?.extra).toEqual({ webhook: { url } });
});
