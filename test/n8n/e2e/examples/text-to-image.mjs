import assert from 'node:assert/strict';
import { it } from 'node:test';
import { assertImage } from '../imageAssertions.mjs';

/** @param {import('../example.mjs').Example} example */
export function testExample(example) {
	it('makes one image', async () => {
		await example.forgetTasks();
		const execution = await example.run();
		assert.equal(execution.failure, undefined);
		const items = execution.items('Draw a Lighthouse');
		assert.equal(items.length, 1);
		await assertImage(await example.environment.n8n.downloadBinary(items[0].binary.data), {
			width: 1024,
			height: 1024,
		});
		assert.equal((await example.paidTasks()).length, 1);
	});
}
