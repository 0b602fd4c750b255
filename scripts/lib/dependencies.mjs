// Node builtins only: this runs on a fresh clone, before anything is installed.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireRegistry, runNpm } from './npm.mjs';
import { repository } from './paths.mjs';

/**
 * Installs the development dependencies when they are missing or no longer those of the lock file.
 *
 * @throws {import('./user-facing-error.mjs').UserFacingError} when npm cannot install them
 */
export async function ensureDependencies() {
	if (dependenciesAreInstalled(repository)) return;
	const started = Date.now();
	const seconds = () => Math.round((Date.now() - started) / 1000);
	console.log('Installing the development dependencies …');
	const reminder = setInterval(() => console.log(`  still installing, ${seconds()} s …`), 15_000);
	const purpose = 'Installing the development dependencies';
	try {
		await requireRegistry(repository, purpose);
		await runNpm(['ci'], { folder: repository, purpose });
	} finally {
		clearInterval(reminder);
	}
	console.log(`Dependencies are installed (${seconds()} s).`);
}

/**
 * npm notes at the end of an installation what it has put into `node_modules`; an interrupted one
 * leaves no note. Comparing this note with the lock file needs no bookkeeping of our own.
 *
 * @param {string} folder
 * @returns {boolean}
 */
function dependenciesAreInstalled(folder) {
	const notePath = join(folder, 'node_modules', '.package-lock.json');
	if (!existsSync(notePath)) return false;
	try {
		const installed = JSON.parse(readFileSync(notePath, 'utf8')).packages;
		const locked = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')).packages;
		return Object.entries(locked).every(
			([path, entry]) =>
				path === '' ||
				// Only those for this operating system are installed.
				(entry.optional && !installed[path]) ||
				(entry.peer && !installed[path]) ||
				installed[path]?.version === entry.version,
		);
	} catch {
		return false;
	}
}
