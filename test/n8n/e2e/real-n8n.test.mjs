import { after, before, describe } from 'node:test';
import { startEnvironment } from './environment.mjs';
import { testExamples } from './suites/examples.mjs';
import { testPackage } from './suites/package.mjs';
import { testServices } from './suites/services.mjs';
import { testSubWorkflow } from './suites/subWorkflow.mjs';

// One n8n for all suites: starting it is what takes long.
describe('The packed node in the real n8n', () => {
	/** @type {import('./environment.mjs').Environment} */
	let environment;
	const current = () => environment;

	before(async () => {
		environment = await startEnvironment();
	});
	after(async () => await environment?.stop());

	testPackage(current);
	testServices(current);
	testSubWorkflow(current);
	testExamples(current);
});
