import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { fluxName, fluxWorkflow } from './workflows.mjs';
import { inEditor } from './world.mjs';

/** @param {import('./world.mjs').World} world */
export function testHint(world) {
	/**
	 * Opens a node that has eleven items before it.
	 *
	 * @param {Record<string, unknown>} options of the node
	 */
	const open = async (options) => {
		const { editor, environment } = world;
		const name = `Eleven items, ${JSON.stringify(options)}`;
		const parameters = { prompt: 'a heron', options };
		await editor.open(await fluxWorkflow(environment, name, parameters, undefined, elevenItems));
		await editor.canvas.openNode(fluxName);
		await editor.openNode.executePreviousNodes();
		await editor.page.getByText('11 items', { exact: true }).first().waitFor();
		return editor.page.getByText('Each item is a paid task');
	};

	describe('before a run of more than ten items', () => {
		inEditor(world, 'hints that each item is a paid task', async () => {
			await (await open({})).waitFor();
		});

		inEditor(world, "gives no hint where 'Max Tasks' is set", async () => {
			assert.equal(await (await open({ maxTasks: 20 })).count(), 0);
		});
	});
}

const elevenItems = {
	name: 'Items',
	type: 'n8n-nodes-base.debugHelper',
	parameters: { category: 'randomData', randomDataType: 'uuid', randomDataCount: 11 },
};
