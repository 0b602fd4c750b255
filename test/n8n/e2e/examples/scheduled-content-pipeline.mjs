import assert from 'node:assert/strict';
import { it } from 'node:test';
import { assertImage } from '../imageAssertions.mjs';

/** Slack and Google Drive are switched off here; test/neighbours runs them. */
const withoutOtherServices = ({ nodes }) => {
	for (const node of nodes) {
		if (/slack|googleDrive/.test(node.type)) node.disabled = true;
	}
};

/** @param {import('../example.mjs').Example} example */
export function testExample(example) {
	it('draws an image for each post', async () => {
		await example.forgetTasks();
		const execution = await example.run({ change: withoutOtherServices });
		assert.equal(execution.failure, undefined);
		const images = execution.items('Draw the Images');
		assert.ok(images.length > 1);
		assert.equal((await example.paidTasks()).length, images.length);
		for (const { binary } of images) {
			const bytes = await example.environment.n8n.downloadBinary(binary.data);
			await assertImage(bytes, { width: 1024, height: 1024 });
		}
	});
}
