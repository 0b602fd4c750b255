import type { Clock } from '../timing/clock';
import type { StopSignal } from '../timing/stopSignal';
import { ServiceLimits, type SubmitTicket } from './serviceLimits';

/** A place at the service, held from just before the submit until the task ends. */
export interface Place {
	ticket: SubmitTicket;
	/** The service took the task. */
	accepted: boolean;
	/** It was given back. */
	left?: boolean;
}

/** Submits that may be under way without an answer; keeps a first refusal from being a hundred. */
const MAX_UNANSWERED = 10;

/**
 * Decides when the next task may be submitted: first come first served, at most `limit` tasks in
 * flight, and never faster than the service takes them.
 */
export class SubmitQueue {
	private readonly waiting: Array<{ isFirst: boolean; resolve: (place: Place) => void }> = [];
	private readonly clock: Clock;
	private readonly signal: StopSignal;
	private readonly limits: ServiceLimits;
	private inFlight = 0;
	private unanswered = 0;
	private wakeUpAt = Infinity;

	/** @param limit most tasks in flight at a time */
	constructor(
		private readonly limit: number,
		run: { clock: Clock; random: () => number; haltSignal: StopSignal },
	) {
		this.clock = run.clock;
		this.signal = run.haltSignal;
		this.limits = new ServiceLimits(run.clock, run.random);
		// Whoever still waits goes on at once, to find that the run is over.
		this.signal.onStop(() => this.admit());
	}

	/** Consecutive refusals since the last accepted submit or ended task. */
	get refusals(): number {
		return this.limits.refusals;
	}

	/** Milliseconds since the first of them. */
	get refusedFor(): number {
		return this.limits.refusedFor;
	}

	/** Tasks the service works on. */
	get active(): number {
		return this.inFlight - this.unanswered;
	}

	/**
	 * Waits for a place. `isFirst` puts a refused submit before all that were never tried, which
	 * keeps submits in item order. After the signal stopped it resolves at once.
	 */
	async enter(isFirst = false): Promise<Place> {
		return await new Promise((resolve) => {
			const position = isFirst ? this.waiting.findIndex((other) => !other.isFirst) : -1;
			const end = this.waiting.length;
			this.waiting.splice(position === -1 ? end : position, 0, { isFirst, resolve });
			this.admit();
		});
	}

	/** A place for a task that an earlier try submitted: it is in flight already. */
	adopt(): Place {
		const ticket = this.limits.sent(this.inFlight++);
		return { ticket, accepted: true };
	}

	/** The service took the task. */
	accepted(place: Place): void {
		place.accepted = true;
		this.unanswered--;
		this.limits.accepted(place.ticket, this.active);
		this.admit();
	}

	/** The service refused for the number or the rate of tasks; `retryAfter` in milliseconds. */
	refused(place: Place, retryAfter?: number): void {
		this.inFlight--;
		this.unanswered--;
		this.limits.refused(place.ticket, this.active, retryAfter);
		this.admit();
	}

	/** The task ended, or the submit came to nothing. Doing it again changes nothing. */
	leave(place: Place): void {
		if (place.left) return;
		place.left = true;
		this.inFlight--;
		if (place.accepted) this.limits.ended();
		else this.unanswered--;
		this.admit();
	}

	/** Nobody will tell when the task ends: its place is free from now on, for all that is known. */
	forget(place: Place): void {
		this.inFlight--;
		if (!place.accepted) this.unanswered--;
		this.admit();
	}

	private admit(): void {
		while (this.waiting.length > 0 && (this.signal.stopped || this.mayAdmit())) {
			const next = this.waiting.shift();
			const ticket = this.limits.sent(this.inFlight);
			this.inFlight++;
			this.unanswered++;
			next?.resolve({ ticket, accepted: false });
		}
		if (this.waiting.length > 0) this.wakeUp();
	}

	private mayAdmit(): boolean {
		if (this.inFlight >= this.limit || this.unanswered >= MAX_UNANSWERED) return false;
		// Probes go one at a time.
		if (this.limits.isFull(this.inFlight) && this.unanswered > 0) return false;
		return this.clock.now() >= this.limits.earliest(this.inFlight);
	}

	/** Looks again when time allows; everything else that could matter calls `admit` itself. */
	private wakeUp(): void {
		const now = this.clock.now();
		const next = this.limits.earliest(this.inFlight);
		if (next <= now || next >= this.wakeUpAt || this.signal.stopped) return;
		this.wakeUpAt = next;
		void this.clock.sleep(next - now, this.signal).then(() => {
			if (this.wakeUpAt === next) this.wakeUpAt = Infinity;
			this.admit();
		});
	}
}
