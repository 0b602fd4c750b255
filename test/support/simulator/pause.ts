import { setTimeout as sleep } from 'node:timers/promises';

/** Waits in real time, or until told to stop. Never throws: look at the signal afterwards. */
export async function pause(milliseconds: number, stop: AbortSignal): Promise<void> {
	await sleep(milliseconds, undefined, { signal: stop }).catch(() => {});
}
