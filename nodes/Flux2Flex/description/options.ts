import type { INodeProperties } from 'n8n-workflow';

import { imageOperations, paidOperations } from './operation';

// Within a collection, a path from the root starts with a slash.
const forWaiting = { show: { '/operation': ['submitAndWait'] } };
const forPaying = { show: { '/operation': paidOperations } };

export const options: INodeProperties = {
	displayName: 'Options',
	name: 'options',
	type: 'collection',
	placeholder: 'Add Option',
	default: {},
	options: [
		{
			displayName: 'File Name',
			name: 'fileName',
			type: 'string',
			default: '',
			placeholder: 'e.g. lighthouse.png',
			description:
				'Name of the image file. The extension always follows the format of the image. Defaults to flux-2-flex-(task ID).',
			displayOptions: {
				show: { '/operation': imageOperations, '/downloadImage': [true] },
			},
		},
		{
			displayName: 'Guidance (Black Forest Labs)',
			name: 'guidance',
			type: 'number',
			typeOptions: { minValue: 1.5, maxValue: 10, numberPrecision: 1 },
			default: 5,
			description: 'How closely the image follows the prompt, from 1.5 to 10',
			displayOptions: forPaying,
		},
		{
			displayName: 'Max Concurrent Tasks',
			name: 'maxConcurrentTasks',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: 1000, numberPrecision: 0 },
			default: 20,
			description:
				'How many tasks the service may work on at a time. Applies to the whole run and is read from the first item.',
			displayOptions: forPaying,
		},
		{
			displayName: 'Max Tasks',
			name: 'maxTasks',
			type: 'number',
			typeOptions: { minValue: 0, numberPrecision: 0 },
			default: 0,
			description:
				'Spending limit: refuse the run, before paying anything, when it would submit more tasks than this. 0 means no limit. Read from the first item.',
			displayOptions: forPaying,
		},
		{
			displayName: 'On Timeout',
			name: 'onTimeout',
			type: 'options',
			options: [
				{
					name: 'Return an Error',
					value: 'error',
					description: 'The item fails; the message has the task ID',
				},
				{
					name: 'Return the Pending Task',
					value: 'returnPending',
					description: "The item goes on with its task_id and status, for 'Get Task Result' later",
				},
			],
			default: 'error',
			description: 'What to do when a task is not finished in time',
			displayOptions: forWaiting,
		},
		{
			displayName: 'Output Format (Black Forest Labs)',
			name: 'outputFormat',
			type: 'options',
			options: [
				{ name: 'JPEG', value: 'jpeg' },
				{ name: 'PNG', value: 'png' },
				{ name: 'WebP', value: 'webp' },
			],
			default: 'jpeg',
			description: 'File format of the image',
			displayOptions: forPaying,
		},
		{
			displayName: 'Polling Interval',
			name: 'pollingInterval',
			type: 'number',
			typeOptions: { minValue: 0, maxValue: 86400 },
			default: 0,
			description:
				'Seconds between two looks at a task. 0 adapts to how long tasks take, which is best in most cases.',
			displayOptions: forWaiting,
		},
		{
			displayName: 'Prompt Upsampling (Black Forest Labs)',
			name: 'promptUpsampling',
			type: 'boolean',
			default: true,
			description: 'Whether the service may rewrite the prompt in more detail',
			displayOptions: forPaying,
		},
		{
			displayName: 'Resubmit Unconfirmed',
			name: 'resubmitUnconfirmed',
			type: 'boolean',
			default: false,
			description:
				'Whether to send a submit again when its answer was lost. The first one may have been accepted, so this can pay twice.',
			displayOptions: forPaying,
		},
		{
			displayName: 'Safety Tolerance (Black Forest Labs)',
			name: 'safetyTolerance',
			type: 'number',
			typeOptions: { minValue: 0, maxValue: 5, numberPrecision: 0 },
			default: 2,
			description: 'What the moderation lets pass, from 0 (strict) to 5 (least strict)',
			displayOptions: forPaying,
		},
		{
			displayName: 'Send Reference Images As',
			name: 'binaryDelivery',
			type: 'options',
			options: [
				{
					name: 'Data URI',
					value: 'dataUri',
					description: 'The image travels within the request. Some services refuse that.',
				},
				{
					name: 'Signed Link',
					value: 'signedUrl',
					description:
						'The service fetches the image from this n8n by a link valid for two hours. This n8n must be reachable from the internet.',
				},
			],
			default: 'dataUri',
			description:
				'How binary files in Reference Images reach the service. Use Signed Link where tasks with a data URI fail.',
			displayOptions: forPaying,
		},
		{
			displayName: 'Steps (Black Forest Labs)',
			name: 'steps',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: 50, numberPrecision: 0 },
			default: 50,
			description: 'How often the image is refined, from 1 to 50: fewer steps are faster',
			displayOptions: forPaying,
		},
		{
			displayName: 'Timeout',
			name: 'timeout',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: 86400 },
			default: 600,
			description: 'Seconds to wait for a task, counted from its acceptance',
			displayOptions: forWaiting,
		},
		{
			displayName: 'Webhook Secret (Black Forest Labs)',
			name: 'webhookSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description:
				'Signs the call to Webhook URL: its X-BFL-Signature header then holds the HMAC of the body with this secret',
			displayOptions: { show: { '/operation': ['submit'] } },
		},
		{
			displayName: 'Webhook URL',
			name: 'webhookUrl',
			type: 'string',
			default: '',
			placeholder: 'e.g. {{ $execution.resumeUrl }}',
			description:
				'Address that the service calls when the task is finished. Use it with a Wait node that resumes on a webhook call.',
			displayOptions: { show: { '/operation': ['submit'] } },
		},
	],
};
