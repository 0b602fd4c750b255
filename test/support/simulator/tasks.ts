import { randomInt, randomUUID } from 'node:crypto';

import type { ImageType, ResolvedOptions } from './options';
import type { ReferenceImage } from './references';

/** The largest seed the API documents. */
export const MAX_SEED = 2_147_483_647;

/** What a prompt with `[slow]` in it takes. */
const SLOW_MILLISECONDS = 20_000;

/** What a valid submit asks for, whatever the dialect it came in. */
export interface TaskOrder {
	/** The request's body as it was sent. */
	body: Record<string, unknown>;
	prompt: string;
	/** Pixels. */
	width: number;
	/** Pixels. */
	height: number;
	/** -1 = any. */
	seed: number;
	imageType: ImageType;
	references: ReferenceImage[];
}

/** How one delivery of a webhook went: the receiver's status, or what kept it from answering. */
export type WebhookTry = { at: number; status: number } | { at: number; failure: string };

/** An accepted, and therefore billed, task. */
export interface SimulatedTask extends TaskOrder {
	readonly id: string;
	/** Counted from 1 since the start or the last reset. */
	readonly number: number;
	/** The seed in use, never -1. */
	readonly seed: number;
	/** Milliseconds since 1970. */
	readonly acceptedAt: number;
	/** When it leaves the queue, in milliseconds since 1970. */
	startsAt: number;
	/** When it ends, unless a reference image takes longer; in milliseconds since 1970. */
	endsAt: number;
	/** Whether the service forgets to call the webhook. */
	silent: boolean;
	/** When it was canceled, or will be, in milliseconds since 1970. */
	cancellation?: { at: number; by: 'user' | 'deadline' };
	/** Deliveries of the webhook so far. */
	readonly webhookTries: WebhookTry[];
}

export type TaskState =
	| { status: 'queued'; etaSeconds: number }
	| { status: 'processing'; etaSeconds: number; progressPercent: number }
	| { status: 'succeeded'; images: 0 | 1; nsfw: boolean }
	| { status: 'failed'; reason: string; unusableImage: boolean; canceled: boolean };

/** What only some dialects know about a task when they take it on. */
export interface Acceptance {
	/** Default a UUID. */
	id?: string;
	/** When it may leave the queue, in milliseconds since 1970. */
	earliestStart?: number;
}

/**
 * All tasks. Where a task stands is worked out from the clock whenever somebody asks, so a
 * thousand waiting tasks cost nothing.
 */
export class TaskStore {
	/** In the order they were accepted. Always the same array, so that tests may hold on to it. */
	readonly all: SimulatedTask[] = [];

	readonly #byId = new Map<string, SimulatedTask>();

	#accepted = 0;

	constructor(
		private readonly options: ResolvedOptions,
		private readonly closing: AbortSignal,
	) {}

	/** Takes a task on; from here on it counts as billed. */
	accept(
		order: TaskOrder,
		{ id = randomUUID(), earliestStart = 0 }: Acceptance = {},
	): SimulatedTask {
		const number = ++this.#accepted;
		const acceptedAt = this.options.now();
		const startsAt = Math.max(acceptedAt + this.options.queueMilliseconds, earliestStart);
		const task: SimulatedTask = {
			...order,
			id,
			number,
			seed: order.seed === -1 ? randomInt(MAX_SEED + 1) : order.seed,
			acceptedAt,
			startsAt,
			endsAt: startsAt + this.#processingMilliseconds(order.prompt, number),
			silent: false,
			webhookTries: [],
		};
		this.all.push(task);
		this.#byId.set(task.id, task);
		this.#fetchReferencesWhenDue(task);
		return task;
	}

	find(id: string): SimulatedTask | undefined {
		return this.#byId.get(id);
	}

	/** Tasks that are neither done nor failed. */
	active(): SimulatedTask[] {
		return this.all.filter((task) => !hasEnded(this.stateOf(task)));
	}

	/** When one more task would be worked on if only so many were at a time. */
	earliestStart(places: number): number {
		const ends = this.active().map(({ endsAt }) => endsAt);
		return ends.sort((one, other) => other - one)[places - 1] ?? 0;
	}

	/** Where the task stands now. */
	stateOf(task: SimulatedTask): TaskState {
		const now = this.options.now();
		const canceledAt = task.cancellation?.at ?? Infinity;
		if (canceledAt <= Math.min(now, task.endsAt)) {
			return { status: 'failed', reason: 'canceled', unusableImage: false, canceled: true };
		}
		const etaSeconds = Math.max(0, Math.ceil((task.endsAt - now) / 1000));
		if (now < task.startsAt) return { status: 'queued', etaSeconds };

		this.#fetchReferencesWhenDue(task);
		const unusable = task.references.find(({ state }) => state === 'failed');
		if (unusable) {
			return {
				status: 'failed',
				reason: `failed to load input image ${unusable.url ?? 'in the request'}: ${unusable.failure}`,
				unusableImage: true,
				canceled: false,
			};
		}
		const waitsForReferences = task.references.some(({ state }) => state !== 'loaded');
		if (now < task.endsAt || waitsForReferences) {
			const share = (now - task.startsAt) / Math.max(1, task.endsAt - task.startsAt);
			const progressPercent = Math.min(99, Math.floor(share * 100));
			return { status: 'processing', etaSeconds, progressPercent };
		}

		if (task.prompt.includes('[fail]')) {
			const reason = 'generation failed: the prompt asked for it with [fail]';
			return { status: 'failed', reason, unusableImage: false, canceled: false };
		}
		return {
			status: 'succeeded',
			images: task.prompt.includes('[filtered]') ? 0 : 1,
			nsfw: task.prompt.includes('[nsfw]'),
		};
	}

	/**
	 * Ends the task's time in the queue and at work now, for tests that can't foresee when.
	 * @param silent whether the webhook is not called
	 */
	finish(task: SimulatedTask, silent: boolean): void {
		const now = this.options.now();
		task.silent = silent;
		task.startsAt = Math.min(task.startsAt, now);
		task.endsAt = Math.min(task.endsAt, now);
	}

	/** Ends a task that has not ended yet, in the queue as well as at work. */
	cancel(task: SimulatedTask): void {
		const at = this.options.now();
		task.cancellation = { at, by: 'user' };
		// Earlier for most; later for one that only waits for its images any more.
		task.endsAt = at;
	}

	/**
	 * Takes back that a task was accepted: it never ran, and is not billed. It is known on.
	 * @returns whether it was billed before
	 */
	withdraw(task: SimulatedTask): boolean {
		const index = this.all.indexOf(task);
		if (index !== -1) this.all.splice(index, 1);
		return index !== -1;
	}

	/** Forgets every task. */
	reset(): void {
		this.all.length = 0;
		this.#accepted = 0;
		this.#byId.clear();
	}

	#processingMilliseconds(prompt: string, number: number): number {
		if (prompt.includes('[slow]')) return SLOW_MILLISECONDS;
		const { processingMilliseconds } = this.options;
		return typeof processingMilliseconds === 'function'
			? processingMilliseconds(number)
			: processingMilliseconds;
	}

	/** The service fetches links itself, and only once it works on the task. */
	#fetchReferencesWhenDue(task: SimulatedTask): void {
		if (this.options.now() < task.startsAt) return;
		for (const reference of task.references) {
			if (reference.state !== 'waiting') continue;
			void reference.fetch(this.options.referenceTimeoutMilliseconds, this.closing);
		}
	}
}

/** Whether nothing more will happen to the task. */
export function hasEnded(state: TaskState): boolean {
	return state.status === 'succeeded' || state.status === 'failed';
}
