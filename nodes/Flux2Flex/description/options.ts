import type { INodeProperties } from 'n8n-workflow';

import { services } from '../services/registry';
import { imageOperations, paidOperations } from './operation';

// Within a collection, a path from the root starts with a slash.
const forWaiting = { show: { '/operation': ['submitAndWait'] } };
const forPaying = { show: { '/operation': paidOperations } };
const forSubmit = { show: { '/operation': ['submit'] } };
const forDownload = {
	show: { '/operation': imageOperations, '/downloadImage': [true] },
	hide: { '@tool': [true] },
};
const forTool = { show: { '/operation': imageOperations, '@tool': [true] } };

export const fileName = {
	displayName: 'File Name',
	name: 'fileName',
	type: 'string',
	default: '',
	placeholder: 'e.g. lighthouse.png',
	description:
		'Name of the image file. The extension always follows the format of the image. Defaults to flux-2-flex-(task ID).',
	displayOptions: forDownload,
} satisfies INodeProperties;

export const maxConcurrentTasks = {
	displayName: 'Max Concurrent Tasks',
	name: 'maxConcurrentTasks',
	type: 'number',
	typeOptions: { minValue: 1, maxValue: 1000, numberPrecision: 0 },
	default: 20,
	description:
		'How many tasks the service may work on at a time. Applies to the whole run and is read from the first item.',
	displayOptions: forPaying,
} satisfies INodeProperties;

export const maxTasks = {
	displayName: 'Max Tasks',
	name: 'maxTasks',
	type: 'number',
	typeOptions: { minValue: 0, numberPrecision: 0 },
	default: 0,
	description:
		'Spending limit: refuse the run, before paying anything, when it would submit more tasks than this. 0 means no limit. Applies to the whole run and is read from the first item.',
	displayOptions: forPaying,
} satisfies INodeProperties;

export const onTimeout = {
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
} satisfies INodeProperties;

export const pollingInterval = {
	displayName: 'Polling Interval',
	name: 'pollingInterval',
	type: 'number',
	typeOptions: { minValue: 0, maxValue: 86400 },
	default: 0,
	description:
		'How many seconds to wait between two checks of a task. 0 adapts to how long tasks take, which is best in most cases.',
	displayOptions: forWaiting,
} satisfies INodeProperties;

export const resubmitUnconfirmed = {
	displayName: 'Resubmit Unconfirmed',
	name: 'resubmitUnconfirmed',
	type: 'boolean',
	default: false,
	description:
		"Whether to submit a task again when the service's answer was lost. The first one may have been accepted, so you may pay twice.",
	displayOptions: forPaying,
} satisfies INodeProperties;

/** How long a link by which a service fetches a file is valid: the task may wait in a queue before. */
export const DELIVERY_LINK_HOURS = 2;

export const binaryDelivery = {
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
			description: `The service fetches the image from this n8n by a link valid for ${DELIVERY_LINK_HOURS} hours. This n8n must be reachable from the internet.`,
		},
	],
	default: 'dataUri',
	description:
		"How files in 'Reference Images' reach the service. Choose 'Signed Link' where tasks with a data URI fail.",
	displayOptions: forPaying,
} satisfies INodeProperties;

export const timeout = {
	displayName: 'Timeout',
	name: 'timeout',
	type: 'number',
	typeOptions: { minValue: 1, maxValue: 86400 },
	default: 600,
	description: 'How many seconds to wait for a task, counted from when the service accepted it',
	displayOptions: forWaiting,
} satisfies INodeProperties;

/** How long a link that an agent gets is valid. */
export const TOOL_LINK_DAYS = 7;

export const toolResult = {
	displayName: 'Tool Result',
	name: 'toolResult',
	type: 'options',
	options: [
		{
			name: 'Service Link',
			value: 'serviceLink',
			description:
				'The link that the service gave. It ends when the service says, after minutes to days.',
		},
		{
			name: 'Signed Link',
			value: 'n8nLink',
			description: `The image is stored in this n8n, and whoever has the link can open it for ${TOOL_LINK_DAYS} days. This n8n must be reachable for them.`,
		},
	],
	default: 'serviceLink',
	description: 'Which link to the image the agent gets',
	displayOptions: forTool,
} satisfies INodeProperties;

