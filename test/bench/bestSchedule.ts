/** What the service, or the user, allows. */
export interface ScheduleLimits {
	/** Most tasks at a time. */
	places: number;
	/** Most submits in any one second. */
	submitsPerSecond: number;
}

/**
 * Milliseconds that the best possible schedule needs: it submits in item order, at the very moment
 * the limits allow it, learns of every end at once, and requests and images take no time.
 *
 * @param durations milliseconds that the tasks take, in the order they are submitted
 */
export function bestScheduleMilliseconds(
	durations: number[],
	{ places, submitsPerSecond }: ScheduleLimits,
): number {
	const placeFreeAt = new Array<number>(Math.min(places, durations.length)).fill(0);
	const starts: number[] = [];
	let end = 0;
	for (const [index, duration] of durations.entries()) {
		const windowOpens =
			index >= submitsPerSecond ? (starts[index - submitsPerSecond] ?? 0) + 1000 : 0;
		placeFreeAt.sort((a, b) => a - b);
		const start = Math.max(placeFreeAt.shift() ?? 0, windowOpens);
		starts.push(start);
		placeFreeAt.push(start + duration);
		end = Math.max(end, start + duration);
	}
	return end;
}
