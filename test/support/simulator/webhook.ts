import type { ResolvedOptions } from './options';
import { pause } from './pause';
import type { SimulatedTask, TaskState, TaskStore } from './tasks';
import { hasEnded } from './tasks';

/** Documented: a delivery is tried up to five times. */
const MAX_TRIES = 5;

/** How often the clock is looked at. It may be a test's own, so one long sleep won't do. */
const LOOK_MILLISECONDS = 20;

export interface Webhook {
	url: string;
	/** Whether it is time for the event; default when the task has ended. */
	isDue?: (state: TaskState) => boolean;
	/** Makes the event's body then; undefined = there is no event after all. */
	event: () => unknown;
	/** Further headers for the body, such as a signature. */
	headers?: (body: string) => Record<string, string>;
}

/**
 * Waits until the event is due and posts it: up to five tries, anything but a 2xx within
 * the time-out counts as failed (documented in the vendor's webhook page). Never throws; what
 * happened is in `task.webhookTries`.
 */
export async function deliverWebhook(
	task: SimulatedTask,
	webhook: Webhook,
	tasks: TaskStore,
	options: ResolvedOptions,
	stop: AbortSignal,
): Promise<void> {
	const { isDue = hasEnded } = webhook;
	while (!isDue(tasks.stateOf(task))) {
		if (stop.aborted) return;
		await pause(LOOK_MILLISECONDS, stop);
	}
	if (task.silent) return;
	const event = webhook.event();
	if (event === undefined) return;
	const body = JSON.stringify(event);
	for (let attempt = 1; attempt <= MAX_TRIES && !stop.aborted; attempt++) {
		if (await post(task, webhook, body, options, stop)) return;
		if (attempt < MAX_TRIES) await pause(options.webhookRetryMilliseconds, stop);
	}
}

async function post(
	task: SimulatedTask,
	{ url, headers: furtherHeaders }: Webhook,
	body: string,
	options: ResolvedOptions,
	stop: AbortSignal,
): Promise<boolean> {
	const at = options.now();
	try {
		const signal = AbortSignal.any([stop, AbortSignal.timeout(options.webhookTimeoutMilliseconds)]);
		const headers = { 'content-type': 'application/json', ...furtherHeaders?.(body) };
		const response = await fetch(url, { method: 'POST', headers, body, signal });
		await response.body?.cancel();
		task.webhookTries.push({ at, status: response.status });
		return response.ok;
	} catch (error) {
		task.webhookTries.push({ at, failure: error instanceof Error ? error.message : String(error) });
		return false;
	}
}
