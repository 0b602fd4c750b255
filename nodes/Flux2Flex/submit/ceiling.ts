/** Until a first probe: beyond the second in which many services count requests. */
const PROBE_DELAY = 1100;
/** The same where the service says how long to wait; the probe goes when that is over. */
const PROBE_DELAY_AS_TOLD = 400;
/** The same when own tasks end and so make room: a refused probe may then cost more than it finds. */
const PROBE_DELAY_WITH_ENDS = 5000;

/**
 * How many tasks in flight a service takes. A ceiling is what it refused to exceed; now and then a
 * probe asks for one more, in doubling steps while it goes well. All times in milliseconds.
 */
export class Ceiling {
	/** When a probe may go. */
	probeAt = 0;
	private height: number;
	private acceptedProbes = 0;
	private refusedProbes = 0;
	private hasEndedSinceRefusal = false;
	/** The service says itself how long to wait. */
	private isTold = false;

	/** @param declared what the service says of itself, if it does: the search starts there */
	constructor(
		private readonly declared: number | undefined,
		now: number,
		private readonly random: () => number,
	) {
		this.height = declared ?? Infinity;
		if (declared !== undefined) this.probeAt = now + PROBE_DELAY_WITH_ENDS;
	}

	/** Whether one more task would be more than is known to be taken. */
	isReached(inFlight: number): boolean {
		return inFlight >= this.height;
	}

	/** @param active tasks in flight, with the one that was accepted */
	accepted(now: number, active: number, isProbe: boolean): void {
		this.height = Math.max(this.height, active);
		if (!isProbe) return;
		this.height = Math.max(this.height, active + 2 ** this.acceptedProbes);
		this.acceptedProbes = Math.min(this.acceptedProbes + 1, 5);
		this.refusedProbes = 0;
		this.probeAt = now;
	}

	/** The number of tasks was too high. */
	lower(active: number): void {
		this.height = Math.max(1, active);
	}

	/** The number of tasks was not to blame. */
	lift(): void {
		this.height = this.declared ?? Infinity;
	}

	/** @param pause until the next submit; `isTold` when the service asked for it */
	refused(now: number, pause: number, isProbe: boolean, isTold: boolean): void {
		if (isProbe) this.refusedProbes++;
		this.acceptedProbes = 0;
		this.hasEndedSinceRefusal = false;
		this.isTold = isTold;
		this.probeAt = now + Math.max(pause, this.probeDelay());
	}

	taskEnded(now: number): void {
		if (this.hasEndedSinceRefusal) return;
		this.hasEndedSinceRefusal = true;
		if (this.refusedProbes === 0 && !this.isTold) return;
		this.probeAt = Math.max(this.probeAt, now + this.probeDelay());
	}

	private probeDelay(): number {
		const start = this.isTold ? PROBE_DELAY_AS_TOLD : PROBE_DELAY;
		const base = this.hasEndedSinceRefusal ? PROBE_DELAY_WITH_ENDS : start;
		return base * (1 + 0.1 * this.random()) * 2 ** Math.min(this.refusedProbes, 6);
	}
}
