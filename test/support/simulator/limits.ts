import type { ResolvedOptions } from './options';
import type { TaskStore } from './tasks';

/**
 * Whether one more task would be too many right now.
 * @param maxActiveTasks Infinity = no limit
 * @returns the seconds until it is worth trying again, or undefined when there is room
 */
export function secondsUntilRoom(
	options: ResolvedOptions,
	tasks: TaskStore,
	maxActiveTasks: number,
): number | undefined {
	const now = options.now();

	if (options.maxSubmitsPerSecond !== Infinity) {
		const windowStart = now - 1000;
		const recent = tasks.all.filter(({ acceptedAt }) => acceptedAt > windowStart);
		if (recent.length >= options.maxSubmitsPerSecond) return 1;
	}

	if (maxActiveTasks !== Infinity) {
		const active = tasks.active();
		if (active.length >= maxActiveTasks) {
			const nextEnd = Math.min(...active.map(({ endsAt }) => endsAt));
			return Math.max(1, Math.ceil((nextEnd - now) / 1000));
		}
	}

	return undefined;
}