export const webhookUrl = {
	displayName: 'Webhook URL',
	name: 'webhookUrl',
	type: 'string',
	default: '',
	placeholder: 'e.g. {{ $execution.resumeUrl }}',
	description:
		'Address that the service calls when the task is finished. Use it with a Wait node that resumes on a webhook call. Defaults to none.',
	displayOptions: forSubmit,
} satisfies INodeProperties;

/** Options that every service knows; those of single services stand in their own files. */
const commonOptions: INodeProperties[] = [
	fileName,
	maxConcurrentTasks,
	maxTasks,
	onTimeout,
	pollingInterval,
	resubmitUnconfirmed,
	binaryDelivery,
	timeout,
	toolResult,
	webhookUrl,
].map(withDefault);

/** The text of a field with its default, which the form shows only once the option is added. */
function withDefault(option: INodeProperties): INodeProperties {
	if (option.default === '') return option;
	const text = option.description ?? '';
	const stop = text.endsWith('.') ? '' : '.';
	return { ...option, description: `${text}${stop} Defaults to ${nameOfDefault(option)}.` };
}

/** An option as one service has it. */
interface Offer {
	displayName: string;
	option: INodeProperties;
}

const offers = services.flatMap(({ displayName, ownOptions }) =>
	ownOptions.map((option): Offer => ({ displayName, option })),
);

/** One field for what several services have; the description says which, and in what limits. */
const ownOptions = [...new Set(offers.map(({ option }) => option.name))].map((name) =>
	merge(offers.filter(({ option }) => option.name === name)),
);

/** The form takes what any of the services takes; the reader then holds it against the chosen one. */
function merge(offers: Offer[]): INodeProperties {
	const [first, ...others] = offers.map(({ option }) => option);
	const merged = others.reduce(
		({ typeOptions, options: choices, ...rest }, other) => ({
			...rest,
			...(typeOptions && { typeOptions: widen(typeOptions, other.typeOptions) }),
			...(choices && { options: unite(choices, other.options) }),
		}),
		first as INodeProperties,
	);
	const limits = offers.map(
		({ displayName, option }) => `${displayName}: ${describeLimits(option)}`,
	);
	return {
		displayOptions: forPaying,
		...merged,
		description: `${merged.description}. ${limits.join('; ')}.`,
	};
}

function widen(one: Limits, other: Limits = {}): Limits {
	const { minValue: least = -Infinity, maxValue: most = Infinity } = other;
	return {
		...one,
		minValue: Math.min(one.minValue ?? -Infinity, least),
		maxValue: Math.max(one.maxValue ?? Infinity, most),
	};
}

type Limits = NonNullable<INodeProperties['typeOptions']>;
type Choices = NonNullable<INodeProperties['options']>;

function unite(choices: Choices, others: Choices = []): Choices {
	const added = others.filter(({ name }) => !choices.some((choice) => choice.name === name));
	return [...choices, ...added].sort((a, b) => a.name.localeCompare(b.name));
}

function describeLimits(option: INodeProperties): string {
	const { minValue, maxValue } = option.typeOptions ?? {};
	const range = minValue === undefined ? [] : [`${minValue} to ${maxValue}`];
	const choices = (option.options ?? []).map(({ name }) => name);
	return [...range, ...choices, `defaults to ${nameOfDefault(option)}`].join(', ');
}

/** A default as the form shows it. */
function nameOfDefault({ default: value, options: choices = [] }: INodeProperties): string {
	if (typeof value === 'boolean') return value ? 'on' : 'off';
	const choice = choices.find((candidate) => 'value' in candidate && candidate.value === value);
	return choice?.name ?? String(value);
}

export const options = {
	displayName: 'Options',
	name: 'options',
	type: 'collection',
	placeholder: 'Add Option',
	default: {},
	options: [...commonOptions, ...ownOptions].sort((a, b) =>
		a.displayName.localeCompare(b.displayName),
	),
} satisfies INodeProperties;
