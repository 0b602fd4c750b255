import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { run as runTests } from 'node:test';
import { spec } from 'node:test/reporters';
import { onShutdown } from './shutdown.mjs';
import { Totals } from './totals.mjs';

/**
 * Runs the test files of a folder on Node's own test runner and prints how they go.
 *
 * @param {string} folder its `*.test.mjs` run, not those of folders in it
 * @param {string[]} [names] of files to run, e.g. `browser`; none: all of them
 * @returns {Promise<Totals>}
 */
export async function runTestFolder(folder, names = []) {
	const files = (await readdir(folder))
		.filter((file) => file.endsWith('.test.mjs'))
		.filter((file) => names.length === 0 || names.includes(file.slice(0, -'.test.mjs'.length)))
		.sort();
	const interruption = new AbortController();
	const forget = onShutdown(() => interruption.abort());
	const totals = new Totals();
	const isTest = (/** @type {{ details: { type?: string } }} */ { details }) =>
		details.type !== 'suite';
	// One after the other: each starts an n8n, which wants the whole machine.
	const events = runTests({
		files: files.map((file) => join(folder, file)),
		concurrency: 1,
		signal: interruption.signal,
	})
		.on('test:pass', (data) => isTest(data) && !data.skip && totals.add(1, 0))
		.on('test:fail', (data) => isTest(data) && totals.add(0, 1));
	for await (const text of events.compose(new spec())) process.stdout.write(text);
	forget();
	return totals;
}
