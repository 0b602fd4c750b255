import { sleep } from 'n8n-workflow';

import { StopSignal } from './stopSignal';

/** Time as the node sees it, so that tests can run on virtual time. */
export interface Clock {
	/** Milliseconds since 1970. */
	now(): number;
	/** Resolves after that many milliseconds, or as soon as the signal stops; it never rejects. */
	sleep(milliseconds: number, signal: StopSignal): Promise<void>;
}

/**
 * Longest single timer. n8n-workflow's `sleep` cannot be cut short in n8n before 2.34, so a wait is
 * made of slices: a stop ends the wait at once and leaves at most one short timer behind.
 */
const SLICE_MILLISECONDS = 1000;

export const realClock: Clock = {
	now: () => Date.now(),
	async sleep(milliseconds, signal) {
		const end = Date.now() + milliseconds;
		for (let left = milliseconds; left > 0 && !signal.stopped; left = end - Date.now()) {
			await sleepOrStop(Math.min(left, SLICE_MILLISECONDS), signal);
		}
	},
};

async function sleepOrStop(milliseconds: number, signal: StopSignal): Promise<void> {
	let unsubscribe = () => {};
	const stopped = new Promise<void>((resolve) => {
		unsubscribe = signal.onStop(resolve);
	});
	await Promise.race([sleep(milliseconds), stopped]);
	unsubscribe();
}

/**
 * The value of the work, or undefined when the time is over or the signal stopped before it came.
 * The work itself goes on: whoever started it has to end it.
 */
export async function within<Value>(
	clock: Clock,
	milliseconds: number,
	signal: StopSignal,
	work: Promise<Value>,
): Promise<Value | undefined> {
	const wait = new StopSignal();
	const unsubscribe = signal.onStop(() => wait.stop());
	try {
		return await Promise.race([work, clock.sleep(milliseconds, wait).then(() => undefined)]);
	} finally {
		unsubscribe();
		wait.stop();
	}
}
