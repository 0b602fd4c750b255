import type {
	IDataObject,
	INodeProperties,
	INodePropertyCollection,
	INodePropertyOptions,
} from 'n8n-workflow';

import { Flux2FlexApi } from '../../credentials/Flux2FlexApi.credentials';
import { Flux2Flex } from '../../nodes/Flux2Flex/Flux2Flex.node';
import codex from '../../nodes/Flux2Flex/Flux2Flex.node.json';
import { findService } from '../../nodes/Flux2Flex/services/registry';
import { parseSize, isValidSize } from '../../nodes/Flux2Flex/images/imageSize';
import packageJson from '../../package.json';

const { description } = new Flux2Flex();
const credential = new Flux2FlexApi();

const byName = (properties: INodeProperties[]) =>
	Object.fromEntries(properties.map((property) => [property.name, property]));
const valuesOf = ({ options = [] }: INodeProperties) =>
	(options as INodePropertyOptions[]).map(({ value }) => value);

const services = valuesOf(byName(credential.properties).service as INodeProperties).flatMap(
	(id) => findService(id) ?? [],
);
const fields = byName(description.properties);
const options = byName((fields.options?.options ?? []) as INodeProperties[]);

const paid = ['submit', 'submitAndWait'];
const withImage = ['getTaskResult', 'submitAndWait'];

interface Row {
	type: string;
	default: unknown;
	/** Conditions of display, in any order of values. */
	show?: Record<string, unknown[]>;
	required?: boolean;
	/** Not shown as a tool of an agent. */
	notForTools?: boolean;
}

function rowOf(property: INodeProperties | undefined): Row | undefined {
	if (property === undefined) return undefined;
	const { show, hide } = property.displayOptions ?? {};
	if (hide !== undefined) expect(hide).toEqual({ '@tool': [true] });
	return {
		type: property.type,
		default: property.default,
		...(property.required && { required: true }),
		...(hide && { notForTools: true }),
		...(show && {
			show: Object.fromEntries(
				Object.entries(show).map(([name, values]) => [name, [...(values ?? [])].sort()]),
			),
		}),
	};
}

test('the node is the one that saved workflows name', () => {
	expect(description).toMatchObject({
		name: 'flux2Flex',
		displayName: 'Flux 2 Flex',
		version: 1,
		usableAsTool: true,
		inputs: ['main'],
		outputs: ['main'],
		credentials: [{ name: 'flux2FlexApi', required: true }],
	});
});

/** The tables that saved workflows rely on. */
const parameters: Record<string, Row> = {
	operation: { type: 'options', default: 'submitAndWait' },
	prompt: { type: 'string', default: '', required: true, show: { operation: paid } },
	images: { type: 'fixedCollection', default: {}, show: { operation: paid } },
	size: { type: 'options', default: 'auto', show: { operation: paid } },
	width: { type: 'number', default: 1024, show: { operation: paid, size: ['custom'] } },
	height: { type: 'number', default: 1024, show: { operation: paid, size: ['custom'] } },
	seed: { type: 'number', default: -1, show: { operation: paid } },
	taskId: { type: 'string', default: '', required: true, show: { operation: ['getTaskResult'] } },
	downloadImage: {
		type: 'boolean',
		default: true,
		show: { operation: withImage },
		notForTools: true,
	},
	binaryPropertyName: {
		type: 'string',
		default: 'data',
		required: true,
		show: { operation: withImage, downloadImage: [true] },
		notForTools: true,
	},
	simplify: {
		type: 'boolean',
		default: true,
		show: { operation: withImage },
		notForTools: true,
	},
	options: { type: 'collection', default: {} },
};

