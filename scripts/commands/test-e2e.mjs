import { join } from 'node:path';
import { ensureChromium, findChromium } from '../lib/chromium.mjs';
import { ensureN8n, n8nIsInstalled, n8nVersion } from '../lib/n8n-installation.mjs';
import { testNeighbours } from '../lib/neighbours.mjs';
import { build } from '../lib/package-tarball.mjs';
import { repository } from '../lib/paths.mjs';
import { runSteps } from '../lib/progress.mjs';
import { runTestFolder } from '../lib/test-files.mjs';

/**
 * `npm run test:e2e`: the node beside n8n's own nodes, and the packed node in the real n8n.
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
	const totals = await runTestFolder(join(repository, 'test', 'n8n', 'e2e'), names);
	if (names.length === 0) await testNeighbours(await ensureN8n(() => {}), totals);
	totals.print();
	return totals.exitCode;
}
