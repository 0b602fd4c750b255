import { join } from 'node:path';
import { ensureN8n, n8nIsInstalled, n8nVersion } from './n8n-installation.mjs';
import { build } from './package-tarball.mjs';
import { repository } from './paths.mjs';
import { runSteps } from './progress.mjs';
import { runTestFolder } from './test-files.mjs';

/**
 * `npm run test:e2e`: the packed node in the real n8n.
 *
 * @returns {Promise<number>} exit code
 */
export async function run() {
	await runSteps([
		{ title: 'Build the node', run: build },
		{
			title: n8nIsInstalled()
				? `Find n8n ${n8nVersion} in the cache`
				: `Install n8n ${n8nVersion} into the cache (only this time)`,
			run: async ({ line }) => void (await ensureN8n(line)),
		},
	]);
	const totals = await runTestFolder(join(repository, 'test', 'e2e'));
	totals.print();
	return totals.exitCode;
}
