import { asHttpUrl, asId, asNumber, asObject, asText } from '../values/untrusted';
import { guidance, outputFormat, promptUpsampling, safetyTolerance, steps } from './modelOptions';
import {
	isAmbiguousStatus,
	isSuccess,
	kindOfStatus,
	sentences,
	speaksOfContent,
	withoutImage,
} from './refusals';
import type { GenerationInput, Refusal, RefusalKind, Service, ServiceAnswer } from './service';
import { typeInName, type Task, type TaskImage, type TaskReference, type TaskReport } from './task';

/** "Input, output and logs are removed after an hour." */
export const LINK_SECONDS = 3600;

/** https://replicate.com/docs/reference/http and https://replicate.com/black-forest-labs/flux-2-flex/api */
export const replicate: Service = {
	id: 'replicate',
	displayName: 'Replicate',
	about: 'A host of many models, up to 4 megapixels and 10 reference images',
	defaultBaseUrl: 'https://api.replicate.com',
	authenticate: (apiKey) => ({ Authorization: `Bearer ${apiKey}` }),
	keyTest: { path: '/v1/account', goodStatus: 200, proof: 'username' },
	maxReferenceImages: 10,
	// It recommends links for more than 256 kB; this is where its own client stops.
	maxInlineBytes: 10_000_000,
	// A prediction repeats its input, and base64 is a third longer than the files.
	maxAnswerBytes: 16 * 1024 * 1024,
	size: { minSide: 256, maxSide: 2048, multipleOf: 16, maxPixels: 2048 * 2048 },
	ownOptions: [
		guidance(4.5),
		outputFormat('webp', 'jpeg', 'png'),
		promptUpsampling,
		safetyTolerance(1),
		steps(1, 30),
	],
	submitRequest: (input) => ({
		method: 'POST',
		path: '/v1/models/black-forest-labs/flux-2-flex/predictions',
		body: submitBody(input),
	}),
	taskRequest: ({ taskId }) => ({
		method: 'GET',
		path: `/v1/predictions/${encodeURIComponent(taskId)}`,
	}),
	isOwnAnswer,
	readReceipt: ({ status, body }) => {
		const answer = asObject(body);
		const taskId = asId(answer?.id);
		if (taskId === undefined || !isSuccess(status)) return undefined;
		return { taskId, charges: {} };
	},
	readTask,
	readRefusal,
};

function submitBody({ prompt, size, seed, images, webhookUrl, ownOptions }: GenerationInput) {
	const { guidance, outputFormat, promptUpsampling, safetyTolerance, steps } = ownOptions;
	// What is undefined does not become part of the JSON.
	return {
		input: {
			prompt,
			...(size && { aspect_ratio: 'custom', ...size }),
			input_images: images.length > 0 ? images : undefined,
			// Absent means random here; there is no number for it.
			seed: seed < 0 ? undefined : seed,
			guidance,
			output_format: outputFormat === 'jpeg' ? 'jpg' : outputFormat,
			prompt_upsampling: promptUpsampling,
			safety_tolerance: safetyTolerance,
			steps,
		},
		...(webhookUrl !== undefined && {
			webhook: webhookUrl,
			webhook_events_filter: ['completed'],
		}),
	};
}

/** A prediction, or its problem document; that of somebody else has a type or names its instance. */
function isOwnAnswer({ status, body }: ServiceAnswer): boolean {
	const answer = asObject(body);
	if (answer === undefined) return false;
	if (isSuccess(status))
		return asId(answer.id) !== undefined && asText(answer.status) !== undefined;
	const { title, detail, type, instance } = answer;
	if (asText(detail) === undefined || type !== undefined || instance !== undefined) return false;
	// Any framework says `detail`, in words of its own.
	return asText(title) !== undefined || /^(Not found|Request was throttled)/.test(String(detail));
}

function readTask(
	{ status, body }: ServiceAnswer,
	{ taskId }: TaskReference,
): TaskReport | undefined {
	const answer = asObject(body);
	if (answer === undefined || !isSuccess(status)) return undefined;
	// Somebody else's task must never come out as this item's image.
	if (answer.id !== undefined && asId(answer.id) !== taskId) return undefined;
	const task = readState(answer, taskId);
	return task && { task, answer };
}

function readState(answer: Record<string, unknown>, taskId: string): Task | undefined {
	const state = asText(answer.status);
	const reason = sentences(answer.error).join('; ');
	switch (state) {
		case undefined:
			return undefined;
		case 'succeeded':
			return readSuccess(answer, taskId);
		case 'failed':
		case 'canceled':
		case 'aborted':
			return {
				status: 'failed',
				taskId,
				reason: reason === '' ? `The task was ${state}` : reason,
				filtered: speaksOfContent(reason),
			};
		case 'starting':
			return { status: 'queued', taskId };
		default:
			// `processing`, and states of tomorrow: only the deadline ends the wait for them.
			return { status: 'processing', taskId };
	}
}

function readSuccess(answer: Record<string, unknown>, taskId: string): Task {
	const { output } = answer;
	if (answer.data_removed === true && (output ?? null) === null) {
		return {
			status: 'failed',
			taskId,
			reason: 'The image is gone: the service removes images after an hour',
			filtered: false,
		};
	}
	if ((output ?? null) === null) return withoutImage(taskId);
	const url = asHttpUrl(output);
	// An image without a usable link was paid for: it must not be lost silently.
	if (url === undefined) return { status: 'unusable', taskId, link: output };
	const finishedAt = Date.parse(asText(answer.completed_at) ?? '');
	const image: TaskImage = {
		url,
		type: typeInName(url),
		secondsToLive: LINK_SECONDS,
		livesFrom: Number.isNaN(finishedAt) ? undefined : finishedAt,
		nsfw: null,
	};
	return { status: 'succeeded', taskId, images: [image] };
}

function readRefusal(
	{ status, body }: ServiceAnswer,
	asked: 'submit' | 'task',
): Refusal | undefined {
	if (isSuccess(status)) return undefined;
	const answer = asObject(body) ?? {};
	const words = [answer.title, answer.detail].flatMap(sentences);
	const text = words.length > 0 ? words.join(': ') : undefined;
	return {
		kind:
			asked === 'task' && status === 404
				? 'unknownTask'
				: (kindOfComplaint(status, answer) ?? kindOfStatus(status, text)),
		status,
		text,
		mayHaveCreatedTask: isAmbiguousStatus(status),
		retryAfter: asNumber(answer.retry_after) ?? secondsIn(text),
	};
}

function kindOfComplaint(
	status: number,
	{ detail, invalid_fields }: Record<string, unknown>,
): RefusalKind | undefined {
	if (status !== 400 && status !== 422) return undefined;
	if (speaksOfContent(asText(detail))) return 'filteredContent';
	const fields: unknown[] = Array.isArray(invalid_fields) ? invalid_fields : [];
	const isAboutImages = fields.some((field) =>
		/input_images/.test(asText(asObject(field)?.field) ?? ''),
	);
	return isAboutImages ? 'unreadableImage' : undefined;
}

/** "Your rate limit resets in ~30s." */
function secondsIn(text: string | undefined): number | undefined {
	const [, seconds] = /resets in ~?(\d+(?:\.\d+)?)\s?s/i.exec(text ?? '') ?? [];
	return asNumber(seconds);
}
