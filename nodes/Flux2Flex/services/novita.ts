import { asHttpUrl, asId, asNumber, asObject, asSeed, asText } from '../values/untrusted';
import {
	isAmbiguousStatus,
	isSuccess,
	kindOfStatus,
	speaksOfContent,
	withoutImage,
} from './refusals';
import type { GenerationInput, Refusal, RefusalKind, Service, ServiceAnswer } from './service';
import type { Task, TaskImage, TaskReference, TaskReport } from './task';

/** https://novita.ai/docs/api-reference/model-apis-task-result */
export const TASK_RESULT_PATH = '/v3/async/task-result';

/** https://novita.ai/docs/api-reference/model-apis-flux-2-flex */
export const novita: Service = {
	id: 'novita',
	displayName: 'Novita AI',
	about: 'A host of many models, up to 3 reference images',
	defaultBaseUrl: 'https://api.novita.ai',
	authenticate: (apiKey) => ({ Authorization: `Bearer ${apiKey}` }),
	keyTest: {
		path: '/openapi/v1/billing/balance/detail',
		goodStatus: 200,
		proof: 'availableBalance',
	},
	announcedEnd: '2026-08-19',
	maxReferenceImages: 3,
	size: { minSide: 256, maxSide: 1536, multipleOf: 1, maxPixels: 1536 * 1536 },
	ownOptions: [],
	submitRequest: (input) => ({
		method: 'POST',
		path: '/v3/async/flux-2-flex',
		body: submitBody(input),
	}),
	taskRequest: ({ taskId }) => ({
		method: 'GET',
		path: TASK_RESULT_PATH,
		query: { task_id: taskId },
	}),
	isOwnAnswer: ({ body }) => {
		const answer = asObject(body);
		if (answer === undefined) return false;
		const isReply = 'task_id' in answer || 'task' in answer;
		// Others have codes and messages as well; a reason like NOT_ENOUGH_BALANCE is its own.
		return isReply || /^[A-Z][A-Z\d_]+$/.test(asText(answer.reason) ?? '');
	},
	readReceipt: ({ status, body }) => {
		const taskId = asId(asObject(body)?.task_id);
		return taskId === undefined || !isSuccess(status) ? undefined : { taskId, charges: {} };
	},
	readTask,
	readRefusal,
};

function submitBody(input: GenerationInput): Record<string, unknown> {
	return {
		prompt: input.prompt,
		seed: input.seed,
		// The separator is `*`; an `x` was seen to be rejected.
		...(input.size && { size: `${input.size.width}*${input.size.height}` }),
		// An empty array is out of the documented length 1–3.
		...(input.images.length > 0 && { images: input.images }),
		...(input.webhookUrl !== undefined && { extra: { webhook: { url: input.webhookUrl } } }),
	};
}

function readTask({ body }: ServiceAnswer, { taskId }: TaskReference): TaskReport | undefined {
	const answer = asObject(body);
	const task = asObject(answer?.task);
	if (answer === undefined || task === undefined) return undefined;
	// Somebody else's task must never come out as this item's image.
	if (task.task_id !== undefined && asId(task.task_id) !== taskId) return undefined;
	const state = readState(answer, task, taskId);
	return state && { task: state, answer };
}

function readState(
	answer: Record<string, unknown>,
	task: Record<string, unknown>,
	taskId: string,
): Task | undefined {
	const reason = asText(task.reason);
	const eta = asNumber(task.eta);
	const progressPercent = asNumber(task.progress_percent);
	switch (task.status) {
		case 'TASK_STATUS_SUCCEED':
			return readSuccess(answer, taskId, reason);
		case 'TASK_STATUS_FAILED':
			return {
				status: 'failed',
				taskId,
				reason,
				filtered: speaksOfContent(reason),
				progressPercent,
			};
		case 'TASK_STATUS_QUEUED':
			return { status: 'queued', taskId, reason, eta, progressPercent };
		default:
			if (asText(task.status) === undefined) return undefined;
			// TASK_STATUS_UNKNOWN and states of tomorrow: only the deadline ends the wait for them.
			return { status: 'processing', taskId, reason, eta, progressPercent };
	}
}

