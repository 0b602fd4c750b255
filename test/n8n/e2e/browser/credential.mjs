import { describe } from 'node:test';
import { apiKey } from '../environment.mjs';
import { allOf } from './clips.mjs';
import { takeScreenshot } from './screenshots.mjs';
import { fluxName, fluxWorkflow } from './workflows.mjs';
import { inEditor } from './world.mjs';

/** @param {import('./world.mjs').World} world */
export function testCredentialDialog(world) {
	describe('in the dialog of its credential', () => {
		inEditor(world, 'asks for a service, of which none is chosen at first', async (context) => {
			const { editor, environment } = context;
			const { canvas, openNode } = editor;
			const { credentialDialog } = openNode;
			await editor.open(await fluxWorkflow(environment, 'The credential', {}));
			await canvas.openNode(fluxName);
			await openNode.firstCredential();
			await credentialDialog.fill('apiKey', apiKey);
			await credentialDialog.fill('baseUrl', environment.simulatorUrl);
			await credentialDialog.save();
			await credentialDialog.waitForFailure("Choose a 'Service'");
			await credentialDialog.selectService('Novita AI');
			await credentialDialog.dialog.getByText('announced the end of this model').waitFor();
		});

		inEditor(world, 'says that a bad key is bad, and accepts the good one', async ({ editor }) => {
			const { openNode } = editor;
			const { credentialDialog } = openNode;
			await credentialDialog.fill('apiKey', 'a-wrong-key');
			await credentialDialog.save();
			await credentialDialog.waitForFailure('Unauthorized');

			await credentialDialog.selectService('Black Forest Labs');
			await credentialDialog.fill('apiKey', apiKey);
			await credentialDialog.save();
			await credentialDialog.waitForClosing();
			await openNode.editCredential();
			await credentialDialog.success.waitFor();
			const { page } = editor;
			const usual = page.viewportSize() ?? { width: 1280, height: 720 };
			// High enough for all fields; the text below the last one, which is n8n's, is left out.
			await page.setViewportSize({ ...usual, height: 1000 });
			const dialog = await allOf(credentialDialog.dialog);
			await takeScreenshot(editor, 'credential', { ...dialog, height: 712 });
			await page.setViewportSize(usual);
			await credentialDialog.close();
		});
	});
}
