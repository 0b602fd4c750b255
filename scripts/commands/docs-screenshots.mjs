import { run as runEndToEndTests } from './test-e2e.mjs';

/**
 * `npm run docs:screenshots`: runs the tests in the editor and writes what they saw into docs/images.
 *
 * @returns {Promise<number>} exit code
 */
export async function run() {
	process.env.WRITE_SCREENSHOTS = '1';
	return await runEndToEndTests(['browser']);
}
