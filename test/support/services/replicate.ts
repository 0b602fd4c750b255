import { refusal } from './refusal';
import type { Json, TaskState, TestedService } from './testedService';

const STATUSES: Record<TaskState['status'], string> = {
	queued: 'starting',
	processing: 'processing',
	succeeded: 'succeeded',
	failed: 'failed',
	unknown: 'archived',
};

function answer({ status, taskId, imageUrl, reason }: TaskState): Json {
	return {
		id: taskId,
		model: 'black-forest-labs/flux-2-flex',
		version: 'hidden',
		input: { prompt: 'a heron' },
		logs: '',
		output: imageUrl ?? null,
		data_removed: false,
		error: status === 'failed' ? reason : null,
		source: 'api',
		status: STATUSES[status],
		created_at: '2026-01-01T00:00:00.000Z',
		started_at: null,
		completed_at: null,
		...((status === 'succeeded' || status === 'failed') && { metrics: {} }),
		urls: {},
	};
}

const problem = (status: number, title: string, detail = 'said by the service'): Json => ({
	title,
	detail,
	status,
});

/** https://replicate.com/docs/reference/http, with what public clients recorded where it is silent. */
export const replicate: TestedService = {
	id: 'replicate',
	displayName: 'Replicate',
	defaultBaseUrl: 'https://api.replicate.com',
	key: { header: 'authorization', value: (apiKey) => `Bearer ${apiKey}` },
	maxReferenceImages: 10,
	inlineImage: (bytes, mimeType) => `data:${mimeType};base64,${bytes.toString('base64')}`,
	linkSeconds: 3600,
	submit: {
		address: () => ({
			path: '/v1/models/black-forest-labs/flux-2-flex/predictions',
			query: {},
		}),
		body: ({ prompt, size, seed = -1, images = [], webhookUrl }) => ({
			input: {
				prompt,
				// It has no number for "random": without a seed it chooses one.
				...(seed !== -1 && { seed }),
				...(size && { aspect_ratio: 'custom', ...size }),
				...(images.length > 0 && { input_images: images }),
			},
			...(webhookUrl && { webhook: webhookUrl, webhook_events_filter: ['completed'] }),
		}),
		taskId: 'id',
		links: [],
		reply: (taskId) => ({ id: taskId, status: 'starting' }),
	},
	poll: {
		requests: (taskId) => [{ call: 'poll', path: `/v1/predictions/${taskId}`, query: {} }],
		fields: {
			taskId: 'id',
			status: 'status',
			imageUrl: 'output',
		},
		allFields: [
			'id',
			'status',
			'output',
			'error',
			'data_removed',
			'completed_at',
			'metrics',
			'urls',
			'logs',
		],
		// Succeeded, and nothing to fetch.
		meansNoImage: (field, value) => field === 'output' && (value === null || value === undefined),
		succeeded: STATUSES.succeeded,
		answer,
		endings: [
			{
				happens: 'the content was flagged',
				change: {
					status: 'failed',
					output: null,
					error: 'said by the service: the output was flagged as sensitive (E005)',
				},
				means: 'filtered',
			},
			{
				happens: 'the task failed',
				change: { status: 'failed', output: null, error: 'said by the service' },
				means: 'failed',
			},
			...['canceled', 'aborted'].map((status) => ({
				happens: `the task was ${status} at the service`,
				change: { status, output: null, error: null },
				means: 'failed' as const,
			})),
			{
				happens: 'the image was removed after its hour',
				change: { output: null, data_removed: true },
				means: 'failed',
			},
		],
	},
	credentialTest: {
		call: 'balance',
		path: '/v1/account',
		status: 200,
		body: { username: 'simulator' },
	},
	refusals: [
		refusal('invalidRequest', 422, 'Input validation failed', {
			...problem(422, 'Input validation failed'),
			invalid_fields: [{ type: 'enum', field: 'input.steps', description: '…' }],
		}),
		refusal(
			'unreadableImage',
			422,
			'about an image',
			{
				...problem(422, 'Input validation failed'),
				invalid_fields: [{ type: 'format', field: 'input.input_images.0', description: '…' }],
			},
			{ said: 'said by the service' },
		),
		refusal(
			'badKey',
			401,
			'Unauthenticated',
			problem(401, 'Unauthenticated', 'You did not pass a valid authentication token'),
			{ simulated: true },
		),
		refusal(
			'emptyBalance',
			402,
			'Insufficient credit',
			problem(
				402,
				'Insufficient credit',
				'You have insufficient credit to run this model. Go to https://replicate.com/account/billing#billing to purchase credit. Once you purchase credit, please wait a few minutes before trying again.',
			),
			{ simulated: true },
		),
		refusal(
			'routeNotFound',
			404,
			'Not found',
			{ detail: 'Not found' },
			{ simulated: true, meansOfTask: 'unknownTask' },
		),
		refusal(
			'rateLimit',
			429,
			'Request was throttled',
			{
				detail: 'Request was throttled. Your rate limit resets in ~5s.',
				status: 429,
				retry_after: 5,
			},
			{ submit: 'nothing, for now', retryAfter: 5, simulated: true },
		),
		refusal('unavailable', 500, 'Internal server error', problem(500, 'Internal server error'), {
			submit: 'perhaps a task',
		}),
		refusal('unavailable', 503, 'Service unavailable', problem(503, 'Service unavailable'), {
			submit: 'perhaps a task',
		}),
	],
};
