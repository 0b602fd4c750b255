import type { Service } from './service';
import type { SimulatedTask, TaskState } from './tasks';
import { hasEnded } from './tasks';

/** The link's life that recorded answers show most often, in seconds. */
const LINK_SECONDS = 3600;

const STATUS = {
	queued: 'TASK_STATUS_QUEUED',
	processing: 'TASK_STATUS_PROCESSING',
	succeeded: 'TASK_STATUS_SUCCEED',
	failed: 'TASK_STATUS_FAILED',
} as const;

/**
 * The body of `GET /v3/async/task-result`, which is also the payload of a webhook's event. Field
 * by field as in recorded answers of the service: fields without a value are there and empty.
 */
export function novitaTaskResult(task: SimulatedTask, service: Service) {
	const state = service.tasks.stateOf(task);
	return {
		extra: extra(task, state),
		task: {
			task_id: task.id,
			status: STATUS[state.status],
			reason: state.status === 'failed' ? state.reason : '',
			task_type: task.references.length > 0 ? 'FLUX_2_FLEX_IMG_TO_IMG' : 'FLUX_2_FLEX_TXT_TO_IMG',
			eta: 'etaSeconds' in state ? state.etaSeconds : 0,
			// Seen to stay at 0 even on success.
			progress_percent: state.status === 'processing' ? state.progressPercent : 0,
		},
		images: images(task, state, service),
		videos: [],
		audios: [],
	};
}

function extra(task: SimulatedTask, state: TaskState) {
	const isSuccess = state.status === 'succeeded';
	const webhook = (task.body.extra as { webhook?: unknown } | null | undefined)?.webhook;
	return {
		seed: isSuccess ? String(task.seed) : '',
		has_nsfw_contents: isSuccess && state.nsfw ? [true] : [],
		enable_nsfw_detection: isSuccess && state.nsfw,
		debug_info: {
			request_info: '',
			submit_time_ms: String(task.acceptedAt),
			execute_time_ms: state.status === 'queued' ? '' : String(task.startsAt),
			complete_time_ms: hasEnded(state) ? String(task.endsAt) : '',
		},
		...(webhook === undefined ? {} : { webhook }),
	};
}

function images(task: SimulatedTask, state: TaskState, service: Service) {
	if (state.status !== 'succeeded' || state.images === 0) return [];
	const timeToLiveSeconds = service.options.linkTimeToLiveSeconds ?? LINK_SECONDS;
	return [
		{
			image_url: service.imageLink(task, timeToLiveSeconds),
			image_url_ttl: String(timeToLiveSeconds),
			image_type: task.imageType,
			nsfw_detection_result: state.nsfw ? { valid: true, confidence: 0.9 } : null,
		},
	];
}
