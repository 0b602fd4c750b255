import { join } from 'node:path';
import { ensurePrograms } from '../lib/debian.mjs';
import { ensureN8n, n8nIsInstalled, n8nVersion } from '../lib/n8n-installation.mjs';
import { build } from '../lib/package-tarball.mjs';
import { repository } from '../lib/paths.mjs';
import { runSteps } from '../lib/progress.mjs';
import { runTestFolder } from '../lib/test-files.mjs';

/** What queue mode needs besides n8n, and the Debian packages it comes in. */
const programs = {
	'redis-server': 'redis-server',
	'redis-cli': 'redis-tools',
	initdb: 'postgresql',
	postgres: 'postgresql',
	pg_isready: 'postgresql',
};

/**
 * `npm run test:queue`: the packed node in n8n's queue mode, with workers, Redis and PostgreSQL.
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
		{
			title: 'Find Redis and PostgreSQL',
			run: async ({ line }) => await ensurePrograms(programs, line),
		},
	]);
	const totals = await runTestFolder(join(repository, 'test', 'n8n', 'queue'));
	totals.print();
	return totals.exitCode;
}
