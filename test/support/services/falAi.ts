import { refusal } from './refusal';
import type { Ending, Json, TaskState, TestedService } from './testedService';

const STATUSES: Record<TaskState['status'], string> = {
	queued: 'IN_QUEUE',
	processing: 'IN_PROGRESS',
	// What came of it, only the result tells.
	succeeded: 'COMPLETED',
	failed: 'COMPLETED',
	unknown: 'ARCHIVED',
};

const MODEL = '/fal-ai/flux-2-flex';

const complaint = (type: string, ...path: string[]): Json => ({
	loc: ['body', ...path],
	msg: 'said by the service',
	type,
	// Never to be shown: it repeats the request.
	input: { prompt: 'PRIVATE' },
});

/** A failed task, told by the call for its result. */
function ending(
	happens: string,
	status: number,
	detail: unknown,
	means: Ending['means'],
	isDoubted?: boolean,
): Ending {
	return { happens, status, change: { images: undefined, detail }, means, isDoubted };
}

/** https://fal.ai/docs, with what public clients recorded where it is silent. */
export const falAi: TestedService = {
	id: 'falAi',
	displayName: 'fal.ai',
	defaultBaseUrl: 'https://queue.fal.run',
	key: { header: 'authorization', value: (apiKey) => `Key ${apiKey}` },
	maxReferenceImages: 10,
	inlineImage: (bytes, mimeType) => `data:${mimeType};base64,${bytes.toString('base64')}`,
	submit: {
		address: ({ images = [], webhookUrl }) => ({
			path: images.length > 0 ? `${MODEL}/edit` : MODEL,
			query: { ...(webhookUrl !== undefined && { fal_webhook: webhookUrl }) },
		}),
		body: ({ prompt, size, seed = -1, images = [] }) => ({
			prompt,
			// It has no number for "random": without a seed it chooses one.
			...(seed !== -1 && { seed }),
			...(size && { image_size: size }),
			...(images.length > 0 && { image_urls: images }),
		}),
		taskId: 'request_id',
		links: ['status_url', 'response_url', 'cancel_url'],
		reply: (taskId) => ({ request_id: taskId }),
	},
	poll: {
		requests: (taskId) => [
			{ call: 'poll', path: `${MODEL}/requests/${taskId}/status`, query: {} },
			{ call: 'result', path: `${MODEL}/requests/${taskId}`, query: {} },
		],
		fields: {
			taskId: 'request_id',
			status: 'status',
			imageUrl: 'images[0].url',
			seed: 'seed',
		},
		allFields: ['images', 'images[0]', 'images[0].url', 'images[0].content_type', 'seed'],
		// Completed, and nothing to fetch.
		meansNoImage: (field, value) =>
			field === 'images' && (value === null || (Array.isArray(value) && value.length === 0)),
		succeeded: STATUSES.succeeded,
		standing: ({ status, taskId }) => ({ status: STATUSES[status], request_id: taskId }),
		answer: ({ status, imageUrl, seed = 7, reason }) =>
			status === 'failed'
				? { detail: [{ ...complaint('internal_server_error'), msg: reason }] }
				: { images: [{ url: imageUrl, content_type: 'image/jpeg' }], seed },
		endings: [
			ending(
				'the content was refused, in a list',
				422,
				[complaint('content_policy_violation', 'prompt')],
				'filtered',
			),
			ending(
				'the content was refused, in an object',
				422,
				{ type: 'content_policy_violation', message: 'said by the service' },
				'filtered',
			),
			ending('the task failed, told as a text', 422, 'said by the service', 'failed'),
			ending(
				'a reference image could not be loaded',
				422,
				[complaint('image_load_error', 'image_urls', '0')],
				'failed',
			),
			ending(
				'the task failed, told as HTTP 500',
				500,
				[complaint('internal_server_error')],
				'failed',
			),
			ending(
				'the task took too long there, told as HTTP 504',
				504,
				[complaint('generation_timeout')],
				'failed',
			),
			ending(
				'the task failed, told as HTTP 503 without a type',
				503,
				'said by the service',
				'failed',
				true,
			),
		],
	},
	credentialTest: {
		call: 'poll',
		path: `${MODEL}/requests/00000000-0000-4000-8000-000000000000/status`,
		status: 404,
		body: { status: 'NOT_FOUND' },
	},
	refusals: [
		refusal(
			'invalidRequest',
			422,
			'about a field',
			{ detail: [complaint('missing', 'prompt')] },
			{
				said: 'said by the service',
			},
		),
		refusal(
			'unreadableImage',
			422,
			'image_too_large',
			{ detail: [complaint('image_too_large', 'image_urls')] },
			{ said: 'said by the service' },
		),
		refusal(
			'filteredContent',
			422,
			'content_policy_violation',
			{ detail: [complaint('content_policy_violation', 'prompt')] },
			{ said: 'said by the service' },
		),
		refusal(
			'badKey',
			401,
			'invalid key credentials',
			{ detail: 'invalid key credentials' },
			{ simulated: true },
		),
		refusal(
			'emptyBalance',
			403,
			'User is locked',
			{
				detail:
					'User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing.',
			},
			{ simulated: true },
		),
		refusal(
			'routeNotFound',
			404,
			'Application',
			{ detail: 'Application "flux-2-flex-2" not found' },
			{ simulated: true },
		),
		// Nobody answers a submit like this: it asks for no task.
		refusal(
			'routeNotFound',
			404,
			'NOT_FOUND',
			{ status: 'NOT_FOUND' },
			{ simulated: true, meansOfTask: 'unknownTask' },
		),
		refusal(
			'rateLimit',
			429,
			'Too many requests',
			{ detail: 'Too many requests', error_type: 'rate_limited' },
			{ submit: 'nothing, for now', simulated: true },
		),
		refusal(
			'unavailable',
			500,
			'internal_error',
			{ detail: 'internal_error', error_type: 'internal_error' },
			{ submit: 'perhaps a task' },
		),
		refusal(
			'unavailable',
			504,
			'Request timed out',
			{ detail: 'Request timed out', error_type: 'request_timeout' },
			{ submit: 'perhaps a task' },
		),
	],
};
