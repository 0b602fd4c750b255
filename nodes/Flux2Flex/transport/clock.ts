import { sleep } from 'n8n-workflow';

/** Time as the node sees it, so that tests can run on virtual time. */
export interface Clock {
	/** Milliseconds since 1970. */
	now(): number;
	/** Resolves after that many milliseconds, or as soon as the signal aborts; it never rejects. */
	sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/**
 * Longest single timer. n8n-workflow's `sleep` cannot be cut short in n8n before 2.34, so a wait is
 * made of slices: an abort ends the wait at once and leaves at most one short timer behind.
 */
const SLICE_MILLISECONDS = 1000;

export const realClock: Clock = {
	now: () => Date.now(),
	async sleep(milliseconds, signal) {
		const end = Date.now() + milliseconds;
		for (let left = milliseconds; left > 0 && !signal.aborted; left = end - Date.now()) {
			await sleepOrAbort(Math.min(left, SLICE_MILLISECONDS), signal);
		}
	},
};

async function sleepOrAbort(milliseconds: number, signal: AbortSignal): Promise<void> {
	let stopListening = () => {};
	const aborted = new Promise<void>((resolve) => {
		const onAbort = () => resolve();
		signal.addEventListener('abort', onAbort, { once: true });
		stopListening = () => signal.removeEventListener('abort', onAbort);
	});
	await Promise.race([sleep(milliseconds), aborted]);
	stopListening();
}
