import { after, before, describe } from 'node:test';
import { testAiTool } from './browser/aiTool.mjs';
import { testCredentialDialog } from './browser/credential.mjs';
import { startEditor } from './browser/editor.mjs';
import { testFailingRun } from './browser/failingRun.mjs';
import { testFinding } from './browser/finding.mjs';
import { testHint } from './browser/hint.mjs';
import { testForm } from './browser/form.mjs';
import { testRun } from './browser/run.mjs';
import { clearScreenshots } from './browser/screenshots.mjs';
import { startEnvironment } from './environment.mjs';

// One n8n and one browser page for all steps: loading the editor is what takes long.
describe("The packed node in the real n8n's editor", () => {
	const world = /** @type {import('./browser/world.mjs').World} */ ({});

	before(async () => {
		await clearScreenshots();
		world.environment = await startEnvironment();
		world.editor = await startEditor(world.environment.n8n.url);
	});
	after(async () => await world.environment?.stop());

	// First, as it enters the first credential of this n8n.
	testCredentialDialog(world);
	testFinding(world);
	testForm(world);
	testHint(world);
	testRun(world);
	testFailingRun(world);
	testAiTool(world);
});
