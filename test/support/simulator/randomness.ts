/** Numbers that look random and are the same for the same seed on every machine. */
export interface Randomness {
	/** From `low` to below `high`. */
	between(low: number, high: number): number;
}

/** @param seed any integer; 32 bits of it count */
export function randomnessFrom(seed: number): Randomness {
	const next = mulberry32(seed);
	// Neighbouring seeds start out alike; after a few steps they have nothing in common.
	for (let step = 0; step < 8; step++) next();
	return { between: (low, high) => low + next() * (high - low) };
}

/** Tommy Ettinger's generator, in the public domain. */
function mulberry32(seed: number): () => number {
	let state = seed | 0;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
	};
}
