import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { formAndOutput } from './clips.mjs';
import { runAndOpen } from './run.mjs';
import { takeScreenshot } from './screenshots.mjs';
import { inEditor } from './world.mjs';

/** @param {import('./world.mjs').World} world */
export function testFailingRun(world) {
	describe('after a failing run', () => {
		inEditor(world, 'tells the task, the item and the way out', async ({ editor, environment }) => {
			await environment.resetSimulator();
			await runAndOpen(world, 'A failed task', {
				prompt: 'A lighthouse on a basalt cliff at dusk [fail]',
			});
			const { errorMessage, errorDescription } = editor.openNode.output;
			const message = await errorMessage.innerText();
			const { tasks } = await environment.simulatorState();
			assert.equal(tasks.length, 1);
			assert.ok(message.includes(`(task ${tasks[0].id})`), message);
			assert.match(message, /\[item 0\]/);
			assert.match(await errorDescription.innerText(), /'Prompt'/);
			await takeScreenshot(editor, 'error', await formAndOutput(editor, 480));
		});
	});
}
