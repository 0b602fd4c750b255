import { waitUntil } from '../../../scripts/lib/wait-until.mjs';

/**
 * @template T
 * @param {() => Promise<T | false | undefined>} ask
 * @param {string} what is waited for
 * @param {number} [timeout] milliseconds; n8n is slow on a busy machine
 * @returns {Promise<T>} the first truthy answer
 */
export async function until(ask, what, timeout = 90_000) {
	return await waitUntil(ask, {
		timeout,
		onTimeout: () => new Error(`Not within ${timeout / 1000} s: ${what}`),
	});
}
