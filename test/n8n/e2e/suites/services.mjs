import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { services } from '../../../../scripts/lib/accounts.mjs';
import { nodeType, readExample, withCredential } from '../../../../scripts/lib/examples.mjs';
import { assertStoredAsServed } from '../../shared/images.mjs';

/** @param {() => import('../environment.mjs').Environment} environment */
export function testServices(environment) {
	for (const { service, title } of services) {
		describe(`with ${title}`, () => {
			it('accepts a good key in the test of its credential and refuses a bad one, for nothing', async () => {
				const { n8n, service: simulator } = environment();
				await simulator.reset();
				const good = await n8n.testCredential(await environment().credential({ service }));
				assert.equal(good.status, 'OK', good.message);
				const credential = await environment().credential({ service, key: 'wrong' });
				const bad = await n8n.testCredential(credential);
				assert.equal(bad.status, 'Error');
				assert.ok(bad.message);
				assert.deepEqual(await simulator.paid(), []);
			});

			it('gives the image by Submit and Wait', async () => {
				const execution = await environment().runNodes(
					[{ prompt: 'A red kite over dunes', size: '1024*1024', seed: 5 }],
					await environment().credential({ service }),
				);
				assert.equal(execution.failure, undefined);
				const [item] = execution.items();
				assert.equal(item.json.status, 'succeeded');
				await assertStoredAsServed(environment().n8n, item);
			});

			for (const file of ['text-to-image.json', 'edit-an-image.json']) {
				it(`runs the example ${file} with no change but the credential`, async () => {
					const { n8n, service: simulator } = environment();
					await simulator.reset();
					const credential = await environment().credential({ service });
					const example = withCredential(await readExample(file), credential);
					const workflow = await n8n.ensureWorkflow({ ...example, name: randomUUID() });
					const execution = await n8n.run(workflow, { timeout: 90_000 });
					assert.equal(execution.failure, undefined);
					const drawing = example.nodes.filter(({ type }) => type === nodeType);
					assert.equal((await simulator.paid()).length, drawing.length);
					for (const { name } of drawing) {
						for (const item of execution.items(name)) await assertStoredAsServed(n8n, item);
					}
				});
			}
		});
	}

	it('says that a key is bad and does not show it in the execution', async () => {
		const key = 'wrong-key-1234567890';
		const execution = await environment().runNodes(
			[{ prompt: 'A chair' }],
			await environment().credential({ key }),
		);
		assert.equal(execution.status, 'error');
		assert.match(String(execution.failure), /key/i);
		assert.ok(!JSON.stringify(execution.resultData).includes(key));
	});
}
