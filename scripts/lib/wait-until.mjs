import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Asks again and again until the answer is yes.
 *
 * @template T
 * @param {() => Promise<T | false | undefined>} ask what it throws ends the waiting
 * @param {{ timeout: number, interval?: number, onTimeout: () => Error }} options in milliseconds
 * @returns {Promise<T>} the first truthy answer
 */
export async function waitUntil(ask, { timeout, interval = 250, onTimeout }) {
	const deadline = Date.now() + timeout;
	for (;;) {
		const answer = await ask();
		if (answer) return answer;
		if (Date.now() > deadline) throw onTimeout();
		await sleep(interval);
	}
}
