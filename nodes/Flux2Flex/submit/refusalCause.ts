/** Two numbers of tasks count as the same from this share on: ends are noticed a little late. */
const NEARLY = 0.9;
/** A limited rate explains fewer refusals in a row than this; their pauses double. */
const ENOUGH_REFUSALS = 4;

/**
 * Tells what a refusal (429) is about, which the service does not say: "too many active tasks" or
 * "too many requests in this while".
 *
 * Refused with as many tasks in flight as were ever taken: probably their number. Refused with
 * fewer, or taken again before anything ended: it can only be the rate.
 */
export class RefusalCause {
	/** Most tasks in flight that the service was seen to take. */
	private mostAccepted = 0;
	/** Tasks in flight at the last refusal that came with about as many as were ever taken. */
	private refusedAt = Infinity;
	private acceptedSinceRefusal = 0;
	/** The last refusal said how long to wait, so nothing is to be found out about the rate. */
	private wasTold = false;
	private isNumberLimited = false;
	private isRateLimited = false;

	/** Whether submits have to be paced, since the rate is limited and nothing says how long to wait. */
	get needsPace(): boolean {
		return this.isRateLimited && !this.wasTold;
	}

	/** @param isNews sent after the last refusal was known */
	accepted(active: number, isNews: boolean, isProbe: boolean): void {
		this.mostAccepted = Math.max(this.mostAccepted, active);
		if (isNews) this.acceptedSinceRefusal++;
		// Refused before and taken now, though nothing is known to have ended: perhaps the rate.
		if (isProbe) this.isRateLimited ||= !this.isNumberLimited;
	}

	/**
	 * Whether the refusal is for the rate.
	 *
	 * @param refusals refusals in a row before this one
	 * @param isTold the service says how long to wait
	 */
	isRate(active: number, refusals: number, isTold: boolean): boolean {
		const isRate = this.judge(active, refusals);
		this.isRateLimited ||= isRate;
		this.acceptedSinceRefusal = 0;
		this.wasTold = isTold;
		return isRate;
	}

	private judge(active: number, refusals: number): boolean {
		const isAtMost = active >= this.mostAccepted * NEARLY;
		const isAtSameHeight =
			isAtMost && active >= this.refusedAt * NEARLY && active * NEARLY <= this.refusedAt;
		if (isAtMost) this.refusedAt = active;
		// Refused at the same height again, or although it waited as told: it is not the rate.
		this.isNumberLimited ||= this.wasTold && (isAtSameHeight || this.acceptedSinceRefusal === 0);
		if (this.isNumberLimited) return false;
		const isMoving = this.acceptedSinceRefusal > 0 || refusals < ENOUGH_REFUSALS;
		return !isAtMost || (this.isRateLimited && isMoving);
	}
}
