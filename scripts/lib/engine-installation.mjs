import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { install, installOnce } from './n8n-installation.mjs';
import { cacheFolder, repository } from './paths.mjs';

/**
 * Gets n8n's engine, n8n-core and n8n-workflow, into the cache folder, about 250 MB. What is there
 * is used as it is, and so is the one this repository has installed for its own tests.
 *
 * @param {import('./compatibility-versions.mjs').Version} version
 * @param {(line: string) => void} report shows what it is at
 * @returns {Promise<string>} the folder whose `node_modules` has both
 * @throws {import('./user-facing-error.mjs').UserFacingError} when npm cannot install them
 */
export async function ensureEngine({ n8n, core, workflow }, report) {
	const isInstalledHere =
		installedHere('n8n-core') === core && installedHere('n8n-workflow') === workflow;
	if (isInstalledHere) return repository;
	const folder = join(cacheFolder(), `n8n-engine-${core}-${workflow}`);
	await installOnce(folder, async (staging) => {
		report(`downloading the engine of n8n ${n8n}, about 250 MB on disk …`);
		await install(
			staging,
			[`n8n-core@${core}`, `n8n-workflow@${workflow}`],
			`Installing the engine of n8n ${n8n}`,
		);
	});
	return folder;
}

/** @param {string} name */
function installedHere(name) {
	const file = join(repository, 'node_modules', name, 'package.json');
	return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).version : undefined;
}
