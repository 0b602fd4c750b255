import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { run as runTests } from 'node:test';
import { spec } from 'node:test/reporters';
import { ensureChromium, findChromium } from './chromium.mjs';
import { ensureN8n, n8nIsInstalled, n8nVersion } from './n8n-installation.mjs';
import { build } from './package-tarball.mjs';
import { repository } from './paths.mjs';
import { runSteps } from './progress.mjs';
import { onShutdown } from './shutdown.mjs';
import { Totals } from './totals.mjs';

const testFolder = join(repository, 'test', 'e2e');

/**
 * `npm run test:e2e`: the packed node in the real n8n.
 *
 * @param {string[]} names of test files, e.g. `browser`; none: all of them
 * @returns {Promise<number>} exit code
 */
export async function run(names) {
	await runSteps([
		{ title: 'Build the node', run: build },
		{
			title: n8nIsInstalled()
				? `Find n8n ${n8nVersion} in the cache`
				: `Install n8n ${n8nVersion} into the cache (only this time)`,
			run: async ({ line }) => void (await ensureN8n(line)),
		},
		{
			title: findChromium() ? 'Find Chromium' : 'Install Chromium (only this time)',
			run: async ({ line }) => void (await ensureChromium(line)),
		},
	]);
	const files = (await readdir(testFolder))
		.filter((file) => file.endsWith('.test.mjs'))
		.filter((file) => names.length === 0 || names.includes(file.slice(0, -'.test.mjs'.length)))
		.sort();
	const totals = await runTestFiles(files.map((file) => join(testFolder, file)));
	totals.print();
	return totals.exitCode;
}

/** @param {string[]} files */
async function runTestFiles(files) {
	const interruption = new AbortController();
	const forget = onShutdown(() => interruption.abort());
	const totals = new Totals();
	const isTest = (data) => data.details.type !== 'suite';
	// One after the other: each starts an n8n, which wants the whole machine.
	const events = runTests({ files, concurrency: 1, signal: interruption.signal })
		.on('test:pass', (data) => isTest(data) && !data.skip && totals.add(1, 0))
		.on('test:fail', (data) => isTest(data) && totals.add(0, 1));
	for await (const text of events.compose(new spec())) process.stdout.write(text);
	forget();
	return totals;
}
