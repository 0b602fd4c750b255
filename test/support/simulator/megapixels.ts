import type { TaskOrder } from './tasks';

/** What the vendors' price lists mean by a megapixel. */
export const PIXELS_PER_MEGAPIXEL = 1024 * 1024;

export interface Megapixels {
	/** Of each image that is put in. A link counts as one, since nobody has fetched it yet. */
	input: number[];
	output: number;
}

/** What an order is measured by. */
export function megapixelsOf({ width, height, references }: TaskOrder): Megapixels {
	return {
		input: references.map(({ pixels = PIXELS_PER_MEGAPIXEL }) => pixels / PIXELS_PER_MEGAPIXEL),
		output: (width * height) / PIXELS_PER_MEGAPIXEL,
	};
}

/** The price where every megapixel, in and out, costs the same, and each image is rounded up. */
export function priceByMegapixel(order: TaskOrder, pricePerMegapixel: number): number {
	const { input, output } = megapixelsOf(order);
	const megapixels = [...input, output].map(Math.ceil).reduce((sum, part) => sum + part, 0);
	return megapixels * pricePerMegapixel;
}
