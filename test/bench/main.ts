/**
 * The benchmark: our node, a loop that does one item after the other, and n8n's own HTTP Request
 * nodes, on n8n's real engine against the simulator. `npm run bench` starts it.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { findTestedService, novita } from '../support/services';
import { chartOf } from './chart';
import { cases, type BenchmarkCase } from './cases';
import { lostAnswersTable } from './lostAnswers';
import { Laboratory } from './measure';
import type { Measurement } from './measurement';
import { officialClients } from './officialClients';
import { remarksOf, tableOf, verdictsOf } from './printing';
import { thisNodeAt } from './thisNode';

/** Shown by the README. */
const CHART = join('docs', 'images', 'benchmark.svg');

/** For `--only`, as the names of the cases. */
const LOST_ANSWERS = 'lost-answers';

async function main(): Promise<number> {
	const { values } = parseArgs({
		options: {
			only: { type: 'string', multiple: true },
			service: { type: 'string', default: novita.id },
			package: { type: 'string' },
			'base-nodes': { type: 'string' },
		},
	});
	const { only, package: packageFolder, 'base-nodes': baseNodesFolder } = values;
	if (packageFolder === undefined || baseNodesFolder === undefined) {
		throw new Error("Start the benchmark with 'npm run bench'");
	}
	const names = [...cases.map(({ name }) => name), LOST_ANSWERS];
	const unknown = only?.find((name) => !names.includes(name));
	if (unknown !== undefined) {
		throw new Error(`There is no case '${unknown}', only ${names.join(', ')}`);
	}

	const { id: serviceId, displayName } = findTestedService(values.service);
	print(`In the dialect of ${displayName}`);

	const laboratory = new Laboratory({ serviceId, packageFolder, baseNodesFolder });
	const results = new Map<string, Measurement[]>();
	let missed = 0;
	let broken = 0;
	for (const one of cases.filter(({ name }) => only?.includes(name) ?? true)) {
		print(`\n${one.title} (${one.name})`);
		const measurements = await laboratory.measure(one);
		results.set(one.name, measurements);
		print(tableOf(measurements));
		for (const remark of remarksOf(one, measurements)) print(`  ${remark}`);
		for (const { isMet, text } of verdictsOf(one, measurements)) {
			print(`  ${text}`);
			if (!isMet) missed++;
		}
		broken += measurements.filter((measurement) => isBroken(one, measurement)).length;
	}
	await laboratory.close();
	if (only?.includes(LOST_ANSWERS) ?? true) {
		print(`\nThe answer to a paid submit is lost (${LOST_ANSWERS})`);
		const nodes = ['falAi', 'replicate'].map((id) => thisNodeAt(id, packageFolder));
		print(await lostAnswersTable([...officialClients, ...nodes]));
	}
	// The README's chart is always of the same service.
	if (only === undefined && serviceId === novita.id) {
		await writeFile(CHART, chartOf(results));
		print(`\nThe chart is in ${CHART}`);
	}
	print(`\n${missed} targets missed, ${broken} runs broken`);
	return broken === 0 ? 0 : 1;
}

/** Whether something went wrong that has nothing to do with speed. */
function isBroken({ stopsHttpNodes }: BenchmarkCase, { contestant, failure, faults }: Measurement) {
	const mayStop = stopsHttpNodes && contestant === 'httpNodes';
	return faults.length > 0 || (failure !== undefined && !mayStop);
}

function print(text: string): void {
	process.stdout.write(`${text}\n`);
}

main().then(
	(exitCode) => process.exit(exitCode),
	(error: Error) => {
		process.stderr.write(`${error.message}\n`);
		process.exit(1);
	},
);
