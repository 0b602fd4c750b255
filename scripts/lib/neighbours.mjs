import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runJest } from './jest.mjs';
import { onShutdown } from './shutdown.mjs';

/**
 * Runs test/n8n/neighbours: workflows of our node and n8n's own nodes, on the engine of that n8n.
 *
 * @param {import('./n8n-installation.mjs').N8nInstallation} installation
 * @param {import('./totals.mjs').Totals} totals to be added to
 */
export async function testNeighbours({ node }, totals) {
	const title = "Workflows with n8n's own nodes";
	console.log(`… ${title}`);
	const started = Date.now();
	const folder = await mkdtemp(join(tmpdir(), 'flux-2-flex-neighbours-'));
	const remove = async () => await rm(folder, { recursive: true, force: true });
	const forget = onShutdown(remove);
	const { ok, output, tests } = await runJest(
		['--config', join('test', 'n8n', 'neighbours', 'jest.config.js')],
		// n8n imports some ES modules on demand, which jest can do with this option only.
		{ folder, node, nodeOptions: ['--experimental-vm-modules', '--no-warnings'] },
	);
	await remove();
	forget();
	const { passed, failed } = tests ?? { passed: 0, failed: 1 };
	const seconds = ((Date.now() - started) / 1000).toFixed(1);
	console.log(`${ok ? '✔' : '✖'} ${title} (${seconds} s, ${passed} passed, ${failed} failed)`);
	if (!ok) console.log(output.trim());
	// Failed without a failed test: jest itself is not content.
	totals.add(passed, ok ? failed : Math.max(failed, 1));
}
