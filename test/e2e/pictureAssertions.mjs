import { loadImage } from '@napi-rs/canvas';
import assert from 'node:assert/strict';

/**
 * Fails unless the bytes are a picture that decodes to the size.
 *
 * @param {Buffer} bytes
 * @param {{ width: number, height: number }} size pixels
 */
export async function assertPicture(bytes, { width, height }) {
	const picture = await loadImage(bytes);
	assert.deepEqual({ width: picture.width, height: picture.height }, { width, height });
}
