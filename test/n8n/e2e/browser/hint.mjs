import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe } from 'node:test';
import { nodeType } from '../../../../scripts/lib/examples.mjs';
import { fluxName, triggerName } from './workflows.mjs';
import { inEditor } from './world.mjs';

/** @param {import('./world.mjs').World} world */
export function testHint(world) {
	describe('The hint that each item is a paid task', () => {
		const open = async ({ editor, environment }, items, options = {}) => {
			const name = `${items} items, ${JSON.stringify(options)}`;
			await editor.open(await environment.n8n.ensureWorkflow(workflow(name, items, options)));
			await editor.canvas.openNode(fluxName);
			await editor.openNode.executePreviousNodes();
			await editor.page.getByText(`${items} items`, { exact: true }).first().waitFor();
			return editor.page.getByText('Each item is a paid task');
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

/** So many items before a Flux 2 Flex node. */
function workflow(name, items, options) {
	const nodes = [
		{ name: triggerName, type: 'n8n-nodes-base.manualTrigger', typeVersion: 1, parameters: {} },
		{
			name: 'Items',
			type: 'n8n-nodes-base.debugHelper',
			typeVersion: 1,
			parameters: { category: 'randomData', randomDataType: 'uuid', randomDataCount: items },
		},
		{ name: fluxName, type: nodeType, typeVersion: 1, parameters: { prompt: 'a heron', options } },
	];
	const to = (node) => ({ main: [[{ node, type: 'main', index: 0 }]] });
	return {
		name,
		nodes: nodes.map((node, index) => ({ id: randomUUID(), position: [index * 256, 0], ...node })),
		connections: { [triggerName]: to('Items'), Items: to(fluxName) },
		settings: { executionOrder: 'v1' },
	};
}
