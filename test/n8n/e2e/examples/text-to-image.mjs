import { it } from 'node:test';

/** @param {import('../example.mjs').Example} example */
export function testExample(example) {
	it('makes one image', async () => void (await example.assertDraws('Draw a Lighthouse', 1, 1024)));
}
