import type { INodeProperties } from 'n8n-workflow';

import { imageOperations } from './operation';

/** An agent gets a link in few words, whatever these say. */
const forTools = { '@tool': [true] };

export const taskId = {
	displayName: 'Task ID',
	name: 'taskId',
	type: 'string',
	required: true,
	default: '',
	placeholder: 'e.g. {{ $json.task_id }}',
	description: "The task_id that 'Submit' returned, or its polling_url where there is one",
	displayOptions: { show: { operation: ['getTaskResult'] } },
} satisfies INodeProperties;

export const downloadImage = {
	displayName: 'Download Image',
	name: 'downloadImage',
	type: 'boolean',
	default: true,
	description:
		'Whether to store the image as a file in the output item. Without it only its link is returned, which expires.',
	displayOptions: { show: { operation: imageOperations }, hide: forTools },
} satisfies INodeProperties;

export const outputField = {
	displayName: 'Put Output File in Field',
	name: 'binaryPropertyName',
	type: 'string',
	required: true,
	default: 'data',
	placeholder: 'e.g. data',
	hint: 'The name of the output binary field to put the file in',
	displayOptions: { show: { operation: imageOperations, downloadImage: [true] }, hide: forTools },
} satisfies INodeProperties;

export const simplify = {
	displayName: 'Simplify',
	name: 'simplify',
	type: 'boolean',
	default: true,
	description: 'Whether to return a simplified version of the response instead of the raw data',
	displayOptions: { show: { operation: imageOperations }, hide: forTools },
} satisfies INodeProperties;

/** Which task to ask for, and how its result is handed out. */
export const resultFields: INodeProperties[] = [taskId, downloadImage, outputField, simplify];
