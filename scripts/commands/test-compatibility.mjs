import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compatibilityVersions } from '../lib/compatibility-versions.mjs';
import { ensureEngine } from '../lib/engine-installation.mjs';
import { runJest } from '../lib/jest.mjs';
import { buildWhenStale } from '../lib/package-tarball.mjs';
import { repository } from '../lib/paths.mjs';
import { runSteps } from '../lib/progress.mjs';
import { onShutdown } from '../lib/shutdown.mjs';
import { Totals } from '../lib/totals.mjs';
import { UserFacingError } from '../lib/user-facing-error.mjs';

/** How test/support/harness/engineVersion.ts begins the name of a group that cannot apply; a reason follows. */
const skippedWithReason = 'skipped: ';

/** Fits a small machine. Not fewer: jest ends workers that n8n keeps busy, but not itself. */
const workers = '--maxWorkers=2';

/**
 * @typedef {import('../lib/progress.mjs').Report} Progress
 * @typedef {import('../lib/compatibility-versions.mjs').Version & { folder: string }} Engine
 *
 * @typedef {object} Report
 * @property {Engine} engine
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {string[]} reasons why tests were skipped
 * @property {string[]} complaints what else is wrong
 * @property {string} output what jest printed
 */

/**
 * `npm run test:compatibility`: the workflow suite on the engine of several n8n versions, with the
 * built package.
 *
 * @param {string[]} commandLine versions to test; all when empty
 * @returns {Promise<number>} exit code
 */
export async function run(commandLine) {
	const folder = await mkdtemp(join(tmpdir(), 'flux-2-flex-compatibility-'));
	onShutdown(async () => await rm(folder, { recursive: true, force: true }));
	const versions = chooseVersions(commandLine);
	/** @type {Engine[]} */
	const engines = [];
	/** @type {Report[]} */
	const reports = [];
	await runSteps([
		{ title: 'Build the node', run: buildWhenStale },
		...versions.map((version) => ({
			title: `Get the engine of n8n ${version.n8n}`,
			run: async (/** @type {Progress} */ { line }) =>
				void engines.push({ ...version, folder: await ensureEngine(version, line) }),
		})),
	]);
	await runSteps(
		engines.map((engine) => ({
			title: `Test on n8n ${engine.n8n}`,
			run: async ({ title }) => {
				const report = await testOn(engine, folder);
				reports.push(report);
				title(`Test on n8n ${engine.n8n}: ${report.passed} passed, ${report.failed} failed`);
			},
		})),
	);
	for (const report of reports) printFailures(report);
	printTable(reports);
	const totals = new Totals();
	for (const { passed, failed } of reports) totals.add(passed, failed);
	totals.print();
	return totals.exitCode;
}

/** @param {string[]} wanted */
function chooseVersions(wanted) {
	const known = compatibilityVersions.map(({ n8n }) => n8n);
	const unknown = wanted.find((version) => !known.includes(version));
	if (unknown !== undefined) {
		throw new UserFacingError(`'${unknown}' is none of the versions: ${known.join(', ')}.`);
	}
	return compatibilityVersions.filter(({ n8n }) => wanted.length === 0 || wanted.includes(n8n));
}

/**
 * @param {Engine} engine
 * @param {string} folder
 * @returns {Promise<Report>}
 */
async function testOn(engine, folder) {
	const { output, tests, results } = await runJest(
		['--config', join('test', 'engine', 'compatibility', 'jest.config.js'), workers],
		{
			folder: await mkdtemp(join(folder, 'jest-')),
			environment: { HARNESS_ENGINE: engine.folder, HARNESS_PACKAGE: repository },
		},
	);
	const { passed, failed } = tests ?? { passed: 0, failed: 1 };
	const skipped = (results?.testResults ?? [])
		.flatMap(({ assertionResults }) => assertionResults)
		.filter(({ status }) => status === 'pending');
	const reasons = new Set();
	const complaints = [];
	for (const { ancestorTitles, fullName } of skipped) {
		const group = ancestorTitles.find((title) => title.startsWith(skippedWithReason));
		if (group !== undefined && engine.folder !== repository) {
			reasons.add(group.slice(skippedWithReason.length));
		} else {
			complaints.push(`skipped without a reason that holds here: ${fullName}`);
		}
	}
	return {
		engine,
		passed,
		failed: failed + complaints.length,
		skipped: skipped.length,
		reasons: [...reasons],
		complaints,
		output,
	};
}

/** @param {Report} report */
function printFailures({ engine, failed, output, complaints }) {
	if (failed === 0) return;
	console.log(`\nFailed on n8n ${engine.n8n}:\n${output.trim()}`);
	for (const complaint of complaints) console.log(complaint);
}

/** @param {Report[]} reports */
function printTable(reports) {
	const headings = ['n8n', 'n8n-core', 'n8n-workflow', 'passed', 'failed', 'skipped'];
	const rows = [
		headings,
		...reports.map(({ engine, passed, failed, skipped }) =>
			[engine.n8n, engine.core, engine.workflow, passed, failed, skipped].map(String),
		),
	];
	const widths = headings.map((_, column) =>
		Math.max(...rows.map((row) => row[column]?.length ?? 0)),
	);
	console.log(
		`\nThe workflow suite on Node.js ${process.versions.node}, with the built package:\n`,
	);
	for (const row of rows) {
		console.log(
			row
				.map((cell, column) => cell.padEnd(widths[column] ?? 0))
				.join('  ')
				.trimEnd(),
		);
	}
	for (const { engine, reasons } of reports) {
		for (const reason of reasons) console.log(`\nSkipped on n8n ${engine.n8n}: ${reason}.`);
	}
}
