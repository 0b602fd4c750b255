import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { formAndOutput } from './clips.mjs';
import { takeScreenshot } from './screenshots.mjs';
import { accountOf, fluxName, fluxWorkflow } from './workflows.mjs';
import { inEditor } from './world.mjs';

/** @param {import('./world.mjs').World} world */
export function testFailingRun(world) {
	/** Runs a workflow that fails and opens the node. */
	const fail = async (name, parameters) => {
		const { editor, environment } = world;
		await environment.resetSimulator();
		const credential = await accountOf(environment);
		await editor.open(await fluxWorkflow(environment, name, parameters, credential));
		await editor.canvas.execute(fluxName);
		await editor.canvas.openNode(fluxName);
		const { errorMessage, errorDescription } = editor.openNode.output;
		return {
			message: await errorMessage.innerText(),
			description: await errorDescription.innerText(),
			tasks: (await environment.simulatorState()).tasks,
		};
	};

	describe('a failing run', () => {
		inEditor(world, 'tells the task, the item and the way out', async ({ editor }) => {
			const { message, description, tasks } = await fail('A failed task', {
				prompt: 'A lighthouse on a basalt cliff at dusk [fail]',
			});
			assert.equal(tasks.length, 1);
			assert.ok(message.includes(`(task ${tasks[0].id})`), message);
			assert.match(message, /\[item 0\]/);
			assert.match(description, /'Prompt'/);
			await takeScreenshot(editor, 'error', await formAndOutput(editor, 480));
		});

		inEditor(world, 'tells which field is bad, and nothing was paid', async () => {
			const { message, description, tasks } = await fail('An empty prompt', {
				prompt: '={{ "" }}',
			});
			assert.deepEqual(tasks, []);
			assert.match(message, /'Prompt'/);
			assert.match(message, /\[item 0\]/);
			assert.notEqual(description, '');
		});
	});
}
