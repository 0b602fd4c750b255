import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repository } from '../lib/paths.mjs';
import { UserFacingError } from '../lib/user-facing-error.mjs';

/**
 * What the release workflow runs before it publishes, since what is published can never be changed
 * again. That nobody else publishes is settled by `publishConfig` in package.json: npm gives a
 * provenance statement on GitHub only. (A `prepublishOnly` would not run: `.npmrc` has ignore-scripts.)
 *
 * @returns {Promise<number>} exit code
 * @throws {UserFacingError} when tag, version and changelog do not agree
 */
export async function run() {
	const tag = process.env.GITHUB_REF_NAME;
	const { version } = JSON.parse(await read('package.json'));
	if (tag !== `v${version}`) {
		throw new UserFacingError(`The tag is ${tag}, but the version in package.json is ${version}.`);
	}
	if (!(await read('CHANGELOG.md')).includes(`\n## [${version}] - `)) {
		throw new UserFacingError(`CHANGELOG.md has no section for ${version} with its date.`);
	}
	return 0;
}

/** @param {string} file */
const read = async (file) => await readFile(join(repository, file), 'utf8');
