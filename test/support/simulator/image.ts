import { createCanvas } from '@napi-rs/canvas';

import type { Area } from './caption';
import { paintCaption } from './caption';
import { paintComposition } from './compositions';
import { registerFonts } from './fonts';
import type { ImageType } from './options';
import { PALETTES } from './palettes';
import { randomnessFrom } from './randomness';
import { paintReferenceTiles } from './referenceTiles';

export interface ImageRequest {
	prompt: string;
	/** Pixels. */
	width: number;
	/** Pixels. */
	height: number;
	/** Never -1. */
	seed: number;
	imageType: ImageType;
	/** The bytes of the images to edit. */
	references: readonly Buffer[];
}

/**
 * Draws what a task makes: a landscape that the seed decides, the images to edit, and a caption
 * with the prompt. The same request gives the same bytes.
 */
export async function drawImage(request: ImageRequest): Promise<Buffer> {
	registerFonts();
	const { prompt, width, height, seed, imageType, references } = request;
	const canvas = createCanvas(width, height);
	const random = randomnessFrom(seed);
	const scene = {
		context: canvas.getContext('2d'),
		width,
		height,
		unit: Math.min(width, height),
		palette: random.pick(PALETTES),
		random,
	};
	await paintComposition(scene);
	const details = `seed ${seed} · ${width} × ${height}`;
	const caption = paintCaption(scene, { prompt, details });
	await paintReferenceTiles(scene, references, freeArea(caption, width, height));

	// Encoding happens off the main thread, so other requests are answered meanwhile.
	return imageType === 'png' ? await canvas.encode('png') : await canvas.encode(imageType, 90);
}

/** The larger of the two areas that the caption leaves: above it, or right of it. */
function freeArea(caption: Area, width: number, height: number): Area {
	const left = caption.x + caption.width;
	const above = { x: 0, y: 0, width, height: caption.y };
	const beside = { x: left, y: 0, width: width - left, height };
	const shorterSide = (area: Area) => Math.min(area.width, area.height);
	return shorterSide(beside) > shorterSide(above) ? beside : above;
}
