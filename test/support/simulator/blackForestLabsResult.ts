import type { Service } from './service';
import type { SimulatedTask } from './tasks';

/** Documented: an image's link is good for 10 minutes. */
const LINK_SECONDS = 600;

/** What is told of a task. */
export interface BlackForestLabsResult {
	id: string;
	status: string;
	result: { sample: string; seed: number; prompt: string } | null;
	/** From 0 to 1. */
	progress: number | null;
	details: object | null;
	preview: null;
	error?: string;
	message?: string;
}

/** The body of `GET /v1/get_result`: fields without a value are there and null, as recorded. */
export function blackForestLabsResult(
	task: SimulatedTask,
	service: Service,
): BlackForestLabsResult {
	const common = { id: task.id, result: null, progress: null, details: null, preview: null };
	const state = service.tasks.stateOf(task);
	switch (state.status) {
		case 'queued':
			return { ...common, status: 'Pending' };
		case 'processing':
			return { ...common, status: 'Pending', progress: state.progressPercent / 100 };
		case 'failed':
			return {
				...common,
				status: 'Error',
				error: state.unusableImage ? 'invalid_image' : 'internal_error',
				message: state.reason,
			};
		case 'succeeded': {
			if (state.nsfw || state.images === 0) {
				return {
					...common,
					status: state.nsfw ? 'Request Moderated' : 'Content Moderated',
					details: { 'Moderation Reasons': ['Safety Filter'] },
				};
			}
			const seconds = service.options.linkTimeToLiveSeconds ?? LINK_SECONDS;
			const { seed, prompt } = task;
			const sample = service.imageLink(task, seconds);
			return { ...common, status: 'Ready', result: { sample, seed, prompt } };
		}
	}
}

/** The same for a task that nobody knows. */
export function taskNotFound(id: string): BlackForestLabsResult {
	const nothing = { result: null, progress: null, details: null, preview: null };
	return { id, status: 'Task not found', ...nothing };
}
