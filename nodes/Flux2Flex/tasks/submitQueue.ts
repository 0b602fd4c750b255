import { backOff } from '../transport/retryRules';
import type { Clock } from '../transport/clock';

/** A place at the service, held from just before the submit until the task ends. */
export interface Place {
	/** Which refusal this submit can have known of. */
	epoch: number;
	accepted: boolean;
}

/** Submits that may be under way without an answer; keeps a first refusal from being a hundred. */
const MAX_UNANSWERED = 10;

/**
 * Decides when the next task may be submitted: first come first served, at most `limit` tasks in
 * flight, and with respect for what the service refuses.
 *
 * A refusal (429) means "too many active tasks" or "too many requests in this while", and does not
 * say which. So after one the queue pauses (as long as the service asks, else backing off with
 * jitter), and takes the number of tasks in flight as the service's limit. One submit at a time
 * then probes beyond that number; every probe that is accepted raises it.
 */
export class SubmitQueue {
	private readonly waiting: Array<{ isFirst: boolean; resolve: (place: Place) => void }> = [];
	private inFlight = 0;
	private unanswered = 0;
	private learnedLimit = Infinity;
	private pausedUntil = 0;
	private pauseEndsWithTask = false;
	private probeAt = 0;
	private epoch = 0;
	private refusalsInARow = 0;
	private wakeUpAt = Infinity;

	private readonly clock: Clock;
	private readonly random: () => number;
	private readonly signal: AbortSignal;

	/** @param limit most tasks in flight at a time */
	constructor(
		private readonly limit: number,
		run: { clock: Clock; random: () => number; haltSignal: AbortSignal },
	) {
		this.clock = run.clock;
		this.random = run.random;
		this.signal = run.haltSignal;
		// Whoever still waits goes on at once, to find that the run is over.
		this.signal.addEventListener('abort', () => this.admit(), { once: true });
	}

	/** Consecutive refusals since the last accepted submit or ended task. */
	get refusals(): number {
		return this.refusalsInARow;
	}

	/** Tasks the service works on. */
	get active(): number {
		return this.inFlight - this.unanswered;
	}

	/**
	 * Waits for a place. `isFirst` puts a refused submit before all that were never tried, which
	 * keeps submits in item order. After the signal aborted it resolves at once.
	 */
	async enter(isFirst = false): Promise<Place> {
		return await new Promise((resolve) => {
			const entry = { isFirst, resolve };
			const position = isFirst ? this.waiting.findIndex((other) => !other.isFirst) : -1;
			if (position === -1) this.waiting.push(entry);
			else this.waiting.splice(position, 0, entry);
			this.admit();
		});
	}

	/** A place for a task that an earlier try submitted: it is in flight already. */
	adopt(): Place {
		this.inFlight++;
		return { epoch: this.epoch, accepted: true };
	}

	/** The service took the task. */
	accepted(place: Place): void {
		place.accepted = true;
		this.unanswered--;
		this.refusalsInARow = 0;
		if (this.active > this.learnedLimit) this.learnedLimit = this.active;
		if (place.epoch === this.epoch) this.probeAt = this.clock.now();
		this.admit();
	}

	/** The service refused for the number or the rate of tasks; `retryAfter` in milliseconds. */
	refused(place: Place, retryAfter?: number): void {
		this.leave(place);
		if (place.epoch === this.epoch) {
			// The first to hear of it decides; others of the same wave tell nothing new.
			this.epoch++;
			const pause = retryAfter ?? backOff(this.refusalsInARow, this.random);
			this.refusalsInARow++;
			this.learnedLimit = Math.max(1, this.active);
			this.pausedUntil = this.probeAt = this.clock.now() + pause;
			this.pauseEndsWithTask = retryAfter === undefined && this.active > 0;
		}
		this.admit();
	}

	/** The task ended, or the submit came to nothing. */
	leave(place: Place): void {
		this.inFlight--;
		if (place.accepted) {
			this.refusalsInARow = 0;
			if (this.pauseEndsWithTask) this.pausedUntil = this.clock.now();
		} else {
			this.unanswered--;
		}
		this.admit();
	}

	private admit(): void {
		while (this.waiting.length > 0 && (this.signal.aborted || this.mayAdmit())) {
			const next = this.waiting.shift();
			this.inFlight++;
			this.unanswered++;
			next?.resolve({ epoch: this.epoch, accepted: false });
		}
		if (this.waiting.length > 0) this.wakeUp();
	}

	private mayAdmit(): boolean {
		const now = this.clock.now();
		if (this.inFlight >= this.limit || this.unanswered >= MAX_UNANSWERED) return false;
		if (now < this.pausedUntil) return false;
		if (this.inFlight < this.learnedLimit) return true;
		return this.unanswered === 0 && now >= this.probeAt;
	}

	/** Looks again when a pause ends; everything else that could matter calls `admit` itself. */
	private wakeUp(): void {
		const now = this.clock.now();
		const next = Math.max(this.pausedUntil, this.inFlight < this.learnedLimit ? 0 : this.probeAt);
		if (next <= now || next >= this.wakeUpAt || this.signal.aborted) return;
		this.wakeUpAt = next;
		void this.clock.sleep(next - now, this.signal).then(() => {
			if (this.wakeUpAt === next) this.wakeUpAt = Infinity;
			this.admit();
		});
	}
}
