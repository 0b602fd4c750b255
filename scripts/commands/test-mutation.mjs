import { execa } from 'execa';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import rooms from '../lint/roomNames.cjs';
import { outputFolder, repository } from '../lib/paths.mjs';
import { UserFacingError } from '../lib/user-facing-error.mjs';

/** States of a mutant that count for the score, as Stryker counts them. */
const noticed = ['Killed', 'Timeout'];
const unnoticed = ['Survived', 'NoCoverage'];

/**
 * `npm run test:mutation [-- <room>[/<file>] …]`: changes the code of these rooms (none: of all) in
 * hundreds of places, one at a time, and lists the changes that no unit test notices.
 *
 * @param {string[]} names e.g. `services`, or `services/novita` for a single file
 * @returns {Promise<number>} exit code
 * @throws {UserFacingError} for a room that does not exist
 */
export async function run(names) {
	const unknown = names.find((name) => !rooms.includes(name.split('/')[0] ?? ''));
	if (unknown !== undefined) {
		throw new UserFacingError(`There is no room "${unknown}". There are: ${rooms.join(', ')}.`);
	}
	const chosen = names.length > 0 ? names : rooms;
	const globs = chosen.map((name) =>
		name.includes('/') ? pathOf(name) : `${pathOf(name)}**/*.ts`,
	);
	const { exitCode } = await execa(
		'npx',
		['stryker', 'run', join('scripts', 'mutation', 'stryker.mjs'), '--mutate', globs.join(',')],
		{ cwd: repository, stdio: 'inherit', reject: false },
	);
	if (exitCode === 0) await printScores(chosen);
	return exitCode ?? 1;
}

/** @param {string} name of a room or a file */
const pathOf = (name) => `nodes/Flux2Flex/${name}${name.includes('/') ? '.ts' : '/'}`;

/** @param {string[]} chosen */
async function printScores(chosen) {
	const report = await readFile(join(outputFolder, 'mutation', 'mutation.json'), 'utf8');
	/** @type {Array<[string, { mutants: Array<{ status: string }> }]>} */
	const files = Object.entries(JSON.parse(report).files);
	console.log('\nNoticed of the changes in each of them:\n');
	for (const name of chosen) {
		const states = files
			.filter(([path]) => path.startsWith(pathOf(name)))
			.flatMap(([, { mutants }]) => mutants.map(({ status }) => status));
		const good = states.filter((status) => noticed.includes(status)).length;
		const bad = states.filter((status) => unnoticed.includes(status)).length;
		const score = ((100 * good) / (good + bad)).toFixed(1);
		console.log(`${name.padEnd(24)} ${score.padStart(5)} %  (${good} of ${good + bad})`);
	}
}
