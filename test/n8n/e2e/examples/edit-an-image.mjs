import assert from 'node:assert/strict';
import { it } from 'node:test';
import { assertImage } from '../imageAssertions.mjs';

/** @param {import('../example.mjs').Example} example */
export function testExample(example) {
	it('gives the first image to the service as the reference for the second', async () => {
		await example.forgetTasks();
		const execution = await example.run();
		assert.equal(execution.failure, undefined);
		const { n8n } = example.environment;
		const [chair] = execution.items('Draw a Chair');
		const [room] = execution.items('Change the Room');
		await assertImage(await n8n.downloadBinary(room.binary.data), { width: 1024, height: 1024 });

		const tasks = await example.paidTasks();
		assert.equal(tasks.length, 2);
		const [reference] = tasks[1].body.images;
		const sent = Buffer.from(reference.slice(reference.indexOf(',') + 1), 'base64');
		assert.ok(sent.equals(await n8n.downloadBinary(chair.binary.data)));
	});
}
