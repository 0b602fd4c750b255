import { dirname, join } from 'node:path';

import type { SKRSContext2D } from '@napi-rs/canvas';
import { createCanvas, GlobalFonts, loadImage } from '@napi-rs/canvas';

import type { ImageType } from './options';
import { randomnessFrom } from './randomness';

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

/** From a package, because many servers have no fonts at all. */
const FONT = 'Simulator Sans';

/** Lines of a caption; what is longer ends in an ellipsis. */
const MAX_LINES = 4;

const RIDGES = 5;

/**
 * Draws what a task makes: a landscape that the seed decides, the images to edit, and a caption
 * with the prompt. The same request gives the same bytes.
 */
export async function drawImage(request: ImageRequest): Promise<Buffer> {
	const { width, height, imageType, references } = request;
	const canvas = createCanvas(width, height);
	const context = canvas.getContext('2d');
	paintLandscape(context, request);
	await paintReferences(context, request, references);
	paintCaption(context, request);

	// Encoding happens off the main thread, so other requests are answered meanwhile.
	return imageType === 'png' ? await canvas.encode('png') : await canvas.encode(imageType, 90);
}

/** Ridges that darken towards the front, under a low sun. */
function paintLandscape(context: SKRSContext2D, { width, height, seed }: ImageRequest): void {
	const random = randomnessFrom(seed);
	const unit = Math.min(width, height);
	const hue = random.between(0, 360);
	const sky = context.createLinearGradient(0, 0, 0, height);
	sky.addColorStop(0, `hsl(${hue}, 60%, 40%)`);
	sky.addColorStop(0.7, `hsl(${hue + 50}, 80%, 85%)`);
	context.fillStyle = sky;
	context.fillRect(0, 0, width, height);

	context.fillStyle = '#fff8e8';
	context.beginPath();
	const sunX = width * random.between(0.2, 0.8);
	context.arc(sunX, height * random.between(0.2, 0.35), unit * 0.1, 0, Math.PI * 2);
	context.fill();

	for (let ridge = 0; ridge < RIDGES; ridge++) {
		const base = height * (0.4 + 0.12 * ridge);
		const length = unit * random.between(0.1, 0.3);
		const swing = unit * random.between(0.03, 0.08);
		const phase = random.between(0, Math.PI * 2);
		context.fillStyle = `hsl(${hue + 10 * ridge}, 45%, ${70 - 13 * ridge}%)`;
		context.beginPath();
		context.moveTo(0, height);
		for (let x = 0; x <= width + 4; x += 4) {
			context.lineTo(x, base - swing * Math.sin(x / length + phase));
		}
		context.lineTo(width + 4, height);
		context.fill();
	}
}

/** The images of an edit as prints side by side; of each the middle square. */
async function paintReferences(
	context: SKRSContext2D,
	{ width, height }: ImageRequest,
	references: readonly Buffer[],
): Promise<void> {
	const images = await Promise.all(references.map(async (bytes) => await loadImage(bytes)));
	const room = width / images.length;
	const side = Math.min(room * 0.8, height * 0.5);
	const frame = Math.max(2, side * 0.04);
	for (const [index, image] of images.entries()) {
		const [left, top] = [room * (index + 0.5) - side / 2, height * 0.06];
		context.fillStyle = '#ffffff';
		context.fillRect(left, top, side, side);
		const crop = Math.min(image.width, image.height);
		context.drawImage(
			image,
			...[(image.width - crop) / 2, (image.height - crop) / 2, crop, crop],
			...[left + frame, top + frame, side - frame * 2, side - frame * 2],
		);
	}
}

function paintCaption(context: SKRSContext2D, { prompt, seed, width, height }: ImageRequest): void {
	if (!GlobalFonts.has(FONT)) {
		const folder = dirname(require.resolve('dejavu-fonts-ttf/package.json'));
		GlobalFonts.registerFromPath(join(folder, 'ttf', 'DejaVuSans.ttf'), FONT);
	}
	// The second family stands in for what the first has no glyphs for.
	const fontOf = (size: number) => `${size}px "${FONT}", sans-serif`;
	const size = Math.max(9, Math.min(width, height) * 0.038);
	const lineHeight = size * 1.4;
	const textWidth = width - size * 2;

	context.font = fontOf(size);
	const lines = breakLines(context, prompt, textWidth);
	const panelHeight = (lines.length + 2) * lineHeight;
	const top = height - panelHeight;
	context.fillStyle = 'rgba(0, 0, 0, 0.65)';
	context.fillRect(0, top, width, panelHeight);
	context.fillStyle = '#ffffff';
	for (const [index, line] of lines.entries()) {
		context.fillText(line, size, top + lineHeight * (index + 1.1), textWidth);
	}
	context.font = fontOf(size * 0.7);
	const details = `seed ${seed} · ${width} × ${height} · simulated`;
	context.fillText(details, size, height - lineHeight * 0.5, textWidth);
}

function breakLines(context: SKRSContext2D, text: string, width: number): string[] {
	const lines: string[] = [];
	// Links, and scripts that put no spaces between words, break anywhere.
	for (const [word] of text.matchAll(/\S{1,20}/gu)) {
		const longer = `${lines.at(-1) ?? ''} ${word}`.trim();
		const fits = lines.length > 0 && context.measureText(longer).width <= width;
		if (!fits && lines.length === MAX_LINES) return [...lines.slice(0, -1), `${lines.at(-1)} …`];
		if (fits) lines[lines.length - 1] = longer;
		else lines.push(word);
	}
	return lines;
}
