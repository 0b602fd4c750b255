import { execa } from 'execa';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repository } from './paths.mjs';

/** Milliseconds jest has for everything. It never ends when a test leaves something running. */
const timeout = 20 * 60_000;

/**
 * Runs jest to its end.
 *
 * @param {string[]} commandLine handed to jest
 * @param {object} options
 * @param {string} options.folder an empty one, for its results
 * @param {NodeJS.ProcessEnv} [options.environment] further variables
 * @param {string} [options.node] the Node that runs it, by default the running one
 * @param {string[]} [options.nodeOptions]
 * @returns {Promise<JestRun>}
 *
 * @typedef {object} JestRun
 * @property {boolean} ok whether all tests passed
 * @property {string} output what jest printed
 * @property {{ passed: number, failed: number }} [tests] missing when jest broke off
 * @property {import('@jest/test-result').FormattedTestResults} [results]
 */
export async function runJest(
	commandLine,
	{ folder, environment = {}, node = process.execPath, nodeOptions = [] },
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
			timeout,
			env: { FORCE_COLOR: process.stdout.isTTY ? '1' : '0', ...environment },
		},
	);
	if (timedOut || !existsSync(resultsFile)) {
		const reason = timedOut ? `did not end within ${timeout / 60_000} minutes` : 'broke off';
		return { ok: false, output: `${all}\njest ${reason}.` };
	}
	const results = JSON.parse(await readFile(resultsFile, 'utf8'));
	return {
		ok: !failed,
		// Without the note on where jest has written its JSON.
		output: all.replace(/^Test results written to: .*$/m, ''),
		tests: {
			passed: results.numPassedTests,
			// A file that could not even be loaded has no tests to count.
			failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
		},
		results,
	};
}
