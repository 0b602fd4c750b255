import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { services } from '../../../../scripts/lib/accounts.mjs';
import { waitUntil } from '../../../../scripts/lib/wait-until.mjs';

/** @param {() => import('../environment.mjs').Environment} environment */
export function testOperations(environment) {
	/** Fails unless n8n has stored exactly the bytes that the service serves for the item. */
	const assertServedImage = async (item, { field = 'data', mimeType = 'image/png' } = {}) => {
		const stored = await environment().n8n.downloadBinary(item.binary[field]);
		const served = await environment().servedBytes(item.json.image_url);
		assert.ok(served.length > 1000, 'the simulator served no image');
		assert.ok(stored.equals(served), `${stored.length} bytes stored, ${served.length} served`);
		assert.equal(item.binary[field].mimeType, mimeType);
	};

	describe('its operations', () => {
		for (const { service } of services) {
			it(`Submit and Wait gives the image of ${service}`, async () => {
				const execution = await environment().runNodes(
					[{ parameters: { prompt: 'A red kite over dunes', size: '1024*1024', seed: 5 } }],
					await environment().credential({ service }),
				);
				assert.equal(execution.failure, undefined);
				const [item] = execution.items();
				assert.equal(item.json.status, 'succeeded');
				assert.equal(item.json.task_id.length > 0, true);
				// Black Forest Labs make JPEG files unless told otherwise.
				const mimeType = service === 'blackForestLabs' ? 'image/jpeg' : 'image/png';
				await assertServedImage(item, { mimeType });
			});
		}

		it('Submit gives the number of a task, Get Task Result its image', async () => {
			const submitted = await environment().runNodes([
				{ parameters: { operation: 'submit', prompt: 'A blue kite over dunes' } },
			]);
			assert.equal(submitted.failure, undefined);
			const [{ json }] = submitted.items();
			assert.deepEqual(Object.keys(json), ['task_id']);

			let item;
			await waitUntil(
				async () => {
					const fetched = await environment().runNodes([
						{ parameters: { operation: 'getTaskResult', taskId: json.task_id } },
					]);
					assert.equal(fetched.failure, undefined);
					[item] = fetched.items();
					return item.json.status === 'succeeded';
				},
				{ timeout: 60_000, onTimeout: () => new Error(`The task is ${item?.json.status}`) },
			);
			assert.equal(item.json.task_id, json.task_id);
			await assertServedImage(item);
		});

		for (const binaryDelivery of ['dataUri', 'signedUrl']) {
			it(`edits an image out of binary data, handed over as ${binaryDelivery}`, async () => {
				await environment().resetSimulator();
				const execution = await environment().runNodes([
					{ parameters: { prompt: 'A chair', binaryPropertyName: 'reference' } },
					{
						parameters: {
							prompt: 'The same chair in a library',
							images: { image: [{ source: 'binary', binaryPropertyName: 'reference' }] },
							options: { binaryDelivery },
						},
					},
				]);
				assert.equal(execution.failure, undefined);
				const [item] = execution.items();
				await assertServedImage(item);

				const [, edit] = (await environment().simulatorState()).tasks;
				assert.equal(edit.body.images.length, 1);
				const sent = await bytesBehind(edit.body.images[0]);
				const [original] = execution.items('Flux 1');
				const stored = await environment().n8n.downloadBinary(original.binary.reference);
				assert.ok(sent.equals(stored), 'the service got another image than n8n has stored');
			});
		}
	});
}

/** @param {string} address a data URI or a link */
async function bytesBehind(address) {
	return Buffer.from(await (await fetch(address)).arrayBuffer());
}
