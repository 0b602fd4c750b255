import { asHttpUrl, asId, asNumber, asObject, asSeed, asText } from '../values/untrusted';
import { guidance, outputFormat, safetyTolerance, steps } from './modelOptions';
import {
	isAmbiguousStatus,
	isSuccess,
	kindOfStatus,
	sentences,
	speaksOfContent,
	withoutImage,
} from './refusals';
import type {
	FollowUp,
	GenerationInput,
	Refusal,
	RefusalKind,
	Service,
	ServiceAnswer,
} from './service';
import {
	readLinks,
	type FailedTask,
	type Task,
	type TaskImage,
	type TaskReference,
	type TaskReport,
} from './task';

const MODEL = '/fal-ai/flux-2-flex';
/** Tasks have it without the model's own sub-path, also those with reference images. */
const taskPath = (taskId: string) => `${MODEL}/requests/${encodeURIComponent(taskId)}`;

/** https://fal.ai/models/fal-ai/flux-2-flex/api and https://fal.ai/docs/model-apis/model-endpoints/queue */
export const falAi: Service = {
	id: 'falAi',
	displayName: 'fal.ai',
	about: 'A host of many models, up to 4 megapixels and 10 reference images',
	defaultBaseUrl: 'https://queue.fal.run',
	domain: 'queue.fal.run',
	authenticate: (apiKey) => ({ Authorization: `Key ${apiKey}` }),
	// No call for the account is documented. Asking for a task that does not exist tells a good key
	// (404, NOT_FOUND) from a bad one (401).
	keyTest: {
		path: `${taskPath('00000000-0000-4000-8000-000000000000')}/status`,
		goodStatus: 404,
		// A text as long as that word: gateways have a status there, too, as a number or as "error".
		proof: 'status[8]',
	},
	// Neither this nor the sizes are documented there: the limits of the model elsewhere.
	maxReferenceImages: 10,
	// A complaint repeats the request.
	maxAnswerBytes: 16 * 1024 * 1024,
	size: { minSide: 64, maxSide: 65_536, multipleOf: 1, maxPixels: 2048 * 2048 },
	ownOptions: [guidance(3.5), outputFormat('jpeg', 'png'), safetyTolerance(1), steps(2, 28)],
	submitRequest: (input) => ({
		method: 'POST',
		path: input.images.length > 0 ? `${MODEL}/edit` : MODEL,
		...(input.webhookUrl !== undefined && { query: { fal_webhook: input.webhookUrl } }),
		// It would run a job again by itself up to ten times: what is ordered once, it may do once.
		headers: { 'X-Fal-No-Retry': '1' },
		body: submitBody(input),
	}),
	taskRequest: ({ taskId, links }) => ({
		method: 'GET',
		url: links?.status_url,
		path: `${taskPath(taskId)}/status`,
	}),
	isOwnAnswer,
	readReceipt: ({ status, body }) => {
		const answer = asObject(body);
		const taskId = asId(answer?.request_id);
		if (answer === undefined || taskId === undefined || !isSuccess(status)) return undefined;
		return {
			taskId,
			links: readLinks(answer, 'status_url', 'response_url', 'cancel_url'),
			charges: {},
		};
	},
	readTaskLink,
	readTask,
	readRefusal,
};

function submitBody({ prompt, size, seed, images, ownOptions }: GenerationInput) {
	const { guidance, outputFormat, safetyTolerance, steps } = ownOptions;
	// What is undefined does not become part of the JSON.
	return {
		prompt,
		image_size: size,
		image_urls: images.length > 0 ? images : undefined,
		// Absent means random here; there is no number for it.
		seed: seed < 0 ? undefined : seed,
		guidance_scale: guidance,
		num_inference_steps: steps,
		output_format: outputFormat,
		// A text, for a number.
		safety_tolerance: safetyTolerance === undefined ? undefined : String(safetyTolerance),
	};
}

/** Where a task stands; NOT_FOUND is the word for one that it does not know. */
const STATUSES = new Set<unknown>(['IN_QUEUE', 'IN_PROGRESS', 'COMPLETED', 'NOT_FOUND']);

/** Its framework says `detail`; a gateway may give its own refusals a `request_id`, too. */
function isOwnAnswer({ status, body }: ServiceAnswer): boolean {
	const answer = asObject(body);
	if (answer === undefined) return false;
	if (STATUSES.has(answer.status)) return true;
	if (isSuccess(status) && (asId(answer.request_id) !== undefined || 'images' in answer))
		return true;
	const { title, detail = null } = answer;
	// With a title it is the problem document of somebody else (RFC 9457). What the framework says by
	// itself of a missing route, a gateway made with it says, too; the service names what is missing.
	return detail !== null && title === undefined && detail !== 'Not Found';
}

/** The link that asks for a task, or the one to its result. */
function readTaskLink(link: string): TaskReference | undefined {
	const { pathname } = new URL(link);
	const [, taskId, call] = /\/requests\/([\w-]+)(\/status|\/response)?\/?$/.exec(pathname) ?? [];
	if (taskId === undefined) return undefined;
	const name = call === '/status' ? 'status_url' : 'response_url';
	return { taskId, links: { [name]: link } };
}

/** A task is asked for its status first, and then for its result: only that one has images and reasons. */
function readTask(
	{ status, body }: ServiceAnswer,
	reference: TaskReference,
): TaskReport | FollowUp | undefined {
	const answer = asObject(body);
	const state = asText(answer?.status);
	if (answer === undefined || state === undefined || !isSuccess(status)) return undefined;
	const { taskId, links } = reference;
	// Somebody else's task must never come out as this item's image.
	if (answer.request_id !== undefined && asId(answer.request_id) !== taskId) return undefined;
	if (state !== 'COMPLETED') {
		// IN_PROGRESS, and states of tomorrow: only the deadline ends the wait for them.
		const pending = state === 'IN_QUEUE' ? 'queued' : 'processing';
		return { task: { status: pending, taskId }, answer };
	}
	// Documented for a failed task, and not always there.
	if (asText(answer.error) !== undefined) {
		return { task: readFailure(answer, taskId), answer: withoutInput(answer) };
	}
	return {
		request: { method: 'GET', url: links?.response_url, path: taskPath(taskId) },
		readTask: (result) => readResult(result, taskId),
	};
}

