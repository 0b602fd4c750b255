/** Lets only so many pieces of work run at a time, first come first served. */
export class Places {
	private readonly waiting: Array<() => void> = [];
	private taken = 0;

	constructor(private readonly limit: number) {}

	async run<Result>(work: () => Promise<Result>): Promise<Result> {
		if (this.taken >= this.limit) await new Promise<void>((resolve) => this.waiting.push(resolve));
		else this.taken++;
		try {
			return await work();
		} finally {
			// A waiting piece takes the place over; only without one it becomes free.
			const next = this.waiting.shift();
			if (next) next();
			else this.taken--;
		}
	}
}