function readSuccess(
	answer: Record<string, unknown>,
	taskId: string,
	reason: string | undefined,
): Task | undefined {
	const extra = asObject(answer.extra);
	const list = answer.images ?? [];
	if (!Array.isArray(list)) return undefined;
	const contentFlags = Array.isArray(extra?.has_nsfw_contents) ? extra.has_nsfw_contents : [];
	const images: TaskImage[] = [];
	for (const [index, entry] of list.entries()) {
		const image = readImage(asObject(entry), contentFlags[index]);
		// An image without a usable link was paid for: it must not be lost silently.
		if (image === undefined) {
			return { status: 'unusable', taskId, link: asObject(entry)?.image_url ?? entry };
		}
		images.push(image);
	}
	const [first, ...others] = images;
	if (first === undefined) return withoutImage(taskId, reason);
	return { status: 'succeeded', taskId, seed: asSeed(extra?.seed), images: [first, ...others] };
}

function readImage(
	image: Record<string, unknown> | undefined,
	contentFlag: unknown,
): TaskImage | undefined {
	const url = asHttpUrl(image?.image_url);
	if (image === undefined || url === undefined) return undefined;
	const secondsToLive = asNumber(image.image_url_ttl);
	const detected = asObject(image.nsfw_detection_result)?.valid ?? contentFlag;
	return {
		url,
		type: asText(image.image_type),
		// "0" was seen with permanent links: it does not mean expired.
		secondsToLive: secondsToLive !== undefined && secondsToLive > 0 ? secondsToLive : undefined,
		nsfw: typeof detected === 'boolean' ? detected : null,
	};
}

const KIND_OF_REASON: Record<string, RefusalKind> = {
	INVALID_API_KEY: 'badKey',
	MISSING_API_KEY: 'badKey',
	FAILED_TO_AUTH: 'badKey',
	UNAUTHORIZED: 'badKey',
	NOT_ENOUGH_BALANCE: 'emptyBalance',
	BILLING_BALANCE_NOT_ENOUGH: 'emptyBalance',
	BILLING_AUTH_FAILED: 'emptyBalance',
	FEATURE_NOT_ALLOWED: 'notAllowed',
	API_NOT_ALLOWED: 'notAllowed',
	NEED_REAL_NAME_VERIFY: 'notAllowed',
	ACCESS_DENY: 'notAllowed',
	RATE_LIMIT_EXCEEDED: 'rateLimit',
	ILLEGAL_PROMPT: 'filteredContent',
	ILLEGAL_IMAGE_CONTENT: 'filteredContent',
	IMAGE_FILE_EXCEEDS_MAX_SIZE: 'unreadableImage',
	INVALID_IMAGE_FORMAT: 'unreadableImage',
	IMAGE_EXCEEDS_MAX_RESOLUTION: 'unreadableImage',
	INVALID_REQUEST_BODY: 'invalidRequest',
	INVALID_IMAGE_SIZE: 'invalidRequest',
	API_NOT_FOUND: 'routeNotFound',
	MODEL_NOT_FOUND: 'routeNotFound',
	TASK_NOT_FOUND: 'unknownTask',
	CREATE_TASK_FAILED: 'unavailable',
	SERVICE_NOT_AVAILABLE: 'unavailable',
};

/** The 5xx reasons that say themselves that no task was made. */
const NO_TASK_CREATED = new Set(['CREATE_TASK_FAILED', 'SERVICE_NOT_AVAILABLE']);

/** The reason decides before the status does: a 403 can mean a bad key or an empty balance. */
function readRefusal({ status, body }: ServiceAnswer): Refusal | undefined {
	const envelope = asObject(body);
	const reason = asText(envelope?.reason);
	if (isSuccess(status)) {
		// An error may come as a success whose body has the status.
		const code = asNumber(envelope?.code) ?? 0;
		return code >= 400 && kindOfReason(reason) !== undefined
			? readRefusal({ status: code, headers: {}, body })
			: undefined;
	}
	const message = asText(envelope?.message);
	const words = [reason, message].filter((word) => word !== undefined);
	return {
		kind: kindOfReason(reason) ?? kindOfStatus(status, message),
		status,
		text: words.length > 0 ? words.join(': ') : undefined,
		mayHaveCreatedTask:
			isAmbiguousStatus(status) && !(reason !== undefined && NO_TASK_CREATED.has(reason)),
	};
}

function kindOfReason(reason: string | undefined): RefusalKind | undefined {
	if (reason === undefined || !Object.hasOwn(KIND_OF_REASON, reason)) return undefined;
	return KIND_OF_REASON[reason];
}
