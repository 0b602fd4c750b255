import assert from 'node:assert/strict';

/**
 * Waits until an icon is really drawn: its file has arrived and is an image.
 *
 * @param {import('playwright-core').Locator} place what has the icon in it
 * @param {string} fileName of the icon
 */
export async function assertIconIsDrawn(place, fileName) {
	const { width } = await sizeOfImage(place.locator(`img[src$="/${fileName}"]:visible`).first());
	assert.ok(width > 0, `${fileName} is not drawn`);
}

/**
 * Its size as the browser has drawn it; 0 × 0 when its file is missing or no image.
 *
 * @param {import('playwright-core').Locator} image
 */
export async function sizeOfImage(image) {
	await image.waitFor();
	return await image.evaluate(async (element) => {
		const drawn = /** @type {HTMLImageElement} */ (element);
		// Refused for what is no image.
		await drawn.decode().catch(() => {});
		return { width: drawn.naturalWidth, height: drawn.naturalHeight };
	});
}
