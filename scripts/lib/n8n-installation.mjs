import { execa } from 'execa';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { requireRegistry, runNpm } from './npm.mjs';
import { cacheFolder } from './paths.mjs';
import { isRunning } from './processes.mjs';
import { UserFacingError } from './user-facing-error.mjs';

/** The n8n that everything here runs on. Pinned, so that a failure is ours and not n8n's news. */
export const n8nVersion = '2.41.1';

/** The Node that runs n8n where the running one cannot. */
const nodeVersion = '24.21.0';

/** n8n asks for Node 24; isolated-vm, one of its parts, brings binaries for these versions only. */
const nodeMajorsForN8n = [24, 26];

const platform = `${process.platform}-${process.arch}`;

/**
 * @typedef {object} N8nInstallation
 * @property {string} node path of the Node that runs n8n
 * @property {string} n8n path of n8n's start script
 * @property {string} folder
 */

/** @returns {boolean} whether nothing has to be downloaded */
export function n8nIsInstalled() {
	return (
		existsSync(n8nFolder()) && (runningNodeSuits() || existsSync(nodeExecutable(nodeFolder())))
	);
}

/**
 * Gets n8n, and a Node that can run it, into the cache folder. What is there is used as it is.
 *
 * @param {(line: string) => void} report shows what it is at
 * @returns {Promise<N8nInstallation>}
 * @throws {UserFacingError} when something cannot be downloaded or built
 */
export async function ensureN8n(report) {
	const node = await ensureNode(report);
	const folder = n8nFolder();
	await installOnce(folder, async (staging) => {
		report(`downloading n8n ${n8nVersion}, about 3 GB on disk; this takes some minutes …`);
		await install(staging, [`n8n@${n8nVersion}`], `Installing n8n ${n8nVersion}`);
		report('building sqlite3, the database of n8n …');
		await buildSqlite(staging, node);
	});
	return { node, n8n: join(folder, 'node_modules', 'n8n', 'bin', 'n8n'), folder };
}

/**
 * @param {(line: string) => void} report
 * @returns {Promise<string>} path of a Node that can run n8n
 */
async function ensureNode(report) {
	if (runningNodeSuits()) return process.execPath;
	const folder = nodeFolder();
	await installOnce(folder, async (staging) => {
		report(`downloading Node ${nodeVersion}, which n8n needs …`);
		await install(staging, [`${nodePackage()}@${nodeVersion}`], `Installing Node ${nodeVersion}`);
		await execa(nodeExecutable(staging), ['--version']).catch((error) => {
			throw new UserFacingError(
				`n8n needs Node 24, and the one from npm does not run on this system (${platform}). Put Node 24 on the PATH and try again.`,
				{ cause: error },
			);
		});
	});
	return nodeExecutable(folder);
}

/**
 * Installs into a temporary folder beside the final one and renames it at the end: what has the final
 * name is complete.
 *
 * @param {string} folder
 * @param {(staging: string) => Promise<void>} fill
 */
export async function installOnce(folder, fill) {
	if (existsSync(folder)) return;
	await mkdir(dirname(folder), { recursive: true });
	await removeAbandoned(folder);
	const staging = `${folder}.partial-${process.pid}`;
	await rm(staging, { recursive: true, force: true });
	await mkdir(staging);
	try {
		await fill(staging);
		await rename(staging, folder);
	} catch (error) {
		await rm(staging, { recursive: true, force: true });
		// Another start may have been faster.
		if (!existsSync(folder)) throw error;
	}
}

/** @param {string} folder the final one, whose interrupted installations go */
async function removeAbandoned(folder) {
	const prefix = `${basename(folder)}.partial-`;
	for (const name of await readdir(dirname(folder))) {
		if (name.startsWith(prefix) && !isRunning(Number(name.slice(prefix.length)))) {
			await rm(join(dirname(folder), name), { recursive: true, force: true });
		}
	}
}

/**
 * Installs packages with all they depend on.
 *
 * @param {string} folder an empty one
 * @param {string[]} packageSpecifiers
 * @param {string} purpose what fails when npm fails, e.g. 'Installing n8n'
 * @throws {UserFacingError} when npm cannot install them
 */
export async function install(folder, packageSpecifiers, purpose) {
	await requireRegistry(folder, purpose);
	await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true }));
	await runNpm(
		[
			'install',
			...packageSpecifiers,
			`--prefix=${folder}`,
			// Of all the install scripts n8n needs only sqlite3's; the others compile what it can do without.
			'--ignore-scripts',
			'--no-audit',
			'--no-fund',
			'--no-package-lock',
			'--omit=dev',
			'--engine-strict=false',
			'--loglevel=error',
		],
		{ folder, purpose },
	);
}

/**
 * @param {string} folder
 * @param {string} node the Node that will load it
 */
async function buildSqlite(folder, node) {
	const failure = await runNpm(
		['rebuild', 'sqlite3', `--prefix=${folder}`, '--ignore-scripts=false', '--loglevel=error'],
		{ folder, purpose: 'Building sqlite3', node },
	).then(
		() => undefined,
		(error) => error,
	);
	// npm may also end well without having run the install script.
	await execa(node, ['-e', "require('sqlite3')"], { cwd: folder }).catch((error) => {
		throw new UserFacingError(
			'sqlite3, the database of n8n, could neither be downloaded nor built. Building it needs Python 3, make and a C++ compiler.',
			{ cause: failure ?? error },
		);
	});
}

function runningNodeSuits() {
	return nodeMajorsForN8n.includes(Number(process.versions.node.split('.')[0]));
}

function n8nFolder() {
	return join(cacheFolder(), `n8n-${n8nVersion}-${platform}`);
}

function nodeFolder() {
	return join(cacheFolder(), `node-${nodeVersion}-${platform}`);
}

/** The npm package with Node's binary for this system; names as the npm package `node` uses them. */
function nodePackage() {
	const prefix = platform === 'darwin-arm64' ? 'node-bin' : 'node';
	const system = process.platform === 'win32' ? 'win' : process.platform;
	return `${prefix}-${system}-${process.arch}`;
}

/** @param {string} folder */
function nodeExecutable(folder) {
	const executable = process.platform === 'win32' ? 'node.exe' : 'node';
	return join(folder, 'node_modules', nodePackage(), 'bin', executable);
}
