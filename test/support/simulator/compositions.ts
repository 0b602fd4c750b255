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

/** Paints one of the compositions over the whole canvas; the randomness decides which. */
export async function paintComposition(scene: Scene): Promise<void> {
	await scene.random.pick([paintRidges, paintSilk, paintOrbits, paintPetals])(scene);
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

/** Sheets of silk: hundreds of thin curves between two moving edges. */
async function paintSilk(scene: Scene): Promise<void> {
	const { context, width, height, unit, palette, random } = scene;
	paintMesh(scene, [palette.night, palette.deep, palette.night, palette.deep]);

	context.globalCompositeOperation = 'screen';
	const tints = [palette.middle, palette.warm, palette.light, palette.middle];
	const tilt = random.pick([-1, 1]);
	for (const [sheet, tint] of tints.entries()) {
		await paintSoFar(scene);
		const centre = height * random.between(0.22, 0.62);
		const edges = [0, 1].map(() => ({
			from: centre + height * random.between(-0.22, 0.22) + tilt * height * 0.16,
			bendFrom: centre + height * random.between(-0.75, 0.75),
			bendTo: centre + height * random.between(-0.75, 0.75),
			to: centre + height * random.between(-0.22, 0.22) - tilt * height * 0.16,
		}));
		const [first, second] = edges as [(typeof edges)[0], (typeof edges)[0]];
		const neighbour = tints[(sheet + 1) % tints.length] ?? tint;
		const stroke = context.createLinearGradient(0, 0, width, 0);
		stroke.addColorStop(0, translucent(neighbour, 0.1));
		stroke.addColorStop(random.between(0.3, 0.7), translucent(tint, 0.62));
		stroke.addColorStop(1, translucent(neighbour, 0.16));
		context.strokeStyle = stroke;
		context.lineWidth = Math.max(0.8, unit / 620);
		const threads = 120;
		for (let thread = 0; thread < threads; thread++) {
			const share = thread / (threads - 1);
			const between = (one: number, other: number) => one + (other - one) * share;
			context.beginPath();
			context.moveTo(-unit * 0.05, between(first.from, second.from));
			context.bezierCurveTo(
				width * between(0.22, 0.42),
				between(first.bendFrom, second.bendFrom),
				width * between(0.58, 0.78),
				between(first.bendTo, second.bendTo),
				width + unit * 0.05,
				between(first.to, second.to),
			);
			context.stroke();
		}
	}
	context.globalCompositeOperation = 'source-over';
	paintGlow(
		scene,
		width * random.between(0.2, 0.8),
		height * random.between(0.1, 0.4),
		unit * 0.5,
		palette.warm,
		0.25,
	);
}

/** A night sky with a ringed planet, its moons and their orbits. */
function paintOrbits(scene: Scene): void {
	const { context, width, height, unit, palette, random } = scene;
	paintMesh(scene, [
		palette.night,
		mixColours(palette.night, palette.deep, 0.7),
		palette.deep,
		palette.night,
	]);
	for (let star = 0; star < 130; star++) {
		const radius = unit * random.between(0.0006, 0.0019);
		const colour = translucent(palette.light, random.between(0.25, 0.9));
		fillCircle(context, random.between(0, width), random.between(0, height), radius, colour);
	}

	const centreX = width * random.between(0.36, 0.64);
	const centreY = height * random.between(0.3, 0.42);
	const planetRadius = unit * random.between(0.15, 0.2);
	const tilt = random.between(-0.5, 0.5);
	const flatness = random.between(0.3, 0.45);
	paintGlow(scene, centreX, centreY, planetRadius * 3.4, palette.middle, 0.55);

	const orbits = [1.55, 2.05, 2.6, 3.25, 4].map((reach) => planetRadius * reach);
	const drawOrbits = (fromAngle: number, toAngle: number) => {
		for (const [index, reach] of orbits.entries()) {
			context.beginPath();
			context.ellipse(centreX, centreY, reach, reach * flatness, tilt, fromAngle, toAngle);
			context.lineWidth = unit * (index === 0 ? 0.02 : 0.0032);
			context.strokeStyle = translucent(
				index === 0 ? palette.warm : palette.light,
				index === 0 ? 0.75 : 0.55 - index * 0.07,
			);
			context.stroke();
		}
	};
	// The far half of the rings, the planet, then the near half.
	drawOrbits(Math.PI, WHOLE_TURN);
	paintSphere(scene, centreX, centreY, planetRadius, palette.warm, palette.middle);
	drawOrbits(0, Math.PI);

	const moonTints = [palette.light, palette.warm, palette.middle, palette.light];
	for (const [index, reach] of orbits.slice(1).entries()) {
		const angle = random.between(0, WHOLE_TURN);
		const along = Math.cos(angle) * reach;
		const across = Math.sin(angle) * reach * flatness;
		const x = centreX + along * Math.cos(tilt) - across * Math.sin(tilt);
		const y = centreY + along * Math.sin(tilt) + across * Math.cos(tilt);
		const radius = unit * random.between(0.016, 0.036);
		const tint = moonTints[index] ?? palette.light;
		paintSphere(scene, x, y, radius, tint, mixColours(tint, palette.night, 0.55));
	}
}

/** A flower of see-through petals, ring upon ring. */
function paintPetals(scene: Scene): void {
	const { context, width, height, unit, palette, random } = scene;
	paintMesh(scene, [
		mixColours(palette.light, palette.warm, 0.35),
		mixColours(palette.warm, palette.middle, 0.35),
		palette.light,
		mixColours(palette.middle, palette.deep, 0.3),
	]);
	const centreX = width * random.between(0.4, 0.6);
	const centreY = height * random.between(0.34, 0.42);
	const petals = random.pick([7, 8, 9, 10, 12]);
	const rings = [
		{ reach: 0.62, breadth: 0.2, colour: palette.deep, opacity: 0.34 },
		{ reach: 0.5, breadth: 0.17, colour: palette.middle, opacity: 0.42 },
		{ reach: 0.37, breadth: 0.13, colour: palette.warm, opacity: 0.5 },
		{ reach: 0.24, breadth: 0.09, colour: palette.light, opacity: 0.6 },
	];
	const twist = random.between(0, WHOLE_TURN);
	for (const [ringIndex, ring] of rings.entries()) {
		for (let petal = 0; petal < petals; petal++) {
			const length = unit * ring.reach;
			const breadth = unit * ring.breadth;
			context.save();
			context.translate(centreX, centreY);
			context.rotate(twist + ((petal + ringIndex / 2) / petals) * WHOLE_TURN);
			const fill = context.createLinearGradient(0, 0, length, 0);
			fill.addColorStop(0, translucent(palette.light, ring.opacity));
			fill.addColorStop(0.45, translucent(ring.colour, ring.opacity));
			fill.addColorStop(1, translucent(mixColours(ring.colour, palette.night, 0.25), ring.opacity));
			context.fillStyle = fill;
			context.beginPath();
			context.moveTo(0, 0);
			context.bezierCurveTo(length * 0.3, -breadth, length * 0.8, -breadth, length, 0);
			context.bezierCurveTo(length * 0.8, breadth, length * 0.3, breadth, 0, 0);
			context.fill();
			context.strokeStyle = translucent(palette.light, 0.35);
			context.lineWidth = unit * 0.0015;
			context.stroke();
			context.restore();
		}
	}
	paintSphere(scene, centreX, centreY, unit * 0.045, palette.light, palette.warm);
}

/**
 * The canvas only records what it is told, and paints once somebody asks for a pixel. All of it at
 * one go would hold up every other request for some tenths of a second.
 */
async function paintSoFar({ context }: Scene): Promise<void> {
	context.getImageData(0, 0, 1, 1);
	await giveWay();
}

/** Four soft fields of colour that run into each other. */
function paintMesh(scene: Scene, colours: readonly string[]): void {
	const { context, width, height, random } = scene;
	const [first = '#000000', ...others] = colours;
	context.fillStyle = first;
	context.fillRect(0, 0, width, height);
	for (const [index, colour] of others.entries()) {
		const x = width * (index % 2 === 0 ? random.between(0.6, 1.05) : random.between(-0.05, 0.4));
		const y = height * (index < 1 ? random.between(0, 0.35) : random.between(0.5, 1));
		paintGlow(scene, x, y, Math.max(width, height) * random.between(0.6, 0.9), colour, 1);
	}
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

function paintSphere(
	{ context, palette }: Scene,
	x: number,
	y: number,
	radius: number,
	lit: string,
	shaded: string,
): void {
	const [lightX, lightY] = [x - radius * 0.4, y - radius * 0.45];
	const shading = context.createRadialGradient(lightX, lightY, radius * 0.05, x, y, radius);
	shading.addColorStop(0, mixColours(lit, '#ffffff', 0.6));
	shading.addColorStop(0.35, lit);
	shading.addColorStop(0.75, shaded);
	shading.addColorStop(1, mixColours(shaded, palette.night, 0.6));
	fillCircle(context, x, y, radius, shading);
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
