import assert from 'node:assert/strict';
import { it } from 'node:test';
import { assertPicture } from '../pictureAssertions.mjs';

/** @param {import('../example.mjs').Example} example */
export function testExample(example) {
	it('leaves the loop with the picture', async () => {
		await example.forgetTasks();
		const execution = await example.run();
		assert.equal(execution.failure, undefined);
		const [item] = execution.items('Finished');
		assert.equal(item.json.status, 'succeeded');
		await assertPicture(await example.environment.n8n.downloadBinary(item.binary.data), {
			width: 1024,
			height: 1024,
		});
		assert.equal((await example.paidTasks()).length, 1);
	});
}
