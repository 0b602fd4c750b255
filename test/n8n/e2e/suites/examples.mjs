import { basename } from 'node:path';
import { describe } from 'node:test';
import { exampleFiles } from '../../../../scripts/lib/examples.mjs';
import { Example, examplesThatSleep } from '../example.mjs';

// Those that sleep for minutes are run by durable-workflows.test.mjs.
const sleeping = await examplesThatSleep();

/** Each example has the test of its name in `test/n8n/e2e/examples`: without it nothing starts. */
const examples = await Promise.all(
	(await exampleFiles())
		.filter((file) => !sleeping.includes(file))
		.map(async (file) => ({
			file,
			...(await import(`../examples/${basename(file, '.json')}.mjs`)),
		})),
);

/** @param {() => import('../environment.mjs').Environment} environment */
export function testExamples(environment) {
	for (const { file, testExample } of examples) {
		describe(`runs ${file}, which`, () => testExample(new Example(file, environment)));
	}
}
