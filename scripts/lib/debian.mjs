import { execa } from 'execa';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { UserFacingError } from './user-facing-error.mjs';

/** @returns {boolean} whether this process may install packages and become another user */
export const isRoot = () => process.getuid?.() === 0;

/** Where Debian puts PostgreSQL's programs, which are not on the PATH. */
const postgresqlFolder = '/usr/lib/postgresql';

/**
 * Finds the programs of Debian packages, and installs the packages when a program is missing.
 *
 * @param {Record<string, string>} packageOf the package of each program
 * @param {(line: string) => void} report shows what it is at
 * @throws {UserFacingError} when a program is missing and cannot be installed
 */
export async function ensurePrograms(packageOf, report) {
	const missing = () => Object.keys(packageOf).filter((program) => !findProgram(program));
	if (missing().length === 0) return;
	const packages = [...new Set(missing().map((program) => packageOf[program] ?? program))];
	const byHand = `Install them, e.g. with: sudo apt-get install --no-install-recommends ${packages.join(' ')}`;
	if (!isRoot() || !existsSync('/usr/bin/apt-get')) {
		throw new UserFacingError(`Queue mode needs ${missing().join(', ')}. ${byHand}`);
	}
	await installPackages(packages, report, byHand);
	if (missing().length > 0) {
		throw new UserFacingError(`${missing().join(', ')} cannot be found. ${byHand}`);
	}
}

/**
 * @param {string[]} packages of Debian
 * @param {(line: string) => void} report shows what it is at
 * @param {string} byHand what the user can do instead
 * @throws {UserFacingError} when apt-get fails
 */
export async function installPackages(packages, report, byHand) {
	report(`installing ${packages.join(', ')} …`);
	const environment = /** @type {const} */ ({
		env: { DEBIAN_FRONTEND: 'noninteractive' },
		stdin: 'ignore',
	});
	try {
		await execa('apt-get', ['update', '--quiet'], environment);
		await execa(
			'apt-get',
			['install', '--quiet', '--yes', '--no-install-recommends', ...packages],
			environment,
		);
	} catch (error) {
		throw new UserFacingError(`apt-get could not install ${packages.join(', ')}. ${byHand}`, {
			cause: error,
		});
	}
}

/**
 * @param {string} name
 * @returns {string} the path of a program that is there
 */
export function program(name) {
	const path = findProgram(name);
	if (!path) throw new UserFacingError(`There is no ${name}.`);
	return path;
}

/**
 * @param {string} program
 * @returns {string | undefined} its path; Debian's newest PostgreSQL before whatever is on the PATH
 */
function findProgram(program) {
	const postgresqlVersions = existsSync(postgresqlFolder) ? readdirSync(postgresqlFolder) : [];
	const folders = [
		...postgresqlVersions
			.sort((one, other) => Number(other) - Number(one))
			.map((version) => join(postgresqlFolder, version, 'bin')),
		...(process.env.PATH ?? '').split(delimiter),
	];
	return folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
}
