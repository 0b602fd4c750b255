import type { INodeProperties } from 'n8n-workflow';

import { asHttpUrl, asId, asNumber, asObject, asSeed, asText } from '../values/untrusted';
import {
	isAmbiguousStatus,
	isSuccess,
	kindOfStatus,
	sentences,
	speaksOfContent,
	withoutImage,
} from './refusals';
import { WEBHOOK_SECRET } from './account';
import { guidance, outputFormat, promptUpsampling, safetyTolerance, steps } from './modelOptions';
import type { GenerationInput, Refusal, RefusalKind, Service, ServiceAnswer } from './service';
import {
	readLinks,
	typeInName,
	type Charges,
	type FailedTask,
	type Task,
	type TaskReference,
	type TaskReport,
} from './task';

const webhookSecret = {
	displayName: 'Webhook Secret',
	name: WEBHOOK_SECRET,
	type: 'string',
	typeOptions: { password: true },
	default: '',
	description:
		"A password of your choice. The service signs its calls to 'Webhook URL' with it (header X-BFL-Signature), so that the receiver can tell that a call is genuine.",
} satisfies INodeProperties;

/** https://docs.bfl.ai/api-reference/models/generate-or-edit-an-image-with-flux2-[flex] */
export const blackForestLabs: Service = {
	id: 'blackForestLabs',
	displayName: 'Black Forest Labs',
	about: 'The makers of FLUX.2: up to 4 megapixels and 8 reference images',
	defaultBaseUrl: 'https://api.bfl.ai',
	domain: 'bfl.ai',
	authenticate: (apiKey) => ({ 'x-key': apiKey }),
	keyTest: { path: '/v1/credits', goodStatus: 200, proof: 'credits' },
	maxReferenceImages: 8,
	maxActiveTasks: 24,
	// "At most 4 MP": 2048 × 2048 is the largest square.
	size: { minSide: 64, maxSide: 65_536, multipleOf: 16, maxPixels: 2048 * 2048 },
	credentialFields: [webhookSecret],
	ownOptions: [
		guidance(5),
		outputFormat('jpeg', 'png', 'webp'),
		promptUpsampling,
		safetyTolerance(0),
		steps(1, 50),
	],
	submitRequest: (input) => ({
		method: 'POST',
		path: '/v1/flux-2-flex',
		body: submitBody(input),
	}),
	taskRequest: ({ taskId, links }) => ({
		method: 'GET',
		url: links?.polling_url,
		path: '/v1/get_result',
		query: { id: taskId },
	}),
	isOwnAnswer,
	readReceipt,
	readTaskLink,
	regionalLink: 'polling_url',
	readTask,
	readRefusal,
};

function submitBody(input: GenerationInput) {
	const { prompt, size, seed, images, webhookUrl, webhookSecret, ownOptions } = input;
	const references = images.map((image, index) => [
		index === 0 ? 'input_image' : `input_image_${index + 1}`,
		bareBase64(image),
	]);
	// What is undefined does not become part of the JSON.
	return {
		prompt,
		...size,
		// Absent means random here; there is no number for it.
		seed: seed < 0 ? undefined : seed,
		...(Object.fromEntries(references) as Record<string, string>),
		guidance: ownOptions.guidance,
		output_format: ownOptions.outputFormat,
		prompt_upsampling: ownOptions.promptUpsampling,
		safety_tolerance: ownOptions.safetyTolerance,
		steps: ownOptions.steps,
		webhook_url: webhookUrl,
		webhook_secret: webhookUrl === undefined ? undefined : webhookSecret,
	};
}

/** Takes links and plain base64; the head of a data URI is not part of either. */
function bareBase64(image: string): string {
	return /^data:/i.test(image) ? image.slice(image.indexOf(',') + 1) : image;
}

/** Its framework says `detail`; the vendor's guide has an envelope `{error, message}`. */
function isOwnAnswer({ status, body }: ServiceAnswer): boolean {
	const answer = asObject(body);
	if (answer === undefined) return false;
	if (asId(answer.id) !== undefined) {
		// Others have an id for what they refused.
		if (isSuccess(status) || asText(answer.status) !== undefined) return true;
	}
	// With a title it is the problem document of somebody else (RFC 9457).
	if ((answer.detail ?? null) !== null) return answer.title === undefined;
	const isCode = /^[a-z]+(_[a-z]+)*$/.test(asText(answer.error) ?? '');
	return isCode && asText(answer.message) !== undefined;
}

function readReceipt({ status, body }: ServiceAnswer) {
	const answer = asObject(body);
	const taskId = asId(answer?.id);
	if (answer === undefined || taskId === undefined) return undefined;
	if (!isTask(status, answer)) return undefined;
	return { taskId, links: readLinks(answer, 'polling_url'), charges: readCharges(answer) };
}

function readTaskLink(link: string): TaskReference | undefined {
	const taskId = asText(new URL(link).searchParams.get('id'));
	return taskId === undefined ? undefined : { taskId, links: { polling_url: link } };
}

