import assert from 'node:assert/strict';
import { it } from 'node:test';
import { withPrompts } from '../example.mjs';

/** @param {import('../example.mjs').Example} example */
export function testExample(example) {
	it('makes an image of every prompt, and nothing has failed', async () => {
		const execution = await example.assertDraws('Images', 4, 512);
		assert.deepEqual(execution.items('Failed Prompts'), []);
	});

	it('lists failed prompts with their reasons, while the others go on', async () => {
		const prompts = ['A tin robot', 'A tin bird [fail]', 'A tin fish', ''];
		const execution = await example.run(withPrompts(prompts));
		assert.equal(execution.failure, undefined);

		const tasks = await example.service.paid();
		// The empty one was refused before it cost anything.
		assert.equal(tasks.length, 3);
		assert.deepEqual(
			execution
				.items('Images')
				.map(({ json }) => tasks.find(({ id }) => id === json.task_id)?.prompt),
			['A tin robot', 'A tin fish'],
		);
		const [{ json }, ...more] = execution.items('Failed Prompts');
		assert.deepEqual(more, []);
		const [failed, empty, ...others] = json.failed;
		assert.deepEqual(others, []);
		assert.equal(failed.prompt, 'A tin bird [fail]');
		assert.match(failed.reason, /could not make the image/);
		assert.equal(empty.prompt, '');
		assert.match(empty.reason, /'Prompt' is empty/);
	});

	it('orders nothing when the list is longer than the spending limit', async () => {
		const prompts = Array.from({ length: 11 }, (_, index) => `Tin robot number ${index + 1}`);
		const execution = await example.run(withPrompts(prompts));
		assert.deepEqual(await example.paidPrompts(), []);
		assert.deepEqual(execution.items('Images'), []);
		const failed = execution.items('Failed Prompts').flatMap(({ json }) => json.failed);
		assert.match(`${execution.failure} ${JSON.stringify(failed)}`, /'Max Tasks' allows 10/);
	});
}
