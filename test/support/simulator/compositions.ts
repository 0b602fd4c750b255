import type { SKRSContext2D } from '@napi-rs/canvas';

import type { Palette } from './palettes';
import { mixColours, translucent } from './palettes';
import { giveWay } from './pause';
import type { Randomness } from './randomness';

export interface Scene {
	context: SKRSContext2D;
	/** Pixels. */
	width: number;
	/** Pixels. */
	height: number;
	/** The shorter side, which stroke widths and radii go by. */
	unit: number;
	palette: Palette;
	random: Randomness;
}

const WHOLE_TURN = Math.PI * 2;

/** Paints a landscape over the whole canvas; the randomness decides how it lies. */
export async function paintComposition(scene: Scene): Promise<void> {
	paintRidges(scene);
	await paintSoFar(scene);
	paintVignette(scene);
}

/** Mountain ridges fading into mist, under a low sun. */
function paintRidges(scene: Scene): void {
	const { context, width, height, unit, palette, random } = scene;
	const sky = context.createLinearGradient(0, 0, 0, height * 0.75);
	sky.addColorStop(0, mixColours(palette.deep, palette.middle, 0.35));
	sky.addColorStop(0.5, mixColours(palette.middle, palette.warm, 0.55));
	sky.addColorStop(1, palette.light);
	context.fillStyle = sky;
	context.fillRect(0, 0, width, height);

	const sunX = width * random.between(0.22, 0.78);
	const sunY = height * random.between(0.2, 0.36);
	const sunRadius = unit * random.between(0.09, 0.15);
	paintGlow(scene, sunX, sunY, sunRadius * 4.5, palette.light, 0.75);
	const disc = context.createLinearGradient(0, sunY - sunRadius, 0, sunY + sunRadius);
	disc.addColorStop(0, '#ffffff');
	disc.addColorStop(1, mixColours(palette.light, palette.warm, 0.45));
	fillCircle(context, sunX, sunY, sunRadius, disc);

	const layers = 7;
	for (let layer = 0; layer < layers; layer++) {
		const nearness = layer / (layers - 1);
		const base = height * (0.4 + 0.42 * nearness);
		const waves = [1, 2, 3].map((order) => ({
			length: (unit * random.between(0.5, 1.1)) / order,
			swing: (unit * random.between(0.03, 0.075)) / order,
			phase: random.between(0, WHOLE_TURN),
		}));
		context.beginPath();
		context.moveTo(0, height);
		for (let x = 0; x <= width + 4; x += 4) {
			const rise = waves.reduce(
				(sum, { length, swing, phase }) => sum + swing * Math.sin((x / length) * 3 + phase),
				0,
			);
			context.lineTo(x, base - rise);
		}
		context.lineTo(width + 4, height);
		context.closePath();
		const colour =
			nearness < 0.5
				? mixColours(palette.warm, palette.middle, nearness * 2)
				: mixColours(palette.middle, palette.night, nearness * 2 - 1);
		const slope = context.createLinearGradient(0, base - unit * 0.12, 0, base + unit * 0.3);
		slope.addColorStop(0, colour);
		// The foot of every ridge lies in mist.
		slope.addColorStop(1, mixColours(colour, palette.light, 0.4 * (1 - nearness)));
		context.fillStyle = slope;
		context.fill();
	}
}

/**
 * The canvas only records what it is told, and paints once somebody asks for a pixel. All of it at
 * one go would hold up every other request for some tenths of a second.
 */
async function paintSoFar({ context }: Scene): Promise<void> {
	context.getImageData(0, 0, 1, 1);
	await giveWay();
}

function paintGlow(
	{ context, width, height }: Scene,
	x: number,
	y: number,
	radius: number,
	colour: string,
	opacity: number,
): void {
	const glow = context.createRadialGradient(x, y, 0, x, y, radius);
	glow.addColorStop(0, translucent(colour, opacity));
	glow.addColorStop(0.4, translucent(colour, opacity * 0.45));
	glow.addColorStop(1, translucent(colour, 0));
	context.fillStyle = glow;
	context.fillRect(0, 0, width, height);
}

function paintVignette({ context, width, height }: Scene): void {
	const reach = Math.hypot(width, height) / 2;
	const [x, y] = [width / 2, height / 2];
	const shade = context.createRadialGradient(x, y, reach * 0.55, x, y, reach);
	shade.addColorStop(0, 'rgba(0, 0, 0, 0)');
	shade.addColorStop(1, 'rgba(0, 0, 0, 0.28)');
	context.fillStyle = shade;
	context.fillRect(0, 0, width, height);
}

function fillCircle(
	context: SKRSContext2D,
	x: number,
	y: number,
	radius: number,
	fill: SKRSContext2D['fillStyle'],
): void {
	context.fillStyle = fill;
	context.beginPath();
	context.arc(x, y, radius, 0, WHOLE_TURN);
	context.fill();
}
