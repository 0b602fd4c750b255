/** Lets only so many pieces of work run at a time, first come first served. */
export class Limiter {
	private readonly waiting: Array<() => void> = [];
	private running = 0;

	constructor(private readonly limit: number) {}

	async run<Result>(work: () => Promise<Result>): Promise<Result> {
		if (this.running >= this.limit) await new Promise<void>((start) => this.waiting.push(start));
		else this.running++;
		try {
			return await work();
		} finally {
			// A waiting piece goes on instead of this one; only without one fewer are running.
			const next = this.waiting.shift();
			if (next) next();
			else this.running--;
		}
	}
}