const collectionOptions: Record<string, Row> = {
	timeout: { type: 'number', default: 600, show: { '/operation': ['submitAndWait'] } },
	onTimeout: { type: 'options', default: 'error', show: { '/operation': ['submitAndWait'] } },
	pollingInterval: { type: 'number', default: 0, show: { '/operation': ['submitAndWait'] } },
	maxConcurrentTasks: { type: 'number', default: 20, show: { '/operation': paid } },
	maxTasks: { type: 'number', default: 0, show: { '/operation': paid } },
	fileName: {
		type: 'string',
		default: '',
		show: { '/operation': withImage, '/downloadImage': [true] },
		notForTools: true,
	},
	binaryDelivery: { type: 'options', default: 'dataUri', show: { '/operation': paid } },
	webhookUrl: { type: 'string', default: '', show: { '/operation': ['submit'] } },
	resubmitUnconfirmed: { type: 'boolean', default: false, show: { '/operation': paid } },
	guidance: { type: 'number', default: 5, show: { '/operation': paid } },
	outputFormat: { type: 'options', default: 'jpeg', show: { '/operation': paid } },
	promptUpsampling: { type: 'boolean', default: true, show: { '/operation': paid } },
	safetyTolerance: { type: 'number', default: 2, show: { '/operation': paid } },
	steps: { type: 'number', default: 50, show: { '/operation': paid } },
	toolResult: {
		type: 'options',
		default: 'serviceLink',
		show: { '/operation': withImage, '@tool': [true] },
	},
};

describe('the form of the node', () => {
	test.each(Object.entries(parameters))('has the parameter %s', (name, row) => {
		expect(rowOf(fields[name])).toEqual(row);
	});

	test.each(Object.entries(collectionOptions))('has the option %s', (name, row) => {
		expect(rowOf(options[name])).toEqual(row);
	});

	test('has no other parameters, and none twice', () => {
		expect(Object.keys(fields).sort()).toEqual(Object.keys(parameters).sort());
		expect(description.properties).toHaveLength(Object.keys(parameters).length);
		expect(Object.keys(options).sort()).toEqual(Object.keys(collectionOptions).sort());
		expect(fields.options?.options).toHaveLength(Object.keys(collectionOptions).length);
	});

	test('asks for the files of reference images', () => {
		expect(fields.images?.typeOptions?.multipleValues).toBe(true);
		const [group, ...others] = fields.images?.options as INodePropertyCollection[];
		expect(others).toEqual([]);
		expect(group?.name).toBe('image');
		const inner = byName(group?.values ?? []);
		expect(Object.keys(inner).sort()).toEqual(['binaryPropertyName', 'source', 'url']);
		expect(rowOf(inner.source)).toEqual({ type: 'options', default: 'url' });
		expect(rowOf(inner.url)).toMatchObject({ type: 'string', show: { source: ['url'] } });
		expect(rowOf(inner.binaryPropertyName)).toMatchObject({
			type: 'string',
			show: { source: ['binary'] },
		});
		expect(valuesOf(inner.source as INodeProperties).sort()).toEqual(['binary', 'url']);
	});
});

describe('among the choices', () => {
	test.each<[string, INodeProperties | undefined, string[]]>([
		['operation', fields.operation, ['getTaskResult', 'submit', 'submitAndWait']],
		['onTimeout', options.onTimeout, ['error', 'returnPending']],
		['binaryDelivery', options.binaryDelivery, ['dataUri', 'signedUrl']],
		['toolResult', options.toolResult, ['n8nLink', 'serviceLink']],
	])('of %s are exactly those that are known', (_name, property, values) => {
		expect(valuesOf(property as INodeProperties).sort()).toEqual(values);
	});

	test.each([
		['submit', 'Submit'],
		['getTaskResult', 'Get Task Result'],
		['submitAndWait', 'Submit and Wait'],
	])('the operation %s is shown as %s', (value, name) => {
		const choices = fields.operation?.options as INodePropertyOptions[];
		expect(choices.find((choice) => choice.value === value)?.name).toBe(name);
		expect(description.subtitle).toContain(`"${value}":"${name}"`);
	});

	test('of the size are auto, custom, and presets that say what they are and who makes them', () => {
		const sizes = fields.size?.options as INodePropertyOptions[];
		const presets = sizes.filter(({ value }) => value !== 'auto' && value !== 'custom');
		expect(sizes.length - presets.length).toBe(2);
		expect(presets.map(({ value }) => value)).toContain('1024*1024');
		expect(new Set(presets.map(({ value }) => value)).size).toBe(presets.length);
		for (const { name, value, description: makers } of presets) {
			expect(value).toMatch(/^\d+\*\d+$/);
			const size = parseSize(String(value));
			const able = services.filter((service) => size && isValidSize(size, service.size));
			expect(able).not.toEqual([]);
			const names = able.map(({ displayName }) => displayName).join(', ');
			expect(makers).toBe(able.length === services.length ? undefined : `Only at ${names}`);
			expect(name).toContain(`(${size?.width} × ${size?.height})`);
			const ratio = /(\d+):(\d+)/.exec(name);
			const [across, down] = [Number(ratio?.[1]), Number(ratio?.[2])];
			expect((size?.width ?? 0) / (size?.height ?? 1) / (across / down)).toBeCloseTo(1, 1);
			const shape = across === down ? 'Square' : across > down ? 'Landscape' : 'Portrait';
			expect(name).toMatch(new RegExp(`^${shape}`));
		}
	});

	test('every one has a name of its own, in the order of names', () => {
		const lists = [fields.operation, fields.size, options.onTimeout, options.binaryDelivery];
		for (const list of lists) {
			const names = (list?.options as INodePropertyOptions[]).map(({ name }) => name);
			expect(new Set(names).size).toBe(names.length);
			if (names.length >= 5) expect(names).toEqual([...names].sort((a, b) => a.localeCompare(b)));
		}
	});
});

