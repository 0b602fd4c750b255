import assert from 'node:assert/strict';

/**
 * Waits until an icon is really drawn: its file has arrived and is an image.
 *
 * @param {import('playwright-core').Locator} place what has the icon in it
 * @param {string} fileName of the icon
 */
export async function assertIconIsDrawn(place, fileName) {
	const icon = place.locator(`img[src$="/${fileName}"]:visible`).first();
	await icon.waitFor();
	const width = await icon.evaluate(async (image) => {
		// A file that is missing or no image is refused.
		await image.decode().catch(() => {});
		return image.naturalWidth;
	});
	assert.ok(width > 0, `${fileName} is not drawn`);
}
