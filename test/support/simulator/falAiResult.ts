import type { FieldProblem } from './fastApiBody';
import type { Service } from './service';
import type { SimulatedTask } from './tasks';
import { hasEnded } from './tasks';

/** Documented: images are public and kept for good. */
const LINK_SECONDS = 0;

const FILTERED =
	'The content could not be processed because it contained material flagged by a content checker.';

/** What a call is answered. */
export interface FalAiAnswer {
	httpStatus: number;
	body: Record<string, unknown>;
}

/** The addresses to ask at; without the part of the route that says what is made (observed). */
export function falAiAddresses({ id }: SimulatedTask, address: string | undefined) {
	if (address === undefined) return {};
	const url = `${address}/fal-ai/flux-2-flex/requests/${id}`;
	return { response_url: url, status_url: `${url}/status`, cancel_url: `${url}/cancel` };
}

/** The reply to a submit. */
export function falAiReceipt(task: SimulatedTask, service: Service, address?: string) {
	return {
		status: 'IN_QUEUE',
		request_id: task.id,
		...falAiAddresses(task, address),
		logs: null,
		metrics: {},
		queue_position: queuePosition(task, service),
	};
}

/**
 * Where a task stands. Only the three words are documented, and "completed" is also said of a task
 * that failed (observed): what came of it only the result tells.
 */
export function falAiStatus(task: SimulatedTask, service: Service, address?: string): FalAiAnswer {
	const state = service.tasks.stateOf(task);
	const common = { request_id: task.id, ...falAiAddresses(task, address) };
	if (state.status === 'queued') {
		const queue_position = queuePosition(task, service);
		return { httpStatus: 202, body: { status: 'IN_QUEUE', ...common, queue_position } };
	}
	const metrics = hasEnded(state) ? { inference_time: (task.endsAt - task.startsAt) / 1000 } : {};
	return hasEnded(state)
		? { httpStatus: 200, body: { status: 'COMPLETED', ...common, logs: null, metrics } }
		: { httpStatus: 202, body: { status: 'IN_PROGRESS', ...common, logs: null, metrics } };
}

/**
 * What came of a task.
 * @param problems of a request that was accepted although something is wrong with it
 */
export function falAiResult(
	task: SimulatedTask,
	service: Service,
	problems: FieldProblem[] = [],
): FalAiAnswer {
	const state = service.tasks.stateOf(task);
	if (!hasEnded(state)) {
		return { httpStatus: 400, body: { detail: 'Request is still in progress' } };
	}
	if (problems.length > 0) return { httpStatus: 422, body: detailOf(problems) };
	if (state.status === 'failed') {
		return state.unusableImage ? unusableImage(task) : serverError(task, state.reason);
	}
	const { nsfw, images } = state as Extract<typeof state, { status: 'succeeded' }>;
	if (nsfw) {
		// One of the forms that were observed; the other one is below.
		const detail = { type: 'content_policy_violation', message: FILTERED };
		return { httpStatus: 422, body: { detail } };
	}
	if (images === 0) {
		const problem = { type: 'content_policy_violation', loc: ['body', 'prompt'], msg: FILTERED };
		return { httpStatus: 422, body: detailOf([{ ...problem, input: task.body }]) };
	}
	const { width, height, seed, imageType } = task;
	const url = service.imageLink(task, service.options.linkTimeToLiveSeconds ?? LINK_SECONDS);
	const file = { content_type: `image/${imageType}`, file_name: `${task.id}.${imageType}` };
	return {
		httpStatus: 200,
		body: { images: [{ url, ...file, file_size: null, width, height }], seed },
	};
}

/** The body of a webhook's event. */
export function falAiEvent(
	task: SimulatedTask,
	service: Service,
	problems: FieldProblem[],
): Record<string, unknown> {
	const { httpStatus, body } = falAiResult(task, service, problems);
	const ids = { request_id: task.id, gateway_request_id: task.id };
	if (httpStatus === 200) return { ...ids, status: 'OK', payload: body };
	const error = `Invalid status code: ${httpStatus}`;
	return { ...ids, status: 'ERROR', error, payload: body };
}

/** What is wrong with a request, in the vendor's order and with its page on it. */
export function detailOf(problems: FieldProblem[]): { detail: object[] } {
	return {
		detail: problems.map(({ loc, msg, type, ctx, input }) => ({
			loc,
			msg,
			type,
			url: `https://docs.fal.ai/errors#${type}`,
			ctx,
			input,
		})),
	};
}

function unusableImage({ references, body }: SimulatedTask): FalAiAnswer {
	const index = references.findIndex(({ state }) => state === 'failed');
	const { source, failure = '' } = references[index] ?? {};
	// A link that could not be fetched has the words of the network; ours begin with the image.
	const isFetched = source !== 'url' || failure.startsWith('image');
	const type = isFetched ? 'image_load_error' : 'file_download_error';
	const msg = `Failed to load the image: ${failure}`;
	const problem = { type, loc: ['body', 'image_urls', index], msg, input: body };
	return { httpStatus: 422, body: detailOf([problem]) };
}

function serverError({ body }: SimulatedTask, msg: string): FalAiAnswer {
	const problem = { type: 'internal_server_error', loc: ['body'], msg, input: body };
	return { httpStatus: 500, body: detailOf([problem]) };
}

function queuePosition({ number }: SimulatedTask, { tasks }: Service): number {
	return tasks.all.filter((task) => task.number < number && tasks.stateOf(task).status === 'queued')
		.length;
}