describe('The description of an option that not every service has', () => {
	test.each([
		[
			'guidance',
			'Guidance',
			'Black Forest Labs: 1.5 to 10, defaults to 5; fal.ai: 1.5 to 10, defaults to 3.5; Replicate: 1.5 to 10, defaults to 4.5.',
		],
		[
			'outputFormat',
			'Output Format',
			'Black Forest Labs: JPEG, PNG, WebP, defaults to JPEG; fal.ai: JPEG, PNG, defaults to JPEG; Replicate: JPEG, PNG, WebP, defaults to WebP.',
		],
		[
			'promptUpsampling',
			'Prompt Upsampling',
			'Black Forest Labs: defaults to on; Replicate: defaults to on.',
		],
		[
			'safetyTolerance',
			'Safety Tolerance',
			'Black Forest Labs: 0 to 5, defaults to 2; fal.ai: 1 to 5, defaults to 2; Replicate: 1 to 5, defaults to 2.',
		],
		[
			'steps',
			'Steps',
			'Black Forest Labs: 1 to 50, defaults to 50; fal.ai: 2 to 50, defaults to 28; Replicate: 1 to 50, defaults to 30.',
		],
	])('says of %s who has it, in which limits, and the default', (name, label, says) => {
		expect(options[name]?.displayName).toBe(label);
		expect(options[name]?.description).toMatch(/^[A-Z].*\. /);
		expect(options[name]?.description?.endsWith(` ${says}`)).toBe(true);
	});
});

test('The description of every other option with a default says it', () => {
	const common = Object.values(options).filter(
		({ name }) => !services.some(({ ownOptions }) => ownOptions.some((own) => own.name === name)),
	);
	expect(common.length).toBeGreaterThan(7);
	for (const { default: value, description: text, type } of common) {
		if (value === '') continue;
		expect(text).toMatch(/\. Defaults to [^.]+\.$/);
		if (type === 'number') expect(text).toContain(`Defaults to ${String(value)}.`);
	}
});

describe('The hint before a run', () => {
	const [hint, ...others] = description.hints ?? [];

	test('is shown where the output will be', () => {
		expect(others).toEqual([]);
		expect(hint).toMatchObject({ whenToDisplay: 'beforeExecution', location: 'outputPane' });
		expect(hint?.message).toContain(`'${options.maxTasks?.displayName}' under 'Options'`);
	});

	test.each<[string, number, IDataObject, boolean]>([
		['submitAndWait', 11, {}, true],
		['submit', 11, { maxTasks: 0 }, true],
		['submitAndWait', 10, {}, false],
		['submitAndWait', 11, { maxTasks: 20 }, false],
		['getTaskResult', 11, {}, false],
	])('with %s, %i items and the options %j it is shown: %j', (operation, items, set, isShown) => {
		const code = /^=\{\{(.*)\}\}$/.exec(hint?.displayCondition ?? '')?.[1] ?? '';
		const evaluate = new Function('$parameter', '$input', `return ${code}`) as (
			parameter: IDataObject,
			input: { all: () => unknown[] },
		) => boolean;
		const input = { all: () => Array<unknown>(items) };
		expect(evaluate({ operation, options: set }, input)).toBe(isShown);
	});
});

