import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { formAndOutput } from './clips.mjs';
import { takeScreenshot } from './screenshots.mjs';
import { accountOf, fluxName, fluxWorkflow } from './workflows.mjs';
import { inEditor } from './world.mjs';

/** @param {import('./world.mjs').World} world */
export function testRun(world) {
	/** Runs a workflow from the canvas and opens the node. */
	const run = async (name, parameters) => {
		const { editor, environment } = world;
		const credential = await accountOf(environment);
		await editor.open(await fluxWorkflow(environment, name, parameters, credential));
		await editor.canvas.execute(fluxName);
		await editor.canvas.openNode(fluxName);
	};

	describe('a run', () => {
		inEditor(world, 'shows the image of Submit and Wait', async ({ editor }) => {
			await run('Submit and Wait', {
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
				await run('Submit', {
					operation: 'submit',
					prompt: 'An airship over terraced rice fields at dawn',
					size: '1536*864',
				});
				const { output } = editor.openNode;
				const [task] = (await environment.simulatorState()).tasks;
				await output.show('json');
				await output.panel.getByText(task.id).waitFor();
				await takeScreenshot(editor, 'operation-submit', await formAndOutput(editor, 660));

				await run('Get Task Result', { operation: 'getTaskResult', taskId: task.id });
				await output.show('binary');
				assert.deepEqual(await output.viewImage(), { width: 1536, height: 864 });
				await takeScreenshot(editor, 'operation-get-task-result', await formAndOutput(editor, 590));
			},
		);
	});
}
