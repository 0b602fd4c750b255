import { megapixelsOf } from './megapixels';
import type { TaskOrder } from './tasks';

/** In the simulator's unit of money, 0.0001 USD: a credit is $0.01. */
export const CREDIT = 100;

export interface Price {
	/** Credits. */
	cost: number;
	inputMegapixels: number;
	outputMegapixels: number;
}

/**
 * What a task costs by the published formula: 5 credits for the first megapixel that is made, 5 for
 * each further one and for each that is put in. Parts count as parts, and the sum is rounded up to
 * whole credits.
 */
export function priceOf(order: TaskOrder): Price {
	const { input, output: outputMegapixels } = megapixelsOf(order);
	const inputMegapixels = input.reduce((sum, megapixels) => sum + megapixels, 0);
	const cost = Math.ceil(5 + (Math.max(1, outputMegapixels) - 1) * 5 + inputMegapixels * 5);
	return { cost, inputMegapixels, outputMegapixels };
}
