import type { INodeProperties } from 'n8n-workflow';

export const operation = {
	displayName: 'Operation',
	name: 'operation',
	type: 'options',
	noDataExpression: true,
	options: [
		{
			name: 'Get Task Result',
			value: 'getTaskResult',
			description: 'Ask for a submitted task and get its image once it is there',
			action: 'Get generated image',
		},
		{
			name: 'Submit',
			value: 'submit',
			description: 'Start making an image and return its task ID without waiting',
			action: 'Start generating image',
		},
		{
			name: 'Submit and Wait',
			value: 'submitAndWait',
			description: 'Make an image, wait for it and return it',
			action: 'Generate image',
		},
	],
	default: 'submitAndWait',
} satisfies INodeProperties;

/** The operation's name for people, as an expression of the node's subtitle. */
export const operationNameExpression = `={{ ${JSON.stringify(
	Object.fromEntries(operation.options.map(({ value, name }) => [value, name])),
)}[$parameter["operation"]] }}`;

/** Operations that make an image, and so cost money. */
export const paidOperations = ['submit', 'submitAndWait'];

/** Operations that can hand out an image. */
export const imageOperations = ['getTaskResult', 'submitAndWait'];
