import { createCanvas } from '@napi-rs/canvas';

import { storeBinary, type BinaryMode } from '../support/harness';

const canvas = createCanvas(8, 8);
const context = canvas.getContext('2d');
context.fillStyle = 'teal';
context.fillRect(2, 2, 4, 4);

/** A small real image in each format, and its type. */
export const formats = {
	png: { bytes: canvas.encodeSync('png'), mimeType: 'image/png' },
	jpeg: { bytes: canvas.encodeSync('jpeg'), mimeType: 'image/jpeg' },
	webp: { bytes: canvas.encodeSync('webp'), mimeType: 'image/webp' },
	gif: { bytes: canvas.encodeSync('gif'), mimeType: 'image/gif' },
};

export type Format = keyof typeof formats;

/** The image as a data URI. */
export function dataUri(format: Format): string {
	const { mimeType, bytes } = formats[format];
	return `data:${mimeType};base64,${bytes.toString('base64')}`;
}

/** A binary field that holds the bytes; by default under a name and a type that say nothing. */
export async function file(
	bytes: Buffer,
	binaryMode: BinaryMode,
	{ mimeType = 'application/octet-stream', fileName = 'file.bin' } = {},
) {
	return await storeBinary(bytes, { mimeType, fileName, binaryMode });
}
