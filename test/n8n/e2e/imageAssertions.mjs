import { loadImage } from '@napi-rs/canvas';
import assert from 'node:assert/strict';

/**
 * Fails unless the bytes are an image that decodes to the size.
 *
 * @param {Buffer} bytes
 * @param {{ width: number, height: number }} size pixels
 */
export async function assertImage(bytes, { width, height }) {
	const image = await loadImage(bytes);
	assert.deepEqual({ width: image.width, height: image.height }, { width, height });
}
