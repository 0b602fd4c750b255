import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of this package. */
export const repository = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** @type {{ name: string, n8n: { nodes: string[], credentials: string[] } }} */
export const packageJson = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'));

/** Where images go that somebody wants to look at. Ignored by git. */
export const outputFolder = join(repository, 'output');

export const examplesFolder = join(repository, 'examples');

/**
 * The folder for what is big and can be had again: the real n8n, a Node for it, the data of the n8n
 * that `npm start` runs. It lies outside the package, where the operating system wants caches, so
 * that a second clone and a `git clean` keep it.
 *
 * @returns {string}
 */
export function cacheFolder() {
	return join(cacheHome(), packageJson.name);
}

/**
 * The n8n user folder of `npm start`: one for each clone, so that two clones can run side by side.
 *
 * @returns {string}
 */
export function userFolderOfThisClone() {
	const distinguishing = createHash('sha256').update(repository).digest('hex').slice(0, 8);
	return join(cacheFolder(), 'users', `${basename(repository)}-${distinguishing}`);
}

/**
 * @param {string} name what ran, e.g. 'n8n-start'
 * @returns {string} path of its log, which is there after temporary folders have gone
 */
export function logFileOf(name) {
	return join(cacheFolder(), 'logs', `${name}.log`);
}

function cacheHome() {
	if (process.env.XDG_CACHE_HOME) return resolve(process.env.XDG_CACHE_HOME);
	if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches');
	if (process.platform === 'win32') {
		return process.env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local');
	}
	return join(homedir(), '.cache');
}
