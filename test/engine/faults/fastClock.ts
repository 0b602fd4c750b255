import { realClock, type Clock } from '../../../nodes/Flux2Flex/timing/clock';
import type { StopSignal } from '../../../nodes/Flux2Flex/timing/stopSignal';

/** Real time that can be told to go faster, so that a minute's time-out takes a second. */
export class FastClock implements Clock {
	private factor = 1;
	private realStart = Date.now();
	private start = this.realStart;

	/** How many times faster than real time it goes from now on; waits under way go on as they are. */
	set speed(factor: number) {
		this.start = this.now();
		this.realStart = Date.now();
		this.factor = factor;
	}

	/** The real milliseconds that so many of this clock take. */
	real(milliseconds: number): number {
		return milliseconds / this.factor;
	}

	now(): number {
		return this.start + (Date.now() - this.realStart) * this.factor;
	}

	async sleep(milliseconds: number, signal: StopSignal): Promise<void> {
		await realClock.sleep(this.real(milliseconds), signal);
	}
}
