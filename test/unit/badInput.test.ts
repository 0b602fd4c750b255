import { Readable } from 'node:stream';
import { DateTime } from 'luxon';
import type { IBinaryData, IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { show } from '../../nodes/Flux2Flex/values/show';
import { VirtualWorld } from '../support/virtual/virtualWorld';
import { formLabels } from './formLabels';

const PNG = Buffer.from('89504e470d0a1a0a0000000d4948445200000001', 'hex');
const PNG_URI = `data:image/png;base64,${PNG.toString('base64')}`;

interface Case {
	/** What is bad. */
	name: string;
	parameters: IDataObject;
	/** The label that the message names in quotes. */
	label: string;
	/** What else the message says. */
	says?: string;
	adjust?: Adjust;
}

type Adjust = (context: IExecuteFunctions) => void;

/** Runs two items of which the second is the bad one. */
async function failureOf({ parameters, adjust }: Pick<Case, 'parameters' | 'adjust'>) {
	const world = new VirtualWorld();
	const { operation = 'submitAndWait' } = parameters;
	const { error } = await world.run({
		itemCount: 2,
		adjust,
		parameters: (itemIndex) => ({
			prompt: 'a cat',
			taskId: 'abc',
			...(itemIndex === 1 && parameters),
			operation,
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

/** One case a value of this parameter, or of the option with this name behind a dot. */
const bad = (
	label: string,
	path: string,
	values: unknown[],
	{ says, ...more }: IDataObject & { says?: string } = {},
): Case[] =>
	values.map((value) => {
		const [name = '', option] = path.split('.');
		return {
			name: `${label}: ${show(value).slice(0, 30)}`,
			parameters: { ...more, [name]: option ? { [option]: value } : value } as IDataObject,
			label,
			says,
		};
	});

const side = { size: 'custom', says: 'a whole number of pixels of 1 or more' };
const sides = [0, -1024, 1024.5, 'wide', NaN, Infinity, {}, [1024], true];
const result = { operation: 'getTaskResult' };

describe('A bad value', () => {
	check([
		...bad('Prompt', 'prompt', ['', ' \n\t', null], { says: 'empty' }),
		...bad('Prompt', 'prompt', [{ text: 'a cat' }, ['a cat']], { says: 'a cat' }),
		...bad('Prompt', 'prompt', [true, NaN, new Date(NaN)], { says: 'not text' }),
		...bad('Size', 'size', [NaN, 0, false, 'big', '1024', '255*1024', '1024*1537', '1024x'], {
			says: '256 to 1536',
		}),
		...bad('Size', 'size', ['0*0', '1e3*1e3', 7, {}, []], { says: '256 to 1536' }),
		...bad('Width', 'width', sides, side),
		...bad('Height', 'height', sides, side),
		...bad('Size', 'width', [255], {
			size: 'custom',
			height: 1537,
			says: "'Size' is 255*1537 (from 'Width' and 'Height'), which is not a size that Novita AI makes [item 1] The nearest one is 256*1536.",
		}),
		...bad('Seed', 'seed', [-2, 2147483648, 0.5, 'random', NaN, Infinity, {}, [], [7], false], {
			says: 'from -1 to 2147483647',
		}),
		...bad('Put Output File in Field', 'binaryPropertyName', ['', '  ']),
		...bad('Put Output File in Field', 'binaryPropertyName', [['data']], result),
		...bad('Download Image', 'downloadImage', ['yes', 2, {}, [], NaN], {
			says: 'not true or false',
		}),
		...bad('Task ID', 'taskId', ['', '  ', null, {}, [], true], result),
		...bad('Task ID', 'taskId', ['a b', 'a\nb', 'a\u0000b', 'x'.repeat(201)], result),
		...bad('Options', 'options', ['text', ['maxTasks'], 7, true]),
		...bad('Timeout', 'options.timeout', [0, -1, 86_401, 'long', NaN, {}, true]),
		...bad('Polling Interval', 'options.pollingInterval', [-1, 86_401, 'often', NaN, []]),
		...bad('On Timeout', 'options.onTimeout', ['explode', 7]),
		...bad('Send Reference Images As', 'options.binaryDelivery', ['mail', 7]),
		...bad('Webhook URL', 'options.webhookUrl', ['n8n.example.com', 'ftp://a.example', 7, {}]),
		...bad('Webhook URL', 'options.webhookUrl', ['https://', 'javascript:alert(1)']),
		...bad('Resubmit Unconfirmed', 'options.resubmitUnconfirmed', ['yes', 2, {}, [], NaN], {
			says: 'not true or false',
		}),
	]);

	test.each<[string, string, unknown[]]>([
		['maxConcurrentTasks', 'Max Concurrent Tasks', [0, -1, 1001, 2.5, 'many', {}]],
		['maxTasks', 'Max Tasks', [-1, 1.5, 'few', []]],
	])('of %s is refused with the first item, and nothing is paid', async (name, label, values) => {
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
	});

	test('of a task id, a number too long to be exact, is told as such', async () => {
		const taskId = Number('1610521604143693812');
		const error = await failureOf({ parameters: { ...result, taskId } });
		expect(error?.message).toContain("'Task ID' is a number too long to be exact");
		expect(error?.description).toContain('as text');
	});
});

describe('A prompt', () => {
	test.each<[string, unknown, string]>([
		['a date', new Date('2026-03-01T12:00:00Z'), '2026-03-01T12:00:00.000Z'],
		[
			'what $now gives',
			DateTime.fromISO('2026-03-01T12:00:00.000Z', { zone: 'utc' }),
			'2026-03-01T12:00:00.000Z',
		],
		['half an emoji at its end', 'a cat \uD83D', 'a cat \uFFFD'],
		['a whole emoji', 'a cat 🐈', 'a cat 🐈'],
		['a number', 2026, '2026'],
	])('that is %s becomes text that can be sent', async (_name, value, expected) => {
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
});

describe('A value as expressions and AI agents have it', () => {
	const fields = ['size', 'width', 'height', 'seed', 'downloadImage', 'simplify'];
	const optionNames = [
		...['timeout', 'onTimeout', 'pollingInterval', 'maxConcurrentTasks', 'maxTasks', 'fileName'],
		...['binaryDelivery', 'resubmitUnconfirmed'],
	];
	test.each([null, undefined, ''])('is not set where it is %p', async (unset) => {
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
	});

	test.each<[unknown, boolean]>([
		['true', true],
		[1, true],
		['false', false],
		[0, false],
	])('sets a switch where it is %p', async (value, isOn) => {
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

	test('is a number where it is text with one', async () => {
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

	test.each([
		[' abc ', 'abc'],
		[12345, '12345'],
		['830d9c90-d53f-4c5a-8009-xxx', '830d9c90-d53f-4c5a-8009-xxx'],
	])('names a task: %j is asked for as %j', async (taskId, asked) => {
		const world = new VirtualWorld();
		const { error } = await world.run({ parameters: { operation: 'getTaskResult', taskId } });
		expect(error?.message).toContain('does not know the task');
		expect(error?.message).toContain(` ${asked}`);
	});
});

describe('A bad entry of Reference Images', () => {
	const entries = (label: string, ...image: unknown[]): Case[] =>
		image.map((entry) => ({
			name: show(entry),
			parameters: { images: { image: [entry] } } as IDataObject,
			label,
		}));
	const links = (...urls: unknown[]) =>
		entries('Image URL', ...urls.map((url) => ({ source: 'url', url })));
	const fields = (...names: unknown[]) =>
		entries(
			'Input Data Field Name',
			...names.map((binaryPropertyName) => ({ source: 'binary', binaryPropertyName })),
		);
	const base64 = (...bytes: Buffer[]) => Buffer.concat(bytes).toString('base64');
	check([
		...entries('Reference Images', 'x', null),
		...bad('Reference Images', 'images', ['x', []]),
		...links('', ' , ', [], undefined, 7, null, { href: 'https://a.example/1.png' }),
		...links('/tmp/cat.png', 'ftp://a.example/1.png', 'file:///etc/passwd', 'https://'),
		...links('https://a.example/a cat.png', 'https://a.example/1.png, cat.png'),
		...links('https://a.example/1.png,ftp://b.example/2.png', ['https://a.example/1.png', null]),
		...links('data:text/plain;base64,YWJj', 'data:image/png,abc', 'data:image/png;base64,'),
		...links('data:image/png;base64,YWJjZGVmZ2hpamts'),
		...links(`data:image/png;base64,${base64(PNG)} ab`).map((row) => ({
			...row,
			says: 'a "+" of its base64 was lost',
		})),
		...links(`data:image/png;base64,${base64(PNG, Buffer.alloc(10_000_000))}`).map((row) => ({
			...row,
			says: '10.0 MB',
		})),
		...fields(' ', []),
	]);

	const [one, two, three, four] = [1, 2, 3, 4].map((index) => `https://a.example/${index}`);
	test.each<[string, unknown[]]>([
		['one entry each', [one, two, three, four].map((url) => ({ url }))],
		['in one entry', [{ url: [one, two, three, four] }]],
		['separated by commas', [{ url: `${one},${two}, ${three}\n${four}` }]],
		['with a file', [{ url: [one, two, three] }, { source: 'binary' }]],
	])('that makes four of them, %s, is refused', async (_name, image) => {
		const parameters = { images: { image } } as IDataObject;
		const error = await failureOf({ parameters, adjust: withFiles({ data: { bytes: PNG } }) });
		expect(error?.message).toMatch(/4 reference images.*3.*\[item 1\]/);
		expect(error?.description).toContain("'Reference Images'");
	});
});

/** The body of the only submit of a run with these parameters. */
async function sentBody(parameters: IDataObject, adjust?: Adjust) {
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

const sentImages = async (parameters: IDataObject, adjust?: Adjust) =>
	(await sentBody(parameters, adjust))?.images;

describe('The reference images that are sent', () => {
	const [a, b, c] = ['https://a.example/1,2.png', 'http://b.example/x?y=1', PNG_URI];

	test.each<[string, unknown, unknown]>([
		['none', {}, undefined],
		['an empty list', { image: [] }, undefined],
		['one each, in order', { image: [{ url: b }, { url: a }] }, [b, a]],
		['their source', { image: [{ source: 'url', url: a }] }, [a]],
		['several with commas', { image: [{ url: ` ${a} , ${b},${c},` }] }, [a, b, c]],
		['one per line', { image: [{ url: `${a}\n${b}` }] }, [a, b]],
		['a list', { image: [{ url: [c, a] }, { url: b }] }, [c, a, b]],
		['a single one that is no list', { image: { url: a } }, [a]],
		[
			'letters that belong to no address',
			{ image: { url: 'https://a.example/Über %20 猫.png'.replace(/ /g, '') } },
			['https://a.example/%C3%9Cber%20%E7%8C%AB.png'],
		],
	])('are right for %s', async (_name, images, expected) => {
		expect(await sentImages({ images } as IDataObject)).toEqual(expected);
	});
});

/** An n8n with these files on its only item. */
function withFiles(files: Record<string, { bytes: Buffer; stored?: boolean }>): Adjust {
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
function withStore(helpers: Partial<IExecuteFunctions['helpers']>): Adjust {
	return (context) => {
		withFiles({ data: { bytes: PNG, stored: true } })(context);
		Object.assign(context.helpers, helpers);
	};
}

describe('Files as reference images', () => {
	const fields = (binaryPropertyName: unknown, more: IDataObject = {}) =>
		({ images: { image: [{ source: 'binary', binaryPropertyName }] }, ...more }) as IDataObject;
	const signed = fields('data', { options: { binaryDelivery: 'signedUrl' } });
	const noImage = withFiles({ data: { bytes: Buffer.from('%PDF-1.7 and so on'), stored: true } });
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
		expect(await sentImages(signed, files)).toEqual([
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

	test.each<[string, IDataObject, Adjust, string]>([
		['missing', fields('photo'), withFiles({}), "'Input Data Field Name'"],
		['empty', fields('data'), withFiles({ data: { bytes: Buffer.alloc(0) } }), "'data' is empty"],
		['no image', fields('data'), noImage, "'data' is not an image"],
		['no image to link to', signed, noImage, "'data' is not an image"],
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
			signed,
			withStore({
				createBinarySignedUrl: () => {
					throw new Error('not supported by this engine');
				},
			}),
			"'Send Reference Images As'",
		],
		[
			'without a store to link to',
			signed,
			withFiles({ data: { bytes: PNG } }),
			"'Send Reference Images As'",
		],
	])('are refused when one is %s', async (_name, parameters, adjust, says) => {
		const error = await failureOf({ parameters, adjust });
		expect(`${error?.message} ${error?.description}`).toContain(says);
		expect(error?.message).toContain('[item 1]');
	});
});

describe('A credential', () => {
	const withCredential = (credential: IDataObject) => (context: IExecuteFunctions) => {
		context.getCredentials = async () =>
			({ service: 'novita', apiKey: 'key', ...credential }) as never;
	};
	const wrong = (label: string, says: string | undefined, credentials: unknown[]): Case[] =>
		credentials.map((credential) => ({
			name: show(credential),
			parameters: {},
			label,
			says,
			adjust: (context) => {
				const good = context.getCredentials.bind(context);
				context.getCredentials = async (type: string, itemIndex?: number) =>
					itemIndex === 1
						? ({ service: 'novita', apiKey: 'key', ...(credential as IDataObject) } as never)
						: await good(type, itemIndex);
			},
		}));
	const services = (...values: unknown[]) => values.map((service) => ({ service }));
	const urls = (...values: unknown[]) => values.map((baseUrl) => ({ baseUrl }));
	check([
		...wrong('API Key', undefined, [{ apiKey: '' }, { apiKey: '  ' }, { apiKey: 7 }]),
		...wrong('API Key', undefined, [{ apiKey: null }]),
		...wrong('Service', undefined, services('other', 7)),
		...wrong('Service', "Choose a 'Service' in the credential", services(undefined, null, '')),
		...wrong('Base URL', undefined, urls('gateway.example.com', 'ftp://gateway.example.com')),
		...wrong('Base URL', undefined, urls('https://', 'https://gateway.example.com/?key=1')),
		...wrong('Base URL', undefined, urls('https://gateway.example.com/#a')),
		...wrong('Base URL', undefined, urls('https://user:password@gateway.example.com')),
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

test.each([
	['submit', 'https://n8n.example.com/hook', 'https://n8n.example.com/hook'],
	['submit', '', undefined],
	// Hidden there: left from before another operation was chosen.
	['submitAndWait', 'https://n8n.example.com/hook', undefined],
])('%s with the webhook %j sends the webhook %j', async (operation, webhookUrl, url) => {
	const body = await sentBody({ operation, options: { webhookUrl } });
	expect(body?.extra).toEqual(url && { webhook: { url } });
});
