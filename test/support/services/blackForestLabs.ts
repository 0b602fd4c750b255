import { refusal } from './refusal';
import type { Ending, Json, TaskState, TestedService } from './testedService';

const STATUSES: Record<TaskState['status'], string> = {
	queued: 'Pending',
	processing: 'Pending',
	succeeded: 'Ready',
	failed: 'Error',
	unknown: 'Archived',
};

function answer({ status, taskId, imageUrl, seed, reason }: TaskState): Json {
	return {
		id: taskId,
		status: STATUSES[status],
		result: imageUrl === undefined ? null : { sample: imageUrl, seed, prompt: 'a heron' },
		progress: status === 'processing' ? 0.5 : null,
		details: null,
		preview: null,
		...(status === 'failed' && { error: 'internal_error', message: reason }),
	};
}

/** The vendor's own envelope. */
const envelope = (error: string, message = 'said by the service'): Json => ({
	error,
	message,
	details: null,
});

const detail = (...path: string[]): Json => ({
	detail: [{ type: 'value_error', loc: ['body', ...path], msg: 'said by the service' }],
});

/** https://docs.bfl.ai, with what public clients recorded where it is silent. */
export const blackForestLabs: TestedService = {
	id: 'blackForestLabs',
	displayName: 'Black Forest Labs',
	defaultBaseUrl: 'https://api.bfl.ai',
	key: { header: 'x-key', value: (apiKey) => apiKey },
	maxReferenceImages: 8,
	inlineImage: (bytes) => bytes.toString('base64'),
	linkSeconds: 600,
	submit: {
		address: () => ({ path: '/v1/flux-2-flex', query: {} }),
		body: ({ prompt, size, seed = -1, images = [], webhookUrl }) => ({
			prompt,
			// It has no number for "random": without a seed it chooses one.
			...(seed !== -1 && { seed }),
			...size,
			...Object.fromEntries(
				images.map((image, index) => [
					index === 0 ? 'input_image' : `input_image_${index + 1}`,
					image,
				]),
			),
			...(webhookUrl && { webhook_url: webhookUrl }),
		}),
		taskId: 'id',
		links: ['polling_url'],
		reply: (taskId) => ({ id: taskId }),
	},
	poll: {
		requests: (taskId) => [{ call: 'poll', path: '/v1/get_result', query: { id: taskId } }],
		fields: {
			taskId: 'id',
			status: 'status',
			imageUrl: 'result.sample',
			seed: 'result.seed',
		},
		allFields: [
			'id',
			'status',
			'result',
			'result.sample',
			'result.seed',
			'result.prompt',
			'progress',
			'details',
			'preview',
			'error',
			'message',
		],
		// Ready, and nothing to fetch.
		meansNoImage: (field, value) =>
			(field === 'result.sample' && (value === null || value === undefined)) ||
			(field === 'result' && typeof value === 'object' && !Array.isArray(value)),
		succeeded: STATUSES.succeeded,
		answer,
		endings: [
			...[422, 503].map(
				(status): Ending => ({
					happens: `the task failed, told as HTTP ${status}`,
					status,
					change: { status: 'Error', result: null, details: { error: 'said by the service' } },
					means: 'failed',
				}),
			),
			{
				happens: 'the request was moderated',
				change: {
					status: 'Request Moderated',
					result: null,
					details: { 'Moderation Reasons': ['said by the service'] },
				},
				means: 'filtered',
			},
			{
				happens: 'the content was moderated',
				change: { status: 'Content Moderated', result: null },
				means: 'filtered',
			},
			{
				happens: 'the task failed',
				change: { status: 'Error', result: null },
				means: 'failed',
			},
			{
				happens: 'the task failed: internal_error',
				change: {
					status: 'Error',
					result: null,
					error: 'internal_error',
					message: 'said by the service',
				},
				means: 'failed',
			},
			{
				happens: 'the task failed: content_policy_violation',
				change: {
					status: 'Error',
					result: null,
					error: 'content_policy_violation',
					message: 'said by the service',
				},
				means: 'filtered',
			},
		],
	},
	credentialTest: {
		call: 'balance',
		path: '/v1/credits',
		status: 200,
		body: { credits: 10_000 },
	},
	refusals: [
		refusal('invalidRequest', 422, 'about a field', detail('width'), {
			said: 'said by the service',
		}),
		refusal('unreadableImage', 400, 'invalid_image', envelope('invalid_image')),
		refusal(
			'filteredContent',
			400,
			'content_policy_violation',
			envelope('content_policy_violation'),
		),
		refusal(
			'emptyBalance',
			402,
			'insufficient_credits',
			envelope('insufficient_credits', 'Insufficient credits, please add credits to your account'),
			{ said: 'Insufficient credits', simulated: true },
		),
		refusal('badKey', 401, 'unauthorized', envelope('unauthorized')),
		refusal(
			'badKey',
			403,
			'Not authenticated',
			{ detail: 'Not authenticated - Invalid Authentication' },
			{ simulated: true },
		),
		refusal('badKey', 422, 'Invalid API key format', { detail: 'Invalid API key format' }),
		refusal(
			'routeNotFound',
			404,
			'Not Found',
			{ detail: 'Not Found' },
			// So it also answers for a task of another region.
			{ simulated: true, meansOfTask: 'unknownTask' },
		),
		refusal(
			'unknownTask',
			404,
			'Task not found',
			{
				id: 'nobody-knows',
				status: 'Task not found',
				result: null,
				progress: null,
				details: null,
				preview: null,
			},
			{ simulated: true },
		),
		refusal(
			'rateLimit',
			429,
			'rate_limit_exceeded',
			{ error: 'rate_limit_exceeded', message: 'Too many concurrent requests', retry_after: 5 },
			{ submit: 'nothing, for now', simulated: true, retryAfter: 5 },
		),
		refusal(
			'overloaded',
			503,
			'over capacity',
			{
				detail:
					'/v1/flux-2-flex is over capacity and temporarily shedding requests. Please retry shortly.',
			},
			{
				submit: 'nothing, for now',
				said: 'over capacity and temporarily shedding requests',
			},
		),
		refusal('unavailable', 500, 'internal_error', envelope('internal_error'), {
			submit: 'perhaps a task',
		}),
		refusal('unavailable', 503, 'service_unavailable', envelope('service_unavailable'), {
			submit: 'perhaps a task',
		}),
	],
};
