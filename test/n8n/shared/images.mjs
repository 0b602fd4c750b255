import { loadImage } from '@napi-rs/canvas';
import assert from 'node:assert/strict';

/**
 * Fails unless the bytes are a square image.
 *
 * @param {Buffer} bytes
 * @param {number} side pixels
 */
export async function assertImage(bytes, side) {
	const { width, height } = await loadImage(bytes);
	assert.deepEqual({ width, height }, { width: side, height: side });
}

/**
 * @param {string | URL} address a link or a data URI
 * @returns {Promise<Buffer>}
 */
export async function bytesAt(address) {
	return Buffer.from(await (await fetch(address)).arrayBuffer());
}

/**
 * Fails unless n8n has stored exactly the bytes that the service serves for the item.
 *
 * @param {import('../../../scripts/lib/n8n-client.mjs').N8nClient} n8n
 * @param {import('../../../scripts/lib/n8n-client.mjs').Item} item
 * @returns {Promise<Buffer>} these bytes
 */
export async function assertStoredAsServed(n8n, { json, binary }) {
	const stored = await n8n.downloadBinary(binary?.data ?? {});
	const served = await bytesAt(json.image_url);
	assert.ok(served.length > 1000, 'the service served no image');
	assert.ok(stored.equals(served), `${stored.length} bytes stored, ${served.length} served`);
	return stored;
}
