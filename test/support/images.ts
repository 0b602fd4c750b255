import { createCanvas } from '@napi-rs/canvas';

const canvas = createCanvas(8, 8);
const context = canvas.getContext('2d');
context.fillStyle = 'teal';
context.fillRect(2, 2, 4, 4);

/** A small real image in each format, and the names that go with it. */
export const formats = {
	png: { bytes: canvas.encodeSync('png'), mimeType: 'image/png', extensions: ['png'] },
	jpeg: { bytes: canvas.encodeSync('jpeg'), mimeType: 'image/jpeg', extensions: ['jpg', 'jpeg'] },
	webp: { bytes: canvas.encodeSync('webp'), mimeType: 'image/webp', extensions: ['webp'] },
	gif: { bytes: canvas.encodeSync('gif'), mimeType: 'image/gif', extensions: ['gif'] },
};

export type Format = keyof typeof formats;
