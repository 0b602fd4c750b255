import type { IDataObject } from 'n8n-workflow';

const STATUSES = ['queued', 'processing', 'succeeded', 'failed'];

const isDate = (value: unknown) =>
	typeof value === 'string' &&
	!Number.isNaN(Date.parse(value)) &&
	new Date(value).toISOString() === value;

type Check = (value: unknown) => boolean;

const isNumberIfAny: Check = (value) => value === undefined || Number.isFinite(value);
const isTextIfAny: Check = (value) => value === undefined || typeof value === 'string';

const always: Record<string, Check> = {
	task_id: (value) => typeof value === 'string' && value !== '',
	status: (value) => STATUSES.includes(value as string),
	error: (value) => value === undefined,
};

const withImage: Record<string, Check> = {
	...always,
	seed: (value) => value === undefined || Number.isSafeInteger(value),
	image_url: (value) => /^https?:\/\//.test(String(value)),
	image_type: (value) => typeof value === 'string' && value !== '',
	image_url_expires_at: (value) => value === null || isDate(value),
	nsfw: (value) => value === null || typeof value === 'boolean',
	cost: isNumberIfAny,
	input_mp: isNumberIfAny,
	output_mp: isNumberIfAny,
};

const withoutImage: Record<string, Check> = {
	...always,
	reason: isTextIfAny,
	eta: isNumberIfAny,
	progress_percent: isNumberIfAny,
	polling_url: isTextIfAny,
	status_url: isTextIfAny,
	response_url: isTextIfAny,
	cancel_url: isTextIfAny,
};

/** The fields of a simplified item that are not as promised, with their values. */
export function brokenFields(json: IDataObject): string[] {
	const checks = json.status === 'succeeded' ? withImage : withoutImage;
	const broken = Object.entries(checks).filter(([field, isGood]) => !isGood(json[field]));
	const unknown = Object.keys(json).filter((field) => !Object.hasOwn(checks, field));
	return [...broken.map(([field]) => field), ...unknown].map(
		(field) => `${field}: ${JSON.stringify(json[field])}`,
	);
}
