import { before, describe } from 'node:test';
import { assertComesToShow } from './until.mjs';
import { fluxName, fluxWorkflow } from './workflows.mjs';
import { inEditor } from './world.mjs';

/** Options that not every service has. */
const ofOneService = [
	'Guidance',
	'Output Format',
	'Prompt Upsampling',
	'Safety Tolerance',
	'Steps',
];

/** What an operation shows when nothing has been changed yet. */
const operations = [
	{
		operation: 'Submit',
		fields: ['operation', 'prompt', 'images', 'size', 'seed'],
		options: [
			'Max Concurrent Tasks',
			'Max Tasks',
			'Resubmit Unconfirmed',
			'Send Reference Images As',
			'Webhook URL',
			...ofOneService,
		].sort(),
	},
	{
		operation: 'Get Task Result',
		fields: ['operation', 'taskId', 'downloadImage', 'binaryPropertyName', 'simplify'],
		options: ['File Name'],
	},
	{
		operation: 'Submit and Wait',
		fields: [
			...['operation', 'prompt', 'images', 'size', 'seed'],
			...['downloadImage', 'binaryPropertyName', 'simplify'],
		],
		options: [
			'File Name',
			'Max Concurrent Tasks',
			'Max Tasks',
			'On Timeout',
			'Polling Interval',
			'Resubmit Unconfirmed',
			'Send Reference Images As',
			'Timeout',
			...ofOneService,
		].sort(),
	},
];

/** @param {import('./world.mjs').World} world */
export function testForm(world) {
	const fieldsAre = async ({ editor }, expected) =>
		await assertComesToShow(() => editor.openNode.fieldNames(), expected);
	const [, , submitAndWait] = operations;

	describe('its form', () => {
		before(async () => await openNewNode(world));

		for (const { operation, fields, options } of operations) {
			inEditor(world, `has the fields and options of ${operation}`, async ({ editor }) => {
				const { openNode } = editor;
				await openNode.select('operation', operation);
				await fieldsAre(world, fields);
				await assertComesToShow(() => openNode.offeredOptions(), options);
			});
		}

		inEditor(world, 'asks for width and height of a custom size', async ({ editor }) => {
			const { openNode } = editor;
			await openNode.select('size', 'Custom');
			await fieldsAre(world, submitAndWait.fields.toSpliced(4, 0, 'width', 'height'));
			await openNode.select('size', 'Auto');
			await fieldsAre(world, submitAndWait.fields);
		});

		inEditor(world, 'asks for no file field when nothing is downloaded', async ({ editor }) => {
			const { openNode } = editor;
			await openNode.toggle('downloadImage');
			await fieldsAre(
				world,
				submitAndWait.fields.filter((name) => name !== 'binaryPropertyName'),
			);
			await assertComesToShow(
				() => openNode.offeredOptions(),
				submitAndWait.options.filter((label) => label !== 'File Name'),
			);
			await openNode.toggle('downloadImage');
			await fieldsAre(world, submitAndWait.fields);
		});

		inEditor(world, 'takes reference images as links and as files', async ({ editor }) => {
			const { openNode } = editor;
			const withImage = (field) => submitAndWait.fields.toSpliced(3, 0, 'source', field);
			await openNode.images.getByText('Add Image').click();
			await fieldsAre(world, withImage('url'));
			await openNode.select('source', 'Binary File');
			await fieldsAre(world, withImage('binaryPropertyName'));
			await openNode.select('source', 'URL');
			await fieldsAre(world, withImage('url'));
		});
	});
}

/** @param {import('./world.mjs').World} world */
async function openNewNode({ editor, environment }) {
	const workflow = await fluxWorkflow(environment, 'The form', {});
	await editor.open(workflow);
	await editor.canvas.openNode(fluxName);
}