test.each<[string, INodeProperties | undefined, number | undefined, number | undefined]>([
	['Width', fields.width, 64, 4096],
	['Height', fields.height, 64, 4096],
	['Seed', fields.seed, -1, 2147483647],
	['Max Concurrent Tasks', options.maxConcurrentTasks, 1, 1000],
	['Max Tasks', options.maxTasks, 0, undefined],
	['Polling Interval', options.pollingInterval, 0, 86400],
	['Timeout', options.timeout, 1, 86400],
	['Guidance', options.guidance, 1.5, 10],
	['Safety Tolerance', options.safetyTolerance, 0, 5],
	['Steps', options.steps, 1, 50],
])("the form keeps '%s' in its range", (label, property, minValue, maxValue) => {
	expect(property?.displayName).toBe(label);
	expect(property?.typeOptions?.minValue).toBe(minValue);
	expect(property?.typeOptions?.maxValue).toBe(maxValue);
});

describe('the credential', () => {
	const properties = byName(credential.properties);

	test('is the one that saved workflows name', () => {
		expect(credential).toMatchObject({ name: 'flux2FlexApi', displayName: 'Flux 2 Flex API' });
		expect(Object.keys(properties).sort()).toEqual([
			'apiKey',
			'baseUrl',
			'novitaNotice',
			'service',
			'webhookSecret',
		]);
	});

	test('has its fields', () => {
		expect(rowOf(properties.service)).toEqual({ type: 'options', default: '', required: true });
		expect(rowOf(properties.webhookSecret)).toEqual({
			type: 'string',
			default: '',
			show: { service: ['blackForestLabs'] },
		});
		expect(properties.webhookSecret?.typeOptions?.password).toBe(true);
		expect(rowOf(properties.apiKey)).toMatchObject({ type: 'string', default: '' });
		expect(properties.apiKey?.typeOptions?.password).toBe(true);
		expect(rowOf(properties.baseUrl)).toEqual({ type: 'string', default: '' });
	});

	test('warns at Novita AI alone that the end of the model was announced there', () => {
		expect(rowOf(properties.novitaNotice)).toMatchObject({ show: { service: ['novita'] } });
		expect(properties.novitaNotice?.displayName).toContain('2026-08-19');
	});

	test('offers exactly the services the node knows, in the order of names, with what they are', () => {
		const services = properties.service?.options as INodePropertyOptions[];
		expect(services.map(({ value }) => value)).toEqual([
			'blackForestLabs',
			'falAi',
			'jieKou',
			'novita',
			'replicate',
		]);
		for (const { name, value, description: about } of services) {
			const service = findService(value);
			expect(service?.displayName).toBe(name);
			expect(service?.about).toBe(about);
			const address = service?.defaultBaseUrl;
			expect(credential.test.request.baseURL).toContain(`"${String(value)}":"${address}"`);
		}
	});

	test('never asks for an image in its test', () => {
		expect(credential.test.request.method ?? 'GET').toBe('GET');
		const input = { prompt: 'a cat', seed: -1, images: [], ownOptions: {} };
		for (const { keyTest, submitRequest } of services) {
			expect(keyTest.path).not.toBe(submitRequest(input).path);
		}
	});
});

describe('the names agree', () => {
	test('of codex, package and node', () => {
		expect(packageJson.name).toBe('n8n-nodes-flux-2-flex');
		expect(codex.node).toBe(`${packageJson.name}.${description.name}`);
		expect(codex.nodeVersion).toBe('1.0');
	});

	test('of the built files', () => {
		expect(packageJson.n8n.nodes).toEqual(['dist/nodes/Flux2Flex/Flux2Flex.node.js']);
		expect(packageJson.n8n.credentials).toEqual(['dist/credentials/Flux2FlexApi.credentials.js']);
	});

	test('of the package and what it promises', () => {
		expect(packageJson).toMatchObject({
			license: 'MIT',
			peerDependencies: { 'n8n-workflow': '*' },
		});
		expect(packageJson).not.toHaveProperty('dependencies');
		expect(packageJson.keywords).toContain('n8n-community-node-package');
	});

	test('of node and credential in their icons', () => {
		const images = [description.icon, credential.icon] as Array<{ light: string; dark: string }>;
		for (const { light, dark } of images) {
			expect(light).toMatch(/icons\/flux2Flex\.svg$/);
			expect(dark).toMatch(/icons\/flux2Flex\.dark\.svg$/);
		}
	});
});
