import type { Json, Meaning, Refusal, TaskState, TestedService } from './testedService';

const STATUSES: Record<TaskState['status'], string> = {
	queued: 'TASK_STATUS_QUEUED',
	processing: 'TASK_STATUS_PROCESSING',
	succeeded: 'TASK_STATUS_SUCCEED',
	failed: 'TASK_STATUS_FAILED',
	unknown: 'TASK_STATUS_UNKNOWN',
};

function answer({ status, taskId, imageUrl, seed, reason = '' }: TaskState): Json {
	const image = {
		image_url: imageUrl,
		image_url_ttl: '3600',
		image_type: 'png',
		nsfw_detection_result: null,
	};
	return {
		extra: { seed: seed === undefined ? '' : String(seed), has_nsfw_contents: [] },
		task: {
			task_id: taskId,
			status: STATUSES[status],
			reason,
			task_type: 'FLUX_2_FLEX_TXT_TO_IMG',
			eta: 0,
			progress_percent: 0,
		},
		images: imageUrl === undefined ? [] : [image],
		videos: [],
		audios: [],
	};
}

function refusals(
	submit: Refusal['submit'],
	means: Meaning,
	...reasons: Array<[status: number, reason: string, simulated?: string]>
): Refusal[] {
	return reasons.map(([status, reason, simulated]) => ({
		name: `${status} ${reason}`,
		status,
		body: { code: status, reason, message: simulated ?? 'said by the service', metadata: {} },
		said: reason,
		means,
		submit,
		simulated: simulated !== undefined,
	}));
}

/** https://novita.ai/docs/api-reference/model-apis-flux-2-flex */
export const novita: TestedService = {
	id: 'novita',
	displayName: 'Novita AI',
	defaultBaseUrl: 'https://api.novita.ai',
	key: { header: 'authorization', value: (apiKey) => `Bearer ${apiKey}` },
	maxReferenceImages: 3,
	inlineImage: (bytes, mimeType) => `data:${mimeType};base64,${bytes.toString('base64')}`,
	linkSeconds: 3600,
	submit: {
		address: () => ({ path: '/v3/async/flux-2-flex', query: {} }),
		body: ({ prompt, size, seed = -1, images, webhookUrl }) => ({
			prompt,
			seed,
			...(size && { size: `${size.width}*${size.height}` }),
			...(images && { images }),
			...(webhookUrl && { extra: { webhook: { url: webhookUrl } } }),
		}),
		taskId: 'task_id',
		links: [],
		reply: (taskId) => ({ task_id: taskId }),
	},
	poll: {
		requests: (taskId) => [
			{ call: 'poll', path: '/v3/async/task-result', query: { task_id: taskId } },
		],
		fields: {
			taskId: 'task.task_id',
			status: 'task.status',
			imageUrl: 'images[0].image_url',
			seed: 'extra.seed',
			linkSeconds: 'images[0].image_url_ttl',
		},
		allFields: [
			'task',
			'task.task_id',
			'task.status',
			'task.reason',
			'task.task_type',
			'task.eta',
			'task.progress_percent',
			'images',
			'images[0]',
			'images[0].image_url',
			'images[0].image_url_ttl',
			'images[0].image_type',
			'images[0].nsfw_detection_result',
			'extra',
			'extra.seed',
			'extra.has_nsfw_contents',
			'extra.debug_info',
			'videos',
		],
		// Without a list of images, or with an empty one, a success has no image.
		meansNoImage: (field, value) =>
			field === 'images' && (value === null || (Array.isArray(value) && value.length === 0)),
		succeeded: STATUSES.succeeded,
		answer,
		endings: [
			{
				happens: 'the task succeeded without an image',
				change: { images: [] },
				means: 'filtered',
				isDoubted: true,
			},
			{
				happens: 'the task failed',
				change: {
					'task.status': STATUSES.failed,
					'task.reason': 'said by the service',
					images: [],
				},
				means: 'failed',
			},
			{
				happens: 'the task failed because of the content',
				change: { 'task.status': STATUSES.failed, 'task.reason': 'NSFW content', images: [] },
				means: 'filtered',
			},
		],
	},
	credentialTest: {
		call: 'balance',
		path: '/openapi/v1/billing/balance/detail',
		status: 200,
		body: { availableBalance: '1000000', cashBalance: '1000000' },
	},
	refusals: [
		...refusals('nothing, for good', 'invalidRequest', [400, 'INVALID_REQUEST_BODY']),
		...refusals('nothing, for good', 'invalidRequest', [400, 'INVALID_IMAGE_SIZE']),
		...refusals(
			'nothing, for good',
			'unreadableImage',
			[400, 'IMAGE_FILE_EXCEEDS_MAX_SIZE'],
			[400, 'INVALID_IMAGE_FORMAT'],
			[400, 'IMAGE_EXCEEDS_MAX_RESOLUTION'],
		),
		...refusals(
			'nothing, for good',
			'filteredContent',
			[400, 'ILLEGAL_PROMPT'],
			[400, 'ILLEGAL_IMAGE_CONTENT'],
		),
		...refusals(
			'nothing, for good',
			'emptyBalance',
			[400, 'BILLING_BALANCE_NOT_ENOUGH'],
			[403, 'NOT_ENOUGH_BALANCE', 'not enough balance'],
			[403, 'BILLING_AUTH_FAILED'],
		),
		...refusals(
			'nothing, for good',
			'badKey',
			[400, 'MISSING_API_KEY'],
			[401, 'FAILED_TO_AUTH'],
			[401, 'UNAUTHORIZED'],
			[403, 'INVALID_API_KEY', 'invalid api-key'],
		),
		...refusals(
			'nothing, for good',
			'notAllowed',
			[403, 'FEATURE_NOT_ALLOWED'],
			[403, 'API_NOT_ALLOWED'],
			[403, 'NEED_REAL_NAME_VERIFY'],
			[403, 'ACCESS_DENY'],
		),
		...refusals(
			'nothing, for good',
			'routeNotFound',
			[404, 'API_NOT_FOUND', 'route not found'],
			[404, 'MODEL_NOT_FOUND'],
		),
		...refusals('nothing, for good', 'unknownTask', [404, 'TASK_NOT_FOUND', 'task not found']),
		...refusals('nothing, for now', 'rateLimit', [
			429,
			'RATE_LIMIT_EXCEEDED',
			'rate limit exceeded',
		]),
		...refusals(
			'nothing, for now',
			'unavailable',
			[500, 'CREATE_TASK_FAILED'],
			[503, 'SERVICE_NOT_AVAILABLE'],
		),
		...refusals(
			'perhaps a task',
			'unavailable',
			[500, 'BILLING_FAILED'],
			[500, 'GET_RESULT_FAILED'],
			[500, 'TASK_FAILED'],
		),
	],
};
