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
/** How much of that a batch may take off, so that a few early looks tell the others what to expect. */
const FIRST_LOOK_SPREAD = 0.55;
/** Then this often; it gives at most 8 requests for a task of 10 seconds. */
const UNKNOWN_GAP = 1150;
const SHORTEST_GAP = 150;
const LONGEST_GAP = 10_000;
/*
 * Gaps as shares of the time that a task takes, or took so far. The end lies on average half a gap
 * before it is noticed, so these are twice the delay that is accepted for fewer requests.
 */
/** Of the time passed, as long as nothing is known of how long tasks take. */
const GAP_WHEN_UNKNOWN = 0.1;
/** Of the usual duration, while the end is likely. */
const GAP_WHEN_DUE = 0.13;
/** Of the time passed, when the task takes longer than most: it may take much longer. */
const GAP_WHEN_LATE = 0.08;
/** Of the whole duration as the service guesses it. */
const GAP_BY_GUESS = 0.045;
/** The service guesses in whole seconds, rounded up, so the end may be this much nearer. */
const GUESS_ERROR = 1000;
/** A guess may be wild: it is believed for as long as was waited already, and for this at least. */
const TRUSTED_GUESS = 3000;

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
		const wait = Math.max(eta - GUESS_ERROR, (elapsed + eta) * GAP_BY_GUESS, SHORTEST_GAP);
		return Math.min(wait, Math.max(TRUSTED_GUESS, elapsed), LONGEST_GAP);
	}
	const { firstLook, gap } = plan(state);
	const untilFirstLook = firstLook - elapsed;
	return untilFirstLook > 0 ? untilFirstLook : Math.min(gap, LONGEST_GAP);
}

function plan({ elapsed, durations, offset }: PollState): { firstLook: number; gap: number } {
	const known = durations.quantiles();
	if (known === undefined) {
		return {
			firstLook: FIRST_LOOK * (1 - FIRST_LOOK_SPREAD * offset),
			gap: Math.max(UNKNOWN_GAP, elapsed * GAP_WHEN_UNKNOWN),
		};
	}
	const gap = elapsed <= known.late ? known.middle * GAP_WHEN_DUE : elapsed * GAP_WHEN_LATE;
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
