import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { formAndOutput } from './clips.mjs';
import { takeScreenshot } from './screenshots.mjs';
import { accountOf, fluxName, fluxWorkflow } from './workflows.mjs';
import { inEditor } from './world.mjs';

/** @param {import('./world.mjs').World} world */
export function testRun(world) {
	describe('after a run', () => {
		inEditor(world, 'shows the image of Submit and Wait', async ({ editor }) => {
			await runAndOpen(world, 'Submit and Wait', {
				operation: 'submitAndWait',
				prompt: 'A lighthouse on a basalt cliff at dusk, warm light in its windows',
				size: '1536*1024',
				seed: 2026,
			});
			const { output } = editor.openNode;
			await output.show('binary');
			assert.deepEqual(await output.viewImage(), { width: 1536, height: 1024 });
			await takeScreenshot(editor, 'operation-submit-and-wait', await formAndOutput(editor, 710));
		});

		inEditor(
			world,
			'shows the task ID of Submit, then its image',
			async ({ editor, environment }) => {
				await environment.resetSimulator();
				await runAndOpen(world, 'Submit', {
					operation: 'submit',
					prompt: 'An airship over terraced rice fields at dawn',
					size: '1536*864',
				});
				const { output } = editor.openNode;
				const [task] = (await environment.simulatorState()).tasks;
				await output.show('json');
				await output.panel.getByText(task.id).waitFor();
				await takeScreenshot(editor, 'operation-submit', await formAndOutput(editor, 660));

				await runAndOpen(world, 'Get Task Result', {
					operation: 'getTaskResult',
					taskId: task.id,
				});
				await output.show('binary');
				assert.deepEqual(await output.viewImage(), { width: 1536, height: 864 });
				await takeScreenshot(editor, 'operation-get-task-result', await formAndOutput(editor, 590));
			},
		);
	});
}

/**
 * Runs a workflow from the canvas and opens the node.
 *
 * @param {import('./world.mjs').World} world
 * @param {string} name of the workflow
 * @param {Record<string, unknown>} parameters
 */
export async function runAndOpen({ editor, environment }, name, parameters) {
	const credential = await accountOf(environment);
	await editor.open(await fluxWorkflow(environment, name, parameters, credential));
	await editor.canvas.execute(fluxName);
	await editor.canvas.openNode(fluxName);
}
