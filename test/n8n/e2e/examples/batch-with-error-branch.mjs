import assert from 'node:assert/strict';
import { it } from 'node:test';
import { assertImage } from '../imageAssertions.mjs';
import { withPrompts } from '../example.mjs';

/** @param {import('../example.mjs').Example} example */
export function testExample(example) {
	it('makes an image of every prompt, and nothing has failed', async () => {
		await example.forgetTasks();
		const execution = await example.run();
		assert.equal(execution.failure, undefined);
		const images = execution.items('Images');
		assert.equal(images.length, 4);
		for (const { binary } of images) {
			await assertImage(await example.environment.n8n.downloadBinary(binary.data), {
				width: 512,
				height: 512,
			});
		}
		assert.deepEqual(execution.items('Failed Prompts'), []);
		assert.equal((await example.paidTasks()).length, 4);
	});

	it('lists failed prompts with their reasons, while the others go on', async () => {
		await example.forgetTasks();
		const execution = await example.run({
			change: withPrompts(['A tin robot', 'A tin bird [fail]', 'A tin fish', '']),
		});
		assert.equal(execution.failure, undefined);

		const images = execution.items('Images');
		assert.equal(images.length, 2);
		const tasks = await example.paidTasks();
		const promptOf = (item) => tasks.find(({ id }) => id === item.json.task_id).prompt;
		assert.deepEqual(images.map(promptOf), ['A tin robot', 'A tin fish']);

		const [{ json }, ...more] = execution.items('Failed Prompts');
		assert.deepEqual(more, []);
		assert.deepEqual(
			json.failed.map(({ prompt }) => prompt),
			['A tin bird [fail]', ''],
		);
		assert.match(json.failed[0].reason, /could not make the image/);
		assert.match(json.failed[1].reason, /'Prompt' is empty/);
		// The empty one was refused before it cost anything.
		assert.equal(tasks.length, 3);
	});

	it('orders nothing when the list is longer than the spending limit', async () => {
		await example.forgetTasks();
		const prompts = Array.from({ length: 11 }, (_, index) => `Tin robot number ${index + 1}`);
		const execution = await example.run({ change: withPrompts(prompts) });
		assert.equal((await example.paidTasks()).length, 0);
		assert.deepEqual(execution.items('Images'), []);
		const failed = execution.items('Failed Prompts').flatMap(({ json }) => json.failed);
		assert.match(`${execution.failure} ${JSON.stringify(failed)}`, /'Max Tasks' allows 10/);
	});
}