/** Statuses that say something of the request for the result, not of the task. */
const ABOUT_REQUEST = new Set([401, 402, 403, 404, 405, 408, 429]);

function readResult({ status, body }: ServiceAnswer, taskId: string): TaskReport | undefined {
	const answer = asObject(body);
	if (answer === undefined) return undefined;
	if (isSuccess(status)) {
		// Where the task stands, in the place of its result: a task without an image would be ordered again.
		const state = asText(answer.status);
		if (state !== undefined && answer.images === undefined) {
			const isPending = state === 'IN_QUEUE' || state === 'IN_PROGRESS';
			return isPending ? { task: { status: 'processing', taskId }, answer } : undefined;
		}
		const task = readSuccess(answer, taskId);
		// Only an image comes with the answer as it is: what is none may be a complaint under a good status.
		return task && { task, answer: task.status === 'succeeded' ? answer : withoutInput(answer) };
	}
	// A complaint with a type is the model's: it failed, whatever the status.
	const isTyped = typesOf(answer.detail).length > 0;
	if (!isTyped && ABOUT_REQUEST.has(status)) return undefined;
	const failure = readFailure(answer, taskId);
	if (status === 400 && /in progress/i.test(failure.reason ?? '')) {
		return { task: { status: 'processing', taskId }, answer: withoutInput(answer) };
	}
	// The task is over and paid for: a hitch of the service must not throw its image away.
	const isDoubtful = isAmbiguousStatus(status) && !isTyped;
	return {
		task: isDoubtful
			? { status: 'unusable', taskId, link: undefined, otherwise: failure }
			: failure,
		answer: withoutInput(answer),
	};
}

function readSuccess(answer: Record<string, unknown>, taskId: string): Task | undefined {
	const list = answer.images ?? [];
	if (!Array.isArray(list)) return undefined;
	const contentFlags = Array.isArray(answer.has_nsfw_concepts) ? answer.has_nsfw_concepts : [];
	const images: TaskImage[] = [];
	for (const [index, entry] of list.entries()) {
		const image = asObject(entry);
		const url = asHttpUrl(image?.url);
		// An image without a usable link was paid for: it must not be lost silently.
		if (url === undefined) return { status: 'unusable', taskId, link: image?.url ?? entry };
		const flag: unknown = contentFlags[index];
		images.push({
			url,
			type: asText(image?.content_type)?.replace(/^image\//, ''),
			nsfw: typeof flag === 'boolean' ? flag : null,
		});
	}
	const [first, ...others] = images;
	if (first === undefined) return withoutImage(taskId);
	return { status: 'succeeded', taskId, seed: asSeed(answer.seed), images: [first, ...others] };
}

function readFailure(answer: Record<string, unknown>, taskId: string): FailedTask {
	const reason = wordsOf(answer);
	const isFiltered = kindOfComplaint(answer) === 'filteredContent' || speaksOfContent(reason);
	return { status: 'failed', taskId, reason, filtered: isFiltered };
}

/** Its own words: a text, a list of complaints, or one; never `input`, which repeats the request. */
function wordsOf({ error, detail }: Record<string, unknown>): string | undefined {
	const words = [error, detail].flatMap(sentences);
	return words.length > 0 ? words.join('; ') : undefined;
}

/** An answer with the complaints as they came, but for the request that they repeat. */
function withoutInput(answer: Record<string, unknown>): Record<string, unknown> {
	return JSON.parse(
		JSON.stringify(answer, (name, value: unknown) => (name === 'input' ? undefined : value)),
	) as Record<string, unknown>;
}

const KIND_OF_TYPE: Record<string, RefusalKind> = {
	content_policy_violation: 'filteredContent',
	image_too_large: 'unreadableImage',
	image_too_small: 'unreadableImage',
	image_load_error: 'unreadableImage',
	file_download_error: 'unreadableImage',
	file_too_large: 'unreadableImage',
	unsupported_image_format: 'unreadableImage',
};

/** The types of complaints, whether there is a list of them or one. */
function typesOf(detail: unknown): string[] {
	const complaints: unknown[] = Array.isArray(detail) ? detail : [detail];
	return complaints.flatMap((complaint) => asText(asObject(complaint)?.type) ?? []);
}

function kindOfComplaint({ detail, error_type }: Record<string, unknown>): RefusalKind | undefined {
	const types = [...typesOf(detail), asText(error_type) ?? ''];
	const known = types.find((type) => Object.hasOwn(KIND_OF_TYPE, type));
	return known === undefined ? undefined : KIND_OF_TYPE[known];
}

function readRefusal(
	{ status, body }: ServiceAnswer,
	asked: 'submit' | 'task',
): Refusal | undefined {
	const answer = asObject(body) ?? {};
	if (isSuccess(status)) return undefined;
	const isUnknownTask = asked === 'task' && status === 404 && answer.status === 'NOT_FOUND';
	const text = wordsOf(answer) ?? asText(answer.status);
	return {
		kind: isUnknownTask ? 'unknownTask' : (kindOfComplaint(answer) ?? kindOfStatus(status, text)),
		status,
		text,
		mayHaveCreatedTask: isAmbiguousStatus(status),
		retryAfter: asNumber(answer.retry_after),
	};
}
