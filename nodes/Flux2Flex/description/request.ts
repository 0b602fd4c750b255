import type { INodeProperties } from 'n8n-workflow';

import { describeSizeRule, isValidSize, writeSize } from '../images/imageSize';
import { services } from '../services/registry';
import { paidOperations } from './operation';

const forPaidOperations = { show: { operation: paidOperations } };
/** Largest reference image; the services document 10 MB for their other image models. */
export const MAX_REFERENCE_MEGABYTES = 10;

const forCustomSize = { show: { operation: paidOperations, size: ['custom'] } };

export const prompt = {
	displayName: 'Prompt',
	name: 'prompt',
	type: 'string',
	typeOptions: { rows: 4 },
	required: true,
	default: '',
	placeholder: 'e.g. A watercolor of a lighthouse at dawn, the word FLUX on its door',
	description:
		'What the image shows. With reference images: what to change, or how to combine them.',
	displayOptions: forPaidOperations,
} satisfies INodeProperties;

export const imageSource = {
	displayName: 'Source',
	name: 'source',
	type: 'options',
	options: [
		{ name: 'Binary File', value: 'binary', description: 'A file of the input item' },
		{ name: 'URL', value: 'url', description: 'A public link that the service fetches itself' },
	],
	default: 'url',
	description: 'Where the image comes from',
} satisfies INodeProperties;

export const imageUrl = {
	displayName: 'Image URL',
	name: 'url',
	type: 'string',
	default: '',
	placeholder: 'e.g. https://example.com/image.png',
	description:
		'Link to the image. Several can be separated by commas, or given as a list by an expression.',
	displayOptions: { show: { source: ['url'] } },
} satisfies INodeProperties;

export const inputDataFieldName = {
	displayName: 'Input Data Field Name',
	name: 'binaryPropertyName',
	type: 'string',
	default: 'data',
	placeholder: 'e.g. data',
	hint: 'The name of the input field containing the file. Several can be separated by commas.',
	description: `The field of the input item that holds the image: PNG, JPEG, WebP or GIF, up to ${MAX_REFERENCE_MEGABYTES} MB`,
	displayOptions: { show: { source: ['binary'] } },
} satisfies INodeProperties;

export const referenceImages = {
	displayName: 'Reference Images',
	name: 'images',
	type: 'fixedCollection',
	typeOptions: { multipleValues: true, sortable: true },
	placeholder: 'Add Image',
	default: {},
	description: `Images to edit or combine, up to as many as the service takes: ${services.map(({ displayName, maxReferenceImages }) => `${displayName} ${maxReferenceImages}`).join(', ')}. The prompt can speak of them in this order. Links must be reachable for the service, so not from your local network.`,
	displayOptions: forPaidOperations,
	options: [
		{
			displayName: 'Image',
			name: 'image',
			values: [imageSource, imageUrl, inputDataFieldName],
		},
	],
} satisfies INodeProperties;

/** Names and sizes, up to the 4 megapixels of the largest. */
const PRESETS: ReadonlyArray<[name: string, width: number, height: number]> = [
	['Landscape 16:9', 1536, 864],
	['Landscape 16:9 Large', 2560, 1440],
	['Landscape 21:9', 1536, 656],
	['Landscape 21:9 Large', 3072, 1312],
	['Landscape 3:2', 1536, 1024],
	['Landscape 3:2 Large', 2496, 1664],
	['Landscape 4:3', 1536, 1152],
	['Landscape 4:3 Large', 2304, 1728],
	['Landscape 5:4', 1520, 1216],
	['Portrait 2:3', 1024, 1536],
	['Portrait 2:3 Large', 1664, 2496],
	['Portrait 3:4', 1152, 1536],
	['Portrait 3:4 Large', 1728, 2304],
	['Portrait 4:5', 1216, 1520],
	['Portrait 9:16', 864, 1536],
	['Portrait 9:16 Large', 1440, 2560],
	['Square 1:1', 1024, 1024],
	['Square 1:1 Extra Large', 2048, 2048],
	['Square 1:1 Large', 1536, 1536],
	['Square 1:1 Small', 512, 512],
];

const presets = PRESETS.map(([name, width, height]) => {
	const makers = services.filter((service) => isValidSize({ width, height }, service.size));
	const option = { name: `${name} (${width} × ${height})`, value: writeSize({ width, height }) };
	if (makers.length === services.length) return option;
	return {
		...option,
		description: `Only at ${makers.map((maker) => maker.displayName).join(', ')}`,
	};
});

export const size = {
	displayName: 'Size',
	name: 'size',
	type: 'options',
	options: [
		{
			name: 'Auto',
			value: 'auto',
			description: 'Let the service choose, e.g. the size of the reference image',
		},
		{ name: 'Custom', value: 'custom', description: "Enter 'Width' and 'Height'" },
		...presets,
	],
	default: 'auto',
	description:
		'Width and height of the image in pixels. An expression may give any size that the service makes, e.g. 1200x800.',
	displayOptions: forPaidOperations,
} satisfies INodeProperties;

/** From the smallest side of any service to the longest that a form needs. */
const sideLimits = { minValue: 64, maxValue: 4096, numberPrecision: 0 };

const sideRule = `of the image in pixels. Each service has its own limits: ${services
	.map((service) => `${service.displayName} ${describeSizeRule(service.size)}`)
	.join('; ')}.`;

export const width = {
	displayName: 'Width',
	name: 'width',
	type: 'number',
	typeOptions: sideLimits,
	default: 1024,
	description: `Width ${sideRule}`,
	displayOptions: forCustomSize,
} satisfies INodeProperties;

export const height = {
	displayName: 'Height',
	name: 'height',
	type: 'number',
	typeOptions: sideLimits,
	default: 1024,
	description: `Height ${sideRule}`,
	displayOptions: forCustomSize,
} satisfies INodeProperties;

export const seed = {
	displayName: 'Seed',
	name: 'seed',
	type: 'number',
	typeOptions: { minValue: -1, maxValue: 2147483647, numberPrecision: 0 },
	default: -1,
	description:
		'The number that randomness starts from: the same seed and prompt give the same image again. -1 takes another one every time.',
	displayOptions: forPaidOperations,
} satisfies INodeProperties;

/** What is ordered. */
export const requestFields: INodeProperties[] = [
	prompt,
	referenceImages,
	size,
	width,
	height,
	seed,
];
