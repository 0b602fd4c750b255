import { loadImage } from '@napi-rs/canvas';

import type { Area } from './caption';
import type { Scene } from './compositions';

/** Shows the images of an edit as prints laid out side by side in the free area. */
export async function paintReferenceTiles(
	scene: Scene,
	references: readonly Buffer[],
	free: Area,
): Promise<void> {
	if (references.length === 0) return;
	const { context, unit, random } = scene;
	const images = await Promise.all(references.map(async (bytes) => await loadImage(bytes)));

	// Along the longer side of the free area, with room to tilt.
	const isRow = free.width >= free.height;
	const along = (isRow ? free.width : free.height) / images.length;
	const across = isRow ? free.height : free.width;
	const side = Math.min(along * 0.82, across * 0.78, unit * 0.56);
	const step = Math.min(along, side * 1.14);
	const start = -((images.length - 1) / 2) * step;
	const frame = Math.max(2, side * 0.035);

	for (const [index, image] of images.entries()) {
		const offset = start + index * step;
		context.save();
		context.translate(
			free.x + free.width / 2 + (isRow ? offset : 0),
			free.y + free.height / 2 + (isRow ? 0 : offset),
		);
		context.rotate(random.between(-0.055, 0.055));

		context.save();
		context.shadowColor = 'rgba(0, 0, 0, 0.45)';
		context.shadowBlur = side * 0.09;
		context.shadowOffsetY = side * 0.025;
		context.fillStyle = '#fdfcf9';
		context.beginPath();
		context.roundRect(-side / 2, -side / 2, side, side, frame * 0.6);
		context.fill();
		context.restore();

		// The middle square of the image fills the print.
		const inner = side - frame * 2;
		const crop = Math.min(image.width, image.height);
		context.drawImage(
			image,
			(image.width - crop) / 2,
			(image.height - crop) / 2,
			crop,
			crop,
			-inner / 2,
			-inner / 2,
			inner,
			inner,
		);
		context.restore();
	}
}
