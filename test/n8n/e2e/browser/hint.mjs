import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { fluxName, fluxWorkflow } from './workflows.mjs';
import { inEditor } from './world.mjs';

const text = 'Each item is a paid task';

/** @param {import('./world.mjs').World} world */
export function testHint(world) {
	describe('The hint that each item is a paid task', () => {
		const open = async ({ editor, environment }, items, options = {}) => {
			const name = `${items} items, ${JSON.stringify(options)}`;
			const parameters = { prompt: 'a heron', options };
			await editor.open(await fluxWorkflow(environment, name, parameters, undefined, items));
			await editor.canvas.openNode(fluxName);
			await editor.page.getByText(`${items} items`, { exact: true }).first().waitFor();
			return editor.page.getByText(text);
		};

		inEditor(world, 'is shown for more than ten items', async () => {
			await (await open(world, 11)).waitFor();
		});

		inEditor(world, 'is not shown for ten', async () => {
			assert.equal(await (await open(world, 10)).count(), 0);
		});

		inEditor(world, "is not shown where 'Max Tasks' is set", async () => {
			assert.equal(await (await open(world, 11, { maxTasks: 20 })).count(), 0);
		});
	});
}
