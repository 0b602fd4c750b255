import { describe } from 'node:test';
import { nodes, topOfPanel } from './clips.mjs';
import { assertIconIsDrawn } from './images.mjs';
import { takeScreenshot } from './screenshots.mjs';
import { assertComesToShow } from './until.mjs';
import { accountOf, fluxName, fluxWorkflow, triggerName } from './workflows.mjs';
import { inEditor } from './world.mjs';

const searches = [
	'flux',
	'flux 2 flex',
	'FLUX.2',
	'image generation',
	'generate image',
	'text to image',
	'novita',
	'jiekou',
	'black forest labs',
];

/** @param {import('./world.mjs').World} world */
export function testFinding(world) {
	describe('on the canvas', () => {
		inEditor(world, 'is found by its search words', async ({ editor }) => {
			const { canvas, nodePanel } = editor;
			await editor.newWorkflow();
			await canvas.addFirstNode();
			await nodePanel.search('manual');
			await nodePanel.choose('Manual Trigger');
			await canvas.addNodeBehind(triggerName);
			for (const words of searches) {
				await nodePanel.search(words);
				await nodePanel.entry(fluxName).waitFor({ timeout: 10_000 });
			}
			await nodePanel.search('flux 2 flex');
			await assertIconIsDrawn(nodePanel.entry(fluxName), 'flux2Flex.svg');
			await takeScreenshot(editor, 'node-panel', await topOfPanel(editor, 250));
		});

		inEditor(world, 'is put there by one of its three actions', async ({ editor }) => {
			const { canvas, nodePanel, openNode } = editor;
			await nodePanel.choose(fluxName);
			await assertComesToShow(
				() => nodePanel.names(),
				['Get generated image', 'Start generating image', 'Generate image'],
			);
			await nodePanel.choose('Start generating image');
			await openNode.view.waitFor();
			await openNode.close();
			await canvas.node(fluxName).getByText('Submit', { exact: true }).waitFor();
		});

		inEditor(world, 'shows its name and its operation', async ({ editor }) => {
			const { canvas, openNode } = editor;
			const node = canvas.node(fluxName);
			await node.getByText(fluxName, { exact: true }).waitFor();
			for (const operation of ['Get Task Result', 'Submit and Wait']) {
				await canvas.openNode(fluxName);
				await openNode.select('operation', operation);
				await openNode.close();
				await node.getByText(operation, { exact: true }).waitFor();
			}
		});

		inEditor(world, 'draws its icon in both themes', async ({ editor, environment }) => {
			const workflow = await fluxWorkflow(
				environment,
				'An image from a text',
				{ prompt: 'A lighthouse on a basalt cliff at dusk' },
				await accountOf(environment),
			);
			await editor.open(workflow);
			await editor.canvas.showAll();
			const icons = { dark: 'flux2Flex.dark.svg', light: 'flux2Flex.svg' };
			for (const theme of /** @type {const} */ (['dark', 'light'])) {
				await editor.useTheme(theme);
				await assertIconIsDrawn(editor.canvas.node(fluxName), icons[theme]);
				await takeScreenshot(editor, `editor-${theme}`, await nodes(editor));
			}
		});
	});
}
