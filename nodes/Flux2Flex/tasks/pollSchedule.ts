/** What is known about a task when the next request for it is planned. All in milliseconds. */
export interface PollState {
	/** Since the service accepted the task. */
	elapsed: number;
	/** Until the result, as the service guesses. */
	eta?: number;
	/** What finished tasks of this run took. */
	typicalDuration?: number;
	/** The user's own interval; 0 = adaptive. */
	fixedInterval: number;
}

const FIRST_POLL = 1000;
const SHORTEST_WAIT = 500;
const LONGEST_WAIT = 5000;

/**
 * Milliseconds until the task should be asked for (again).
 *
 * Adaptive: nothing is asked before a result is plausible; then the gaps grow with the time
 * already waited, so the delay in noticing stays a small share of the task's duration.
 */
export function nextPollDelay({ elapsed, eta, typicalDuration, fixedInterval }: PollState): number {
	if (fixedInterval > 0) return fixedInterval;
	const gap = Math.min(LONGEST_WAIT, Math.max(SHORTEST_WAIT, elapsed * 0.25));
	const plausible = typicalDuration === undefined ? FIRST_POLL : typicalDuration * 0.8;
	const untilPlausible = Math.max(0, plausible - elapsed);
	const wait = Math.max(elapsed === 0 ? 0 : gap, untilPlausible);
	return eta !== undefined && eta > 0 ? Math.max(SHORTEST_WAIT, Math.min(eta, LONGEST_WAIT)) : wait;
}

/** What the finished tasks of a run took: the best guess for those still under way. */
export class TaskDurations {
	private readonly sorted: number[] = [];

	/** @param duration milliseconds from acceptance to noticing the end */
	record(duration: number): void {
		const position = this.sorted.findIndex((other) => other > duration);
		this.sorted.splice(position === -1 ? this.sorted.length : position, 0, duration);
	}

	/** The median in milliseconds; undefined before the first task finished. */
	typical(): number | undefined {
		return this.sorted[Math.floor(this.sorted.length / 2)];
	}
}
