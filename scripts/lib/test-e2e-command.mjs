import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { run as runTests } from 'node:test';
import { spec } from 'node:test/reporters';
import { ensureN8n, n8nIsInstalled, n8nVersion } from './n8n-installation.mjs';
import { testNeighbours } from './neighbours.mjs';
import { build } from './package-tarball.mjs';
import { repository } from './paths.mjs';
import { runSteps } from './progress.mjs';
import { onShutdown } from './shutdown.mjs';
import { Totals } from './totals.mjs';

const testFolder = join(repository, 'test', 'e2e');

/**
 * `npm run test:e2e`: the node beside n8n's own nodes, and the packed node in the real n8n.
 *
 * @returns {Promise<number>} exit code
 */
export async function run() {
	let installation;
	await runSteps([
		{ title: 'Build the node', run: build },
		{
			title: n8nIsInstalled()
				? `Find n8n ${n8nVersion} in the cache`
				: `Install n8n ${n8nVersion} into the cache (only this time)`,
			run: async ({ line }) => {
				installation = await ensureN8n(line);
			},
		},
	]);
	const files = (await readdir(testFolder)).filter((file) => file.endsWith('.test.mjs')).sort();
	const totals = await runTestFiles(files.map((file) => join(testFolder, file)));
	await testNeighbours(installation, totals);
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
