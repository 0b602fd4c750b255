import { randomnessFrom } from '../support/simulator/randomness';

/** How long tasks take; the same numbers in every run, on every machine and for every contestant. */
export interface TaskDurations {
	/** Milliseconds. */
	median: number;
	/** Standard deviation of the logarithm; 0 = all take the same. */
	spread: number;
}

/** Decides what "random" means; any other number is as good. */
const SEED = 2_000;

/** Milliseconds that a task takes, log-normally distributed; task numbers count from 1. */
export function taskDuration({ median, spread }: TaskDurations, taskNumber: number): number {
	const random = randomnessFrom(SEED + taskNumber);
	// Box and Muller: two even numbers give a normally distributed one.
	const radius = Math.sqrt(-2 * Math.log(1 - random.between(0, 1)));
	const normal = radius * Math.cos(2 * Math.PI * random.between(0, 1));
	return Math.round(median * Math.exp(spread * normal));
}
