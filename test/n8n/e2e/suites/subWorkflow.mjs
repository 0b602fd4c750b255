import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { assertStoredAsServed, bytesAt } from '../../shared/images.mjs';
import {
	fluxNode,
	manualTrigger,
	subWorkflowTrigger,
	workflowOf,
} from '../../shared/workflows.mjs';

const size = '512*512';
const posts = [
	{ title: 'first', prompt: 'A kite' },
	{ title: 'second', prompt: 'A boat' },
];

/** @param {() => import('../environment.mjs').Environment} environment */
export function testSubWorkflow(environment) {
	/** @param {import('../../shared/workflows.mjs').Step[]} steps */
	const store = async (steps) =>
		await environment().n8n.ensureWorkflow(workflowOf(`e2e ${randomUUID()}`, steps));

	/**
	 * Calls a workflow that draws the posts, and edits what it gives back.
	 *
	 * @param {'once' | 'each'} mode
	 * @param {string} [prompt]
	 */
	const run = async (mode, prompt = '={{ $json.prompt }}') => {
		await environment().service.reset();
		const credential = await environment().credential();
		const subWorkflow = await store([
			{ name: 'Called', ...subWorkflowTrigger },
			fluxNode('Draw', credential, { prompt, size }),
			edited('Describe', {
				title: "={{ $('Called').item.json.title }}",
				file: '={{ $binary.data.fileName }}',
			}),
		]);
		const caller = await store([
			manualTrigger,
			edited('List', { posts: JSON.stringify(posts) }, 'array'),
			{
				name: 'Posts',
				type: 'n8n-nodes-base.splitOut',
				parameters: { fieldToSplitOut: 'posts', options: {} },
			},
			{
				name: 'Execute Workflow',
				type: 'n8n-nodes-base.executeWorkflow',
				typeVersion: 1.2,
				parameters: { workflowId: { __rl: true, mode: 'id', value: subWorkflow.id }, mode },
			},
			fluxNode('Edit', credential, {
				prompt: "=Frame {{ $('Posts').item.json.title }}",
				size,
				images: { image: [{ source: 'binary', binaryPropertyName: 'data' }] },
			}),
		]);
		return await environment().n8n.run(caller, { timeout: 90_000 });
	};

	describe('in a sub-workflow', () => {
		for (const mode of /** @type {const} */ (['once', 'each'])) {
			it(`gives data and files back to the caller, executed ${mode}`, async () => {
				const execution = await run(mode);
				assert.equal(execution.failure, undefined);
				const { n8n, service } = environment();
				const drawn = execution.items('Execute Workflow');
				const edits = execution.items('Edit');
				assert.equal((await service.paid()).length, 4);
				for (const [index, { title, prompt }] of posts.entries()) {
					const { json, binary } = drawn[index];
					assert.deepEqual([json.title, json.status], [title, 'succeeded']);
					assert.equal((await service.task(json.task_id)).prompt, prompt);
					assert.equal(json.file, binary?.data.fileName);
					const stored = await assertStoredAsServed(n8n, drawn[index]);
					const edit = await service.task(edits[index].json.task_id);
					assert.equal(edit.prompt, `Frame ${title}`);
					const [sent] = /** @type {string[]} */ (edit.body.images);
					assert.ok((await bytesAt(sent)).equals(stored), 'the edit started from another image');
				}
			});
		}

		it('tells the caller why it failed', async () => {
			const { failure } = await run('once', '={{ $json.prompt }} [fail]');
			assert.match(String(failure), /could not make the image.*\(task /);
		});
	});
}

/**
 * @param {string} name
 * @param {Record<string, string>} fields
 * @param {'string' | 'array'} [type] of them
 * @returns an Edit Fields node that sets these and keeps the others
 */
const edited = (name, fields, type = 'string') => ({
	name,
	type: 'n8n-nodes-base.set',
	typeVersion: 3.4,
	parameters: {
		assignments: {
			assignments: Object.entries(fields).map(([field, value]) => ({
				id: randomUUID(),
				name: field,
				value,
				type,
			})),
		},
		includeOtherFields: true,
		options: {},
	},
});
