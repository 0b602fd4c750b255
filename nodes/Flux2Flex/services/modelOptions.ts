import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

/*
 * The model's options that several hosts have, each in its own limits and with its own default.
 */

export const guidance = (usual: number) =>
	({
		displayName: 'Guidance',
		name: 'guidance',
		type: 'number',
		typeOptions: { minValue: 1.5, maxValue: 10, numberPrecision: 1 },
		default: usual,
		description: 'How closely the image follows the prompt',
	}) satisfies INodeProperties;

const FORMATS = {
	jpeg: { name: 'JPEG', value: 'jpeg' },
	png: { name: 'PNG', value: 'png' },
	webp: { name: 'WebP', value: 'webp' },
} satisfies Record<string, INodePropertyOptions>;

type Format = keyof typeof FORMATS;

/** @param usual the host's default, and its other formats */
export const outputFormat = (usual: Format, ...others: Format[]) =>
	({
		displayName: 'Output Format',
		name: 'outputFormat',
		type: 'options',
		options: [usual, ...others].sort().map((format) => FORMATS[format]),
		default: usual,
		description: 'File format of the image',
	}) satisfies INodeProperties;

export const promptUpsampling = {
	displayName: 'Prompt Upsampling',
	name: 'promptUpsampling',
	type: 'boolean',
	default: true,
	description: 'Whether the service may rewrite the prompt in more detail',
} satisfies INodeProperties;

export const safetyTolerance = (strictest: number) =>
	({
		displayName: 'Safety Tolerance',
		name: 'safetyTolerance',
		type: 'number',
		typeOptions: { minValue: strictest, maxValue: 5, numberPrecision: 0 },
		default: 2,
		description: 'How much the moderation lets pass: the lowest number is the strictest',
	}) satisfies INodeProperties;

export const steps = (fewest: number, usual: number) =>
	({
		displayName: 'Steps',
		name: 'steps',
		type: 'number',
		typeOptions: { minValue: fewest, maxValue: 50, numberPrecision: 0 },
		default: usual,
		description: 'How often the image is refined: fewer steps are faster',
	}) satisfies INodeProperties;
