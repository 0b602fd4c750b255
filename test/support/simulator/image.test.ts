import { createCanvas, loadImage } from '@napi-rs/canvas';

import type { ImageRequest } from './index';
import { drawImage } from './image';

function referenceIn(colour: string): Buffer {
	const canvas = createCanvas(8, 8);
	const context = canvas.getContext('2d');
	context.fillStyle = colour;
	context.fillRect(0, 0, 8, 8);
	return canvas.toBuffer('image/png');
}

const request: ImageRequest = {
	prompt: 'a heron at dawn',
	width: 256,
	height: 256,
	seed: 7,
	imageType: 'png',
	references: [referenceIn('red')],
};

/** The pixels above the caption, as few as tell images apart. */
async function paintingOf(change: Partial<ImageRequest>): Promise<string> {
	const canvas = createCanvas(16, 8);
	const image = await loadImage(await drawImage({ ...request, ...change }));
	canvas.getContext('2d').drawImage(image, 0, 0, 256, 128, 0, 0, 16, 8);
	return canvas.data().toString('hex');
}

it('A drawn image comes out the same for the same request', async () => {
	expect(await drawImage(request)).toEqual(await drawImage(request));
});

it('A drawn image changes with the prompt', async () => {
	const other = await drawImage({ ...request, prompt: 'a heron at dusk' });
	expect(other).not.toEqual(await drawImage(request));
});

it('A drawn image shows the seed and the references, not only in the small type', async () => {
	const changes = [{}, { seed: 8 }, { seed: 9 }, { references: [] }];
	const others = [{ references: [referenceIn('lime')] }];
	const paintings = await Promise.all([...changes, ...others].map(paintingOf));
	expect(new Set(paintings).size).toBe(paintings.length);
});

it.each([
	['a long prompt', 1536, 256, 'sunlit '.repeat(5000)],
	['a prompt without letters', 256, 1536, ' \n'],
	['a prompt of one long word', 512, 384, 'x'.repeat(5000)],
	['an emoji and a control character', 64, 64, '👩🏽‍🚀 \u0000'],
])('A drawn image of %s has the asked size %i × %i', async (_what, width, height, prompt) => {
	const image = await loadImage(await drawImage({ ...request, prompt, width, height }));
	expect([image.width, image.height]).toEqual([width, height]);
});
