import gulp from 'gulp';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from './package-tarball.mjs';
import { repository } from './paths.mjs';
import { onShutdown } from './shutdown.mjs';
import { firstLine } from './user-facing-error.mjs';

/** n8n that loads a package again when one of its files changes, and that a debugger can attach to. */
export const developed = {
	environment: { N8N_DEV_RELOAD: 'true' },
	nodeOptions: ['--inspect=127.0.0.1:9229'],
};

/**
 * Builds the node whenever one of its sources is saved, and puts it where n8n loads it from.
 *
 * @param {string} installed the folder of the installed package
 */
export function rebuildOnSave(installed) {
	const sources = ['nodes/**', 'credentials/**', 'icons/**'];
	const watcher = gulp.watch(sources, { cwd: repository }, async () => {
		try {
			await build();
			await cp(join(repository, 'dist'), join(installed, 'dist'), { recursive: true });
			console.log('  Built and loaded again.');
		} catch (error) {
			console.log(`  ${firstLine(error)}`);
		}
	});
	onShutdown(async () => await watcher.close());
}
