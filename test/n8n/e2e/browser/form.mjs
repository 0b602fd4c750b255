import { before, describe } from 'node:test';
import { assertComesToShow } from './until.mjs';
import { fluxName, fluxWorkflow } from './workflows.mjs';
import { inEditor } from './world.mjs';

const ofSubmitAndWait = [
	...['operation', 'prompt', 'images', 'size', 'seed'],
	...['downloadImage', 'binaryPropertyName', 'simplify'],
];

/**
 * The fields with further ones behind one of them.
 *
 * @param {string} name
 * @param {string[]} more
 */
const withBehind = (name, ...more) =>
	ofSubmitAndWait.flatMap((each) => (each === name ? [each, ...more] : each));

// Which fields and options there are, and under which conditions, is tested in test/unit; that the
// editor shows them under these conditions, here.
/** @param {import('./world.mjs').World} world */
export function testForm(world) {
	/** @param {string[]} expected */
	const fieldsAre = async (expected) =>
		await assertComesToShow(() => world.editor.openNode.fieldNames(), expected);

	/** @param {boolean} isOffered */
	const fileNameIsOffered = async (isOffered) =>
		await assertComesToShow(
			async () => (await world.editor.openNode.offeredOptions()).includes('File Name'),
			isOffered,
		);

	describe('in its form', () => {
		before(async () => {
			const { editor, environment } = world;
			await editor.open(await fluxWorkflow(environment, 'The form', {}));
			await editor.canvas.openNode(fluxName);
		});

		inEditor(world, 'has the fields and options of the operation', async ({ editor }) => {
			const { openNode } = editor;
			await openNode.select('operation', 'Get Task Result');
			await fieldsAre(['operation', 'taskId', ...ofSubmitAndWait.slice(-3)]);
			await assertComesToShow(() => openNode.offeredOptions(), ['File Name']);
			await openNode.select('operation', 'Submit and Wait');
			await fieldsAre(ofSubmitAndWait);
			await fileNameIsOffered(true);
		});

		inEditor(world, 'asks for width and height of a custom size', async ({ editor }) => {
			const { openNode } = editor;
			await openNode.select('size', 'Custom');
			await fieldsAre(withBehind('size', 'width', 'height'));
			await openNode.select('size', 'Auto');
			await fieldsAre(ofSubmitAndWait);
		});

		inEditor(world, 'asks for no file field when nothing is downloaded', async ({ editor }) => {
			const { openNode } = editor;
			await openNode.toggle('downloadImage');
			await fieldsAre(ofSubmitAndWait.filter((name) => name !== 'binaryPropertyName'));
			await fileNameIsOffered(false);
			await openNode.toggle('downloadImage');
			await fieldsAre(ofSubmitAndWait);
		});

		inEditor(world, 'takes reference images as links and as files', async ({ editor }) => {
			const { openNode } = editor;
			await openNode.images.getByText('Add Image').click();
			await fieldsAre(withBehind('images', 'source', 'url'));
			await openNode.select('source', 'Binary File');
			await fieldsAre(withBehind('images', 'source', 'binaryPropertyName'));
			await openNode.select('source', 'URL');
			await fieldsAre(withBehind('images', 'source', 'url'));
		});
	});
}
