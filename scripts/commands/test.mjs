import { execa } from 'execa';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runJest } from '../lib/jest.mjs';
import { checkTarballContents, scanSource, scanTarball } from '../lib/package-checks.mjs';
import { repository } from '../lib/paths.mjs';
import { onShutdown } from '../lib/shutdown.mjs';
import { Totals } from '../lib/totals.mjs';

/**
 * @typedef {object} Check
 * @property {string} title
 * @property {(folder: string) => Promise<Outcome>} run gets an empty folder of its own
 *
 * @typedef {object} Outcome
 * @property {boolean} ok
 * @property {string} [output] shown in full when the check failed
 * @property {{ passed: number, failed: number }} [tests] counted besides the check itself
 */

/** @type {Check[]} */
const checks = [
	{ title: 'Types', run: () => npmScript('typecheck') },
	{ title: 'Lint and formatting, no warnings', run: () => npmScript('lint') },
	{ title: 'Build', run: () => npmScript('build') },
	{
		title: 'Unit and workflow tests',
		run: (folder) => runJest([allProcessors, ...jestCommandLine], { folder }),
	},
	{ title: "n8n's scan of the source", run: scanSource },
	{ title: "n8n's scan of the packed tarball", run: scanTarball },
	{ title: 'The tarball holds what n8n needs and nothing else', run: checkTarballContents },
];

/** By itself jest leaves one processor free, which is half of a small machine. */
const allProcessors = '--maxWorkers=100%';

/** Milliseconds between two signs of life of a long check. */
const reminderInterval = 60_000;

let jestCommandLine = /** @type {string[]} */ ([]);

/**
 * `npm test`: runs every check, also after one has failed.
 *
 * @param {string[]} commandLine handed to jest
 * @returns {Promise<number>} exit code
 */
export async function run(commandLine) {
	jestCommandLine = commandLine;
	const totals = new Totals();
	for (const { title, run: runCheck } of checks) {
		console.log(`… ${title}`);
		const started = Date.now();
		const seconds = () => ((Date.now() - started) / 1000).toFixed(1);
		const reminder = setInterval(() => console.log(`    ${seconds()} s …`), reminderInterval);
		const { ok, output = '', tests } = await inTemporaryFolder(runCheck);
		clearInterval(reminder);
		const details = tests ? `, ${tests.passed} passed, ${tests.failed} failed` : '';
		console.log(`${ok ? '✔' : '✖'} ${title} (${seconds()} s${details})`);
		if (!ok) console.log(output.trim());
		totals.add(ok ? 1 : 0, ok ? 0 : 1);
		if (tests) totals.add(tests.passed, tests.failed);
	}
	totals.print();
	return totals.exitCode;
}

/**
 * @param {Check['run']} runCheck
 * @returns {Promise<Outcome>} a check that throws has failed
 */
async function inTemporaryFolder(runCheck) {
	const folder = await mkdtemp(join(tmpdir(), 'flux-2-flex-check-'));
	const remove = async () => await rm(folder, { recursive: true, force: true });
	const forget = onShutdown(remove);
	try {
		return await runCheck(folder);
	} catch (error) {
		return { ok: false, output: error instanceof Error ? (error.stack ?? error.message) : '' };
	} finally {
		await remove();
		forget();
	}
}

/** @param {string} name */
async function npmScript(name) {
	const { failed, all } = await execa('npm', ['run', '--silent', name], {
		cwd: repository,
		reject: false,
		all: true,
	});
	return { ok: !failed, output: all };
}
