import { execa } from 'execa';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repository } from './paths.mjs';

/** Milliseconds jest has for everything. It never ends when a test leaves something running. */
const jestTimeout = 20 * 60_000;

/**
 * Runs jest and counts its tests.
 *
 * @param {string} folder an empty one, for its results
 * @param {string[]} commandLine handed to jest
 * @param {{ node?: string, nodeOptions?: string[] }} [options] the Node that runs it, by default the
 *   running one
 * @returns {Promise<{ ok: boolean, output: string, tests?: { passed: number, failed: number } }>}
 *   without `tests` when jest itself broke
 */
export async function runJest(
	folder,
	commandLine,
	{ node = process.execPath, nodeOptions = [] } = {},
) {
	const resultsFile = join(folder, 'results.json');
	const { failed, timedOut, all } = await execa(
		node,
		[
			...nodeOptions,
			join('node_modules', 'jest', 'bin', 'jest.js'),
			...['--json', `--outputFile=${resultsFile}`, ...commandLine],
		],
		{
			cwd: repository,
			reject: false,
			all: true,
			timeout: jestTimeout,
			env: { FORCE_COLOR: process.stdout.isTTY ? '1' : '0' },
		},
	);
	if (timedOut || !existsSync(resultsFile)) {
		const reason = timedOut ? `did not end within ${jestTimeout / 60_000} minutes` : 'broke off';
		return { ok: false, output: `${all}\njest ${reason}.` };
	}
	const results = JSON.parse(await readFile(resultsFile, 'utf8'));
	return {
		ok: !failed,
		output: withoutJson(all),
		tests: {
			passed: results.numPassedTests,
			// A file that could not even be loaded has no tests to count.
			failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
		},
	};
}

/**
 * @param {string} output
 * @returns {string} without the note on where jest has written its JSON
 */
function withoutJson(output) {
	return output.replace(/^Test results written to: .*$/m, '');
}
