import type { Clock } from '../../../nodes/Flux2Flex/timing/clock';
import { StopSignal } from '../../../nodes/Flux2Flex/timing/stopSignal';

interface Timer {
	at: number;
	wake: () => void;
}

/**
 * Time that jumps: whenever everything waits, it moves on to the next timer. A test over hours runs
 * in milliseconds, and always the same way.
 */
export class VirtualClock implements Clock {
	private readonly timers: Timer[] = [];

	/** @param time milliseconds since 1970 */
	constructor(private time = Date.UTC(2026, 0, 1)) {}

	now(): number {
		return this.time;
	}

	async sleep(milliseconds: number, signal = new StopSignal()): Promise<void> {
		if (milliseconds <= 0 || signal.stopped) return;
		await new Promise<void>((resolve) => {
			const timer: Timer = { at: this.time + milliseconds, wake: resolve };
			const position = this.timers.findIndex((other) => other.at > timer.at);
			this.timers.splice(position === -1 ? this.timers.length : position, 0, timer);
			signal.onStop(() => {
				const index = this.timers.indexOf(timer);
				if (index !== -1) this.timers.splice(index, 1);
				resolve();
			});
		});
	}

	/** Lets time pass until the promise settles; throws when it waits for something else than time. */
	async run<Value>(promise: Promise<Value>): Promise<Value> {
		let settled = false;
		const watched = promise.finally(() => {
			settled = true;
		});
		watched.catch(() => {});
		for (let idleRounds = 0; ; ) {
			await new Promise((resolve) => setImmediate(resolve));
			if (settled) return await watched;
			const timer = this.timers.shift();
			if (timer !== undefined) {
				idleRounds = 0;
				this.time = Math.max(this.time, timer.at);
				timer.wake();
			} else if (++idleRounds > 100) {
				throw new Error('Nothing is left that could end the wait');
			}
		}
	}
}
