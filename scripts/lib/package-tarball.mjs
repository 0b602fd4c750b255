import { execa } from 'execa';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runNpm } from './npm.mjs';
import { packageJson, repository } from './paths.mjs';
import { UserFacingError } from './user-facing-error.mjs';

const sources = [
	'nodes',
	'credentials',
	'icons',
	'package.json',
	'tsconfig.json',
	'gulpfile.js',
	'index.js',
];

/**
 * Builds the package unless the last build is newer than every source.
 *
 * @returns {Promise<boolean>} whether there was something to build
 */
export async function buildWhenStale() {
	if (await buildIsFresh()) return false;
	await build();
	return true;
}

/** @throws {UserFacingError} when the build fails */
export async function build() {
	await runNpm(['run', 'build'], { folder: repository, purpose: 'Building the package' }).catch(
		(error) => {
			throw new UserFacingError('The package does not build; npm run typecheck tells why.', {
				cause: error,
			});
		},
	);
}

async function buildIsFresh() {
	const { n8n } = packageJson;
	const built = [...n8n.nodes, ...n8n.credentials].map((path) => join(repository, path));
	if (!built.every(existsSync)) return false;
	// The compiler's files: what is only copied keeps the time of its source.
	const builtAt = await Promise.all(built.map(async (path) => (await stat(path)).mtimeMs));
	const changedAt = await Promise.all(sources.map((path) => latestChange(join(repository, path))));
	return Math.max(...changedAt) < Math.min(...builtAt);
}

/**
 * @param {string} path
 * @returns {Promise<number>} milliseconds since 1970; a folder's own time tells of deleted files
 */
async function latestChange(path) {
	const entry = await stat(path);
	if (!entry.isDirectory()) return entry.mtimeMs;
	const inside = await readdir(path);
	const times = await Promise.all(inside.map((name) => latestChange(join(path, name))));
	return Math.max(entry.mtimeMs, ...times);
}

/**
 * Packs the built package as `npm publish` would.
 *
 * @param {string} destination an existing folder
 * @returns {Promise<{ path: string, files: string[] }>} `files` with paths inside the package
 */
export async function pack(destination) {
	const output = await runNpm(
		['pack', '--json', '--ignore-scripts', `--pack-destination=${destination}`],
		{ folder: repository, purpose: 'Packing the package' },
	);
	const reports = JSON.parse(output);
	// npm 11 gives an array, later ones an object by name.
	const [report] = Array.isArray(reports) ? reports : Object.values(reports);
	return {
		path: join(destination, report.filename),
		files: report.files.map((/** @type {{ path: string }} */ { path }) => path),
	};
}

/**
 * @param {string} tarball
 * @param {string} destination will hold package.json and the rest
 */
export async function unpack(tarball, destination) {
	await mkdir(destination, { recursive: true });
	await execa('tar', ['-xzf', tarball, '-C', destination, '--strip-components=1']);
}

/**
 * Puts a tarball where n8n keeps community packages, with the settings n8n itself installs them with.
 * n8n loads what lies there when it starts.
 *
 * @param {string} tarball
 * @param {string} userFolder n8n's `N8N_USER_FOLDER`
 * @returns {Promise<string>} the folder it lies in
 */
export async function installAsCommunityPackage(tarball, userFolder) {
	const folder = join(userFolder, '.n8n', 'nodes');
	// npm would keep a package of the same version, though its contents have changed.
	await rm(join(folder, 'node_modules'), { recursive: true, force: true });
	await mkdir(folder, { recursive: true });
	await writeFile(
		join(folder, 'package.json'),
		JSON.stringify({ name: 'installed-nodes', private: true, dependencies: {} }, null, 2),
	);
	await runNpm(
		[
			'install',
			tarball,
			`--prefix=${folder}`,
			'--no-audit',
			'--no-fund',
			'--bin-links=false',
			'--install-strategy=shallow',
			'--ignore-scripts',
			'--package-lock=false',
			// n8n removes the peer dependencies before it installs: it brings n8n-workflow itself.
			'--legacy-peer-deps',
			'--omit=dev',
			'--loglevel=error',
		],
		{ folder, purpose: 'Installing the package in n8n' },
	);
	return join(folder, 'node_modules', packageJson.name);
}
