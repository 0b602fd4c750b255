import { randomBytes } from 'node:crypto';

import type { ReplicateEvent } from './replicateRequest';
import type { Service } from './service';
import type { SimulatedTask, TaskState } from './tasks';
import { hasEnded } from './tasks';

/** Documented: input, output and logs are removed an hour later, and links die with them. */
const KEPT_SECONDS = 3600;

const ID_LETTERS = 'abcdefghijklmnopqrstuvwxyz234567';

/** An id as the service's: 26 letters and digits. */
export function replicateId(): string {
	return [...randomBytes(26)].map((byte) => ID_LETTERS[byte % ID_LETTERS.length]).join('');
}

/** Whether the deadline of a prediction passed before it ran: it is not charged then. */
export function isAborted({ cancellation, startsAt }: SimulatedTask, now: number): boolean {
	return cancellation?.by === 'deadline' && cancellation.at <= Math.min(startsAt, now);
}

/**
 * The prediction: reply to a submit, answer to a poll and body of a webhook's event.
 * @param address the start of the addresses in it; undefined = there are none to ask at
 * @param state by default where the task stands now
 */
export function prediction(
	task: SimulatedTask,
	service: Service,
	address: string | undefined,
	state: TaskState = service.tasks.stateOf(task),
) {
	const { id, cancellation, acceptedAt, startsAt, endsAt } = task;
	const now = service.options.now();
	const isOver = hasEnded(state);
	const completedAt = Math.min(endsAt, cancellation?.at ?? endsAt);
	const isRemoved = isOver && now >= completedAt + KEPT_SECONDS * 1000;
	const wasStarted = state.status !== 'queued' && startsAt <= completedAt;
	const input = isRemoved ? {} : (task.body.input ?? {});
	const url = `${address}/v1/predictions/${id}`;
	return {
		id,
		model: 'black-forest-labs/flux-2-flex',
		version: 'hidden',
		input,
		logs: '',
		output: isRemoved ? null : outputOf(task, state, service, completedAt),
		data_removed: isRemoved,
		error: errorOf(state, id),
		source: 'api',
		status: statusOf(task, state, now),
		created_at: time(acceptedAt),
		started_at: wasStarted ? time(startsAt) : null,
		completed_at: isOver ? time(completedAt) : null,
		...(isOver && { metrics: { predict_time: Math.max(0, completedAt - startsAt) / 1000 } }),
		urls: {
			web: `https://replicate.com/p/${id}`,
			...(address !== undefined && { get: url, cancel: `${url}/cancel` }),
		},
	};
}

/** The body of an event; undefined = there is no such event in the life of this prediction. */
export function eventOf(
	event: ReplicateEvent,
	task: SimulatedTask,
	service: Service,
	address: string | undefined,
) {
	const processing = { status: 'processing', etaSeconds: 0, progressPercent: 0 } as const;
	const atWork = prediction(task, service, address, processing);
	const now = prediction(task, service, address);
	if (event === 'completed') return now;
	if (event === 'start') return now.started_at === null ? undefined : atWork;
	return event === 'output' && now.output !== null ? { ...atWork, output: now.output } : undefined;
}

function statusOf(task: SimulatedTask, state: TaskState, now: number): string {
	if (state.status === 'queued') return 'starting';
	if (state.status === 'failed' && state.canceled) {
		return isAborted(task, now) ? 'aborted' : 'canceled';
	}
	return isFiltered(state) ? 'failed' : state.status;
}

function errorOf(state: TaskState, id: string): string | null {
	if (isFiltered(state)) {
		return `The input or output was flagged as sensitive. Please try again with different inputs. (E005) (${id.slice(0, 10)})`;
	}
	return state.status === 'failed' && !state.canceled ? state.reason : null;
}

/** A single text, although others of the service's models make lists. */
function outputOf(
	task: SimulatedTask,
	state: TaskState,
	service: Service,
	completedAt: number,
): string | null {
	if (state.status !== 'succeeded' || isFiltered(state)) return null;
	const secondsLeft = Math.ceil((completedAt - service.options.now()) / 1000) + KEPT_SECONDS;
	return service.imageLink(task, service.options.linkTimeToLiveSeconds ?? secondsLeft);
}

function isFiltered(state: TaskState): boolean {
	return state.status === 'succeeded' && (state.nsfw || state.images === 0);
}

function time(milliseconds: number): string {
	return new Date(milliseconds).toISOString();
}