function readCharges(answer: Record<string, unknown>): Charges {
	const charges: Charges = {};
	for (const name of ['cost', 'input_mp', 'output_mp'] as const) {
		const amount = asNumber(answer[name]);
		if (amount !== undefined) charges[name] = amount;
	}
	return charges;
}

/** A failed task was seen to come as an HTTP error: with an id and a status it is a task all the same. */
function isTask(httpStatus: number, { id, status }: Record<string, unknown>): boolean {
	if (status === 'Task not found') return false;
	if (isSuccess(httpStatus)) return true;
	return asId(id) !== undefined && asText(status) !== undefined;
}

/** https://docs.bfl.ai/api-reference/utility/get-result */
function readTask(
	{ status, body }: ServiceAnswer,
	{ taskId }: TaskReference,
): TaskReport | undefined {
	const answer = asObject(body);
	if (answer === undefined || !isTask(status, answer)) return undefined;
	// Somebody else's task must never come out as this item's image.
	if (answer.id !== undefined && asId(answer.id) !== taskId) return undefined;
	const task = readState(answer, taskId);
	return task && { task, answer };
}

function readState(answer: Record<string, unknown>, taskId: string): Task | undefined {
	switch (answer.status) {
		case 'Ready':
			return readSuccess(answer, taskId);
		case 'Request Moderated':
		case 'Content Moderated':
		case 'Error':
		case 'Failed':
			return readFailure(answer, answer.status, taskId);
		default: {
			if (asText(answer.status) === undefined) return undefined;
			// Pending covers the queue as well; for states of tomorrow only the deadline ends the wait.
			const share = asNumber(answer.progress);
			const progressPercent = share === undefined ? undefined : Math.round(share * 100);
			return { status: 'processing', taskId, progressPercent };
		}
	}
}

function readFailure(answer: Record<string, unknown>, status: string, taskId: string): FailedTask {
	const words = wordsOf(answer);
	const reason = words.length > 0 ? words.join(': ') : status;
	return {
		status: 'failed',
		taskId,
		reason: status === 'Error' ? reason : [status, ...words].join(': '),
		filtered: speaksOfContent(`${status} ${reason}`),
	};
}

function readSuccess(answer: Record<string, unknown>, taskId: string): Task | undefined {
	const result = asObject(answer.result ?? {});
	if (result !== undefined && (result.sample ?? null) === null) {
		return withoutImage(taskId);
	}
	const url = asHttpUrl(result?.sample);
	// An image without a usable link was paid for: it must not be lost silently.
	if (url === undefined) {
		return { status: 'unusable', taskId, link: result?.sample ?? answer.result };
	}
	return {
		status: 'succeeded',
		taskId,
		seed: asSeed(result?.seed),
		charges: readCharges(answer),
		images: [{ url, type: typeInName(url), secondsToLive: LINK_SECONDS, nsfw: null }],
	};
}

/** "The link is valid for 10 minutes." */
export const LINK_SECONDS = 600;

const KIND_OF_ERROR: Record<string, RefusalKind> = {
	content_policy_violation: 'filteredContent',
	invalid_image: 'unreadableImage',
};

function readRefusal(
	{ status, body }: ServiceAnswer,
	asked: 'submit' | 'task',
): Refusal | undefined {
	const envelope = asObject(body) ?? {};
	const isUnknownTask = envelope.status === 'Task not found';
	if (isSuccess(status) && !isUnknownTask) return undefined;
	const words = wordsOf(envelope);
	const text = words.length > 0 ? words.join(': ') : asText(envelope.status);
	const error = asText(envelope.error);
	const kindOfError =
		error !== undefined && Object.hasOwn(KIND_OF_ERROR, error) ? KIND_OF_ERROR[error] : undefined;
	// A task of another region is answered like a route that is not there.
	const isAboutTask = isUnknownTask || (status === 404 && asked === 'task');
	const isOverloaded = status === 503 && OVERLOADED.test(text ?? '');
	return {
		kind: isAboutTask
			? 'unknownTask'
			: isOverloaded
				? 'overloaded'
				: (kindOfError ?? kindOfWords(status, text) ?? kindOfStatus(status, text)),
		status,
		text,
		mayHaveCreatedTask: isAmbiguousStatus(status) && !isOverloaded,
		retryAfter: asNumber(envelope.retry_after),
	};
}

/** "… is over capacity and temporarily shedding requests": no task was made, nothing charged. */
const OVERLOADED = /over capacity|shedding requests/i;

/** A malformed key is refused as a bad field (422); the vendor lists 403 for a bad one. */
function kindOfWords(status: number, text: string | undefined): RefusalKind | undefined {
	if (text === undefined) return undefined;
	if (status === 422 && /^invalid api key/i.test(text)) return 'badKey';
	return status === 403 && /^forbidden\b/i.test(text) ? 'badKey' : undefined;
}

/**
 * The words of an answer that says no: `{error, message, details}`, or what its framework makes of a
 * bad field, `{detail: [{loc, msg, type}]}`.
 */
function wordsOf({ error, message, details, detail }: Record<string, unknown>): string[] {
	return [error, message, details, detail]
		.map((part) => sentences(part).join('; '))
		.filter((words) => words !== '');
}
