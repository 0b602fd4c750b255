import assert from 'node:assert/strict';
import { it } from 'node:test';
import { assertImage, bytesAt } from '../../shared/images.mjs';

/** @param {import('../example.mjs').Example} example */
export function testExample(example) {
	it('gives the first image to the service as the reference for the second', async () => {
		const execution = await example.run();
		assert.equal(execution.failure, undefined);
		const imageOf = async (/** @type {string} */ node) =>
			await example.n8n.downloadBinary(execution.items(node)[0].binary?.data);
		await assertImage(await imageOf('Change the Room'), 1024);

		const [, edit, ...more] = await example.service.paid();
		assert.deepEqual(more, []);
		const [sent] = /** @type {string[]} */ (edit.body.images);
		assert.ok((await bytesAt(sent)).equals(await imageOf('Draw a Chair')));
	});
}
