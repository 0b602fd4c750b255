import { createCanvas, loadImage } from '@napi-rs/canvas';

import type { ImageRequest } from './index';
import { drawImage } from './image';

const request: ImageRequest = {
	prompt: 'a heron at dawn',
	width: 256,
	height: 256,
	seed: 7,
	imageType: 'png',
	references: [],
};

const reference = (colour: string): Buffer => {
	const canvas = createCanvas(8, 8);
	const context = canvas.getContext('2d');
	context.fillStyle = colour;
	context.fillRect(0, 0, 8, 8);
	return canvas.toBuffer('image/png');
};

it('A drawn image comes out the same for the same request', async () => {
	const references = [reference('#ff0000')];
	const first = await drawImage({ ...request, references });
	expect(await drawImage({ ...request, references })).toEqual(first);
});

it.each<[string, Partial<ImageRequest>]>([
	['seed', { seed: 8 }],
	['prompt', { prompt: 'a heron at dusk' }],
	['size', { width: 272 }],
	['references', { references: [reference('#ff0000')] }],
])('A drawn image changes with the %s', async (_name, change) => {
	expect(await drawImage({ ...request, ...change })).not.toEqual(await drawImage(request));
});

it('A drawn image changes with what is on the reference', async () => {
	const red = await drawImage({ ...request, references: [reference('#ff0000')] });
	expect(await drawImage({ ...request, references: [reference('#00ff00')] })).not.toEqual(red);
});

it.each([
	[1536, 256],
	[256, 1536],
	[512, 384],
])(
	'A drawn image has the asked size %i × %i, and a long prompt fits on it',
	async (width, height) => {
		const prompt = 'sunlit '.repeat(5000);
		const bytes = await drawImage({ ...request, prompt, width, height });
		const image = await loadImage(bytes);
		expect([image.width, image.height]).toEqual([width, height]);
	},
);

it.each([
	['without letters', ''],
	['of spaces', ' \n'],
	['of one long word', 'x'.repeat(5000)],
	['in a script without spaces', '漢字'.repeat(300)],
	['of an emoji and a control character', '👩🏽‍🚀 \u0000'],
])('A drawn image copes with a prompt %s', async (_name, prompt) => {
	expect((await drawImage({ ...request, prompt })).length).toBeGreaterThan(1000);
});

it('A drawn image differs from seed to seed in what is painted, not only in the small type', async () => {
	const upperHalves = new Set<string>();
	for (let seed = 0; seed < 12; seed++) {
		const image = await loadImage(await drawImage({ ...request, seed }));
		const canvas = createCanvas(16, 8);
		canvas.getContext('2d').drawImage(image, 0, 0, 256, 128, 0, 0, 16, 8);
		upperHalves.add(canvas.data().toString('hex'));
	}
	expect(upperHalves.size).toBe(12);
});
