/** How much shorter the gap gets with every accepted submit, to find out whether more is taken. */
const SPEED_UP = 0.97;
/** How much longer a refusal makes it. */
const SLOW_DOWN = 1.15;

/**
 * How fast a service takes submits, once there are signs that it limits the rate: the time between
 * two submits, found as TCP finds its window: longer at once after a refusal, shorter again in small
 * steps. All times in milliseconds.
 */
export class Pace {
	/** When the next submit may be sent, as far as the pace goes. */
	nextAt = 0;
	/** 0 = no limit of the rate known. */
	private gap = 0;
	private acceptedCount = 0;

	/** @param startedAt the moment before the first submit */
	constructor(private readonly startedAt: number) {}

	sent(now: number): void {
		this.nextAt = now + this.gap;
	}

	accepted(): void {
		this.acceptedCount++;
		this.gap *= SPEED_UP;
	}

	/**
	 * Takes what was accepted since the start, over that time, as the rate to begin with. Only the
	 * time of a refusal that is over makes this a rate; before it is the height of a burst.
	 */
	assume(now: number): void {
		if (this.gap === 0) this.gap = (now - this.startedAt) / Math.max(1, this.acceptedCount);
	}

	refused(): void {
		this.gap *= SLOW_DOWN;
	}

	/** The pause after the given number of refusals before this one; undefined without a pace. */
	pause(refusals: number, random: () => number): number | undefined {
		return this.gap === 0 ? undefined : this.gap * (0.5 + random()) * 2 ** Math.min(refusals, 12);
	}
}
