/** What is known about a task when the next request for it is planned. All in milliseconds. */
export interface PollState {
	/** Since the service accepted the task. */
	elapsed: number;
	/** Until the result, as the service guesses. */
	eta?: number;
	/** The user's own interval; 0 = adaptive. */
	fixedInterval: number;
	/** What finished tasks of this run took. */
	durations: TaskDurations;
	/** 0 ≤ offset < 1, spreads the first looks of a batch. */
	offset: number;
}

/** Nothing is asked before this, as long as no task of the run has shown to be faster. */
const FIRST_LOOK = 2400;
/** Then this often; it gives at most 8 requests for a task of 10 seconds. */
const UNKNOWN_GAP = 1150;
const SHORTEST_GAP = 150;
const LONGEST_GAP = 10_000;

/**
 * Milliseconds until the task should be asked for (again).
 *
 * Adaptive: nothing is asked before a result is plausible, then often enough that the delay in
 * noticing it stays a small share of the task's duration. What this run's finished tasks took says
 * what is plausible; so does the service's own guess where it gives one.
 */
export function nextPollDelay(state: PollState): number {
	const { elapsed, eta, fixedInterval } = state;
	if (fixedInterval > 0) return fixedInterval;
	if (eta !== undefined && eta > 0) {
		// In whole seconds, rounded up, so the end may be a second nearer.
		const wait = Math.max(eta - 1000, (elapsed + eta) * 0.045, SHORTEST_GAP);
		// A guess may be wild: it is believed for as long as was waited already.
		return Math.min(wait, Math.max(3000, elapsed), LONGEST_GAP);
	}
	const { firstLook, gap } = plan(state);
	const untilFirstLook = firstLook - elapsed;
	return untilFirstLook > 0 ? untilFirstLook : Math.min(gap, LONGEST_GAP);
}

function plan({ elapsed, durations, offset }: PollState): { firstLook: number; gap: number } {
	const known = durations.quantiles();
	if (known === undefined) {
		// Looks of a batch are spread, so that a few of them tell the others what to expect.
		return {
			firstLook: FIRST_LOOK * (1 - 0.55 * offset),
			gap: Math.max(UNKNOWN_GAP, elapsed * 0.1),
		};
	}
	const gap = elapsed <= known.late ? known.middle * 0.13 : elapsed * 0.08;
	return { firstLook: known.early, gap: Math.max(gap, SHORTEST_GAP) };
}

/** How many of the latest tasks count: services are faster at some times than at others. */
const REMEMBERED = 40;
/** Fewer finished tasks than this tell nothing. */
const ENOUGH = 3;

/** What the finished tasks of a run took: the best guess for those still under way. */
export class TaskDurations {
	private readonly latest: number[] = [];

	/**
	 * @param lastPending milliseconds after acceptance at which the task was last seen unfinished
	 * @param noticed milliseconds after acceptance at which its end was noticed
	 */
	record(lastPending: number, noticed: number): void {
		// The end lies somewhere between; taking the later one would make every guess later.
		this.latest.push((lastPending + noticed) / 2);
		if (this.latest.length > REMEMBERED) this.latest.shift();
	}

	/** In milliseconds; undefined before enough tasks finished. */
	quantiles(): { early: number; middle: number; late: number } | undefined {
		if (this.latest.length < ENOUGH) return undefined;
		const sorted = [...this.latest].sort((a, b) => a - b);
		const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
		return { early: at(0.1), middle: at(0.5), late: at(0.9) };
	}
}
