import { isDeepStrictEqual } from 'node:util';
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds the editor has to show what it shall. */
const patience = 15_000;

/**
 * Fails unless the page comes to show what is expected; it may take a moment to react.
 *
 * @template T
 * @param {() => Promise<T>} look
 * @param {T} expected
 */
export async function assertComesToShow(look, expected) {
	const deadline = Date.now() + patience;
	let seen = await look();
	while (!isDeepStrictEqual(seen, expected) && Date.now() < deadline) {
		await sleep(50);
		seen = await look();
	}
	assert.deepEqual(seen, expected);
}
