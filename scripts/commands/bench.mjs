import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startServer } from '../lib/child-process.mjs';
import { ensureN8n, n8nIsInstalled, n8nVersion } from '../lib/n8n-installation.mjs';
import { buildWhenStale, pack, unpack } from '../lib/package-tarball.mjs';
import { outputFolder, repository } from '../lib/paths.mjs';
import { runSteps } from '../lib/progress.mjs';
import { onShutdown } from '../lib/shutdown.mjs';

/**
 * `npm run bench`: everything, or what `--only <case>` names; in the dialect of Novita AI, or of
 * `--service <id>`.
 *
 * @param {string[]} commandLine handed to test/bench/main.ts
 * @returns {Promise<number>} exit code
 */
export async function run(commandLine) {
	await mkdir(outputFolder, { recursive: true });
	// Inside the repository, where the node finds n8n-workflow; a copy, so that a build does not
	// take the node away in the middle of a measurement.
	const folder = await mkdtemp(join(outputFolder, 'bench-'));
	onShutdown(async () => await rm(folder, { recursive: true, force: true }));
	const packageFolder = join(folder, 'package');
	let baseNodesFolder = '';
	await runSteps([
		{
			title: 'Build and pack the node',
			run: async () => {
				await buildWhenStale();
				const { path } = await pack(folder);
				await unpack(path, packageFolder);
			},
		},
		{
			title: n8nIsInstalled()
				? `Find n8n ${n8nVersion} in the cache, for its HTTP Request node`
				: `Install n8n ${n8nVersion} into the cache, for its HTTP Request node (only this time)`,
			run: async ({ line }) => {
				const n8n = await ensureN8n(line);
				baseNodesFolder = join(n8n.folder, 'node_modules', 'n8n-nodes-base');
			},
		},
	]);
	const { child } = startServer(
		process.execPath,
		[
			...['--require', 'tsx/cjs', join('test', 'bench', 'main.ts')],
			...['--package', packageFolder, '--base-nodes', baseNodesFolder],
			...commandLine,
		],
		{ cwd: repository, stdout: 'inherit', stderr: 'inherit' },
	);
	const { exitCode = 1 } = await child;
	return exitCode;
}
