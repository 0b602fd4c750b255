import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { withCredential } from '../../../../scripts/lib/examples.mjs';

/** @param {() => import('../environment.mjs').Environment} environment */
export function testSubWorkflow(environment) {
	/**
	 * @param {string} name of a workflow file beside this one
	 * @param {(nodeNamed: (name: string) => any) => void} [change]
	 */
	const store = async (name, change = () => {}) => {
		const file = new URL(`${name}.workflow.json`, import.meta.url);
		const workflow = JSON.parse(await readFile(file, 'utf8'));
		change((nodeName) => workflow.nodes.find((node) => node.name === nodeName));
		return await environment().n8n.ensureWorkflow(
			withCredential(
				{ ...workflow, name: `${workflow.name} ${randomUUID()}` },
				await environment().credential(),
			),
		);
	};

	/**
	 * @param {'once' | 'each'} mode
	 * @param {(nodeNamed: (name: string) => any) => void} [changeSubWorkflow]
	 */
	const run = async (mode, changeSubWorkflow) => {
		await environment().resetSimulator();
		const subWorkflow = await store('subWorkflow', changeSubWorkflow);
		const caller = await store('callSubWorkflow', (nodeNamed) => {
			Object.assign(nodeNamed('Execute Workflow').parameters, { mode });
			nodeNamed('Execute Workflow').parameters.workflowId.value = subWorkflow.id;
		});
		return await environment().n8n.run(caller, { timeout: 90_000 });
	};

	describe('in a sub-workflow', () => {
		for (const mode of ['once', 'each']) {
			it(`gives data and files back to the caller, executed ${mode}`, async () => {
				const execution = await run(mode);
				assert.equal(execution.failure, undefined);

				const drawn = execution.items('Execute Workflow');
				assert.deepEqual(
					drawn.map(({ json }) => [json.title, json.status]),
					[
						['first', 'succeeded'],
						['second', 'succeeded'],
					],
				);
				const { tasks } = await environment().simulatorState();
				assert.equal(tasks.length, 4);
				const taskOf = ({ json }) => tasks.find(({ id }) => id === json.task_id);
				assert.deepEqual(
					drawn.map((item) => taskOf(item).prompt),
					['A kite', 'A boat'],
				);

				const edited = execution.items('Edit');
				assert.deepEqual(
					edited.map((item) => taskOf(item).prompt),
					['Frame first', 'Frame second'],
				);
				for (const [index, item] of drawn.entries()) {
					assert.equal(item.json.file, item.binary.data.fileName);
					const served = await environment().servedBytes(item.json.image_url);
					const stored = await environment().n8n.downloadBinary(item.binary.data);
					assert.ok(stored.equals(served), 'the caller got another image than was served');
					const [reference] = taskOf(edited[index]).body.images;
					const sent = Buffer.from(reference.slice(reference.indexOf(',') + 1), 'base64');
					assert.ok(sent.equals(served), 'the edit started from another image');
				}
			});
		}

		it('tells the caller why it failed', async () => {
			const execution = await run('once', (nodeNamed) => {
				nodeNamed('Draw').parameters.prompt = '={{ $json.prompt }} [fail]';
			});
			assert.match(execution.failure, /could not make the image.*\(task /);
		});
	});
}
