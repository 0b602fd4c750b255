import { AssertionError } from 'node:assert';
import { isDeepStrictEqual } from 'node:util';
import { waitUntil } from '../../../../scripts/lib/wait-until.mjs';

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
	/** @type {T | undefined} */
	let actual;
	await waitUntil(
		async () => {
			actual = await look();
			return isDeepStrictEqual(actual, expected);
		},
		{
			timeout: patience,
			interval: 50,
			onTimeout: () => new AssertionError({ actual, expected, operator: 'deepStrictEqual' }),
		},
	);
}
