import { it } from 'node:test';

const switchedOff = { disabled: true };

/** @param {import('../example.mjs').Example} example */
export function testExample(example) {
	it('draws an image for each post', async () => {
		// Slack and Google Drive are tested in test/n8n/neighbours.
		await example.assertDraws('Draw the Images', 2, 1024, {
			'Post to Slack': switchedOff,
			'Keep in Google Drive': switchedOff,
			'Report What Failed': switchedOff,
		});
	});
}
