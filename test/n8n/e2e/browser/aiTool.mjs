import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { assertIconIsDrawn } from './images.mjs';
import { formAndOutput, nodes } from './clips.mjs';
import { takeScreenshot } from './screenshots.mjs';
import { accountOf, agentName, agentWorkflow, fluxName } from './workflows.mjs';
import { inEditor } from './world.mjs';

/** @param {import('./world.mjs').World} world */
export function testAiTool(world) {
	describe('as a tool of an AI agent', () => {
		inEditor(world, 'is offered and added', async ({ editor, environment }) => {
			const { canvas, nodePanel, openNode } = editor;
			await accountOf(environment);
			await editor.open(await agentWorkflow(environment, 'A tool for an agent'));
			await canvas.addTool(agentName);
			await nodePanel.search('flux');
			await assertIconIsDrawn(nodePanel.entry('Flux 2 Flex Tool'), 'flux2Flex.svg');
			await nodePanel.choose('Flux 2 Flex Tool');
			await openNode.field('prompt').waitFor();
		});

		inEditor(world, 'lets the model fill in the prompt', async ({ editor }) => {
			const { openNode } = editor;
			await openNode.letModelDefine('prompt');
			await openNode.form.getByText('Defined automatically by the').waitFor();
			await takeScreenshot(editor, 'ai-agent-tool-fields', await formAndOutput(editor, 500));
		});

		inEditor(world, 'has no fields for files, and asks which link the agent gets', async () => {
			const { openNode } = world.editor;
			const names = await openNode.fieldNames();
			assert.ok(['images', 'size', 'seed'].every((name) => names.includes(name)));
			for (const name of ['downloadImage', 'binaryPropertyName', 'simplify']) {
				assert.ok(!names.includes(name), name);
			}
			const options = await openNode.offeredOptions();
			assert.ok(options.includes('Tool Result'));
			assert.ok(!options.includes('File Name'));
		});

		inEditor(world, 'shows its operation below the agent', async ({ editor }) => {
			const { canvas, openNode } = editor;
			await openNode.close();
			const tool = canvas.node(fluxName);
			await tool.getByText('Submit and Wait', { exact: true }).waitFor();
			await assertIconIsDrawn(tool, 'flux2Flex.svg');
			await canvas.showAll();
			await takeScreenshot(editor, 'ai-agent-tool', await nodes(editor));
		});
	});
}
