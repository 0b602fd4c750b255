import type { Clock } from '../timing/clock';
import { backOff } from '../run/retryRules';
import { SubmitPace } from './pace';

/** What a submit can have known of the service's limits when it was sent. */
export interface SubmitTicket {
	/** Counts refusals; those of the same wave share a number. */
	epoch: number;
	/** It was sent to find out whether more tasks are taken than were known to be. */
	isProbe: boolean;
}

/** Two numbers of tasks count as the same from this share on: ends are noticed a little late. */
const NEARLY = 0.9;
/** A limited rate explains fewer refusals in a row than this; their pauses double. */
const ENOUGH_REFUSALS = 4;
/** Milliseconds until a first probe: beyond the second in which many services count requests. */
const PROBE_DELAY = 1100;
/** The same where the service says how long to wait; the probe goes when that is over. */
const PROBE_DELAY_AS_TOLD = 400;
/** The same when own tasks end and so make room: a refused probe may then cost more than it finds. */
const PROBE_DELAY_WITH_ENDS = 5000;

/**
 * Finds out how many submits the service takes, from what it accepts and refuses.
 *
 * A refusal (429) means "too many active tasks" or "too many requests in this while", and does not
 * say which. Two things tell them apart. Refused with as many tasks in flight as were ever taken:
 * probably the number of active tasks; it becomes the limit, a task that ends makes room, and now
 * and then a probe asks for more. Refused with fewer, or taken again before anything ended: it can
 * only be the rate, so submits are paced, or pause for as long as the service says.
 *
 * All times in milliseconds; `active` counts the accepted tasks that are not known to have ended.
 */
export class ServiceLimits {
	private readonly pace: SubmitPace;
	private epoch = 0;
	/** Most tasks in flight that the service seems to take. */
	private limit = Infinity;
	/** Most tasks in flight that it was seen to take. */
	private mostAccepted = 0;
	/** Tasks in flight at the last refusal that came with about as many as were ever taken. */
	private refusedAt = Infinity;
	private isActiveLimited = false;
	private isRateLimited = false;
	/** The service says itself how long to wait, so nothing is to be found out about its rate. */
	private isToldToWait = false;
	private acceptedSinceRefusal = 0;
	private hasEndedSinceRefusal = false;
	private refusalsInARow = 0;
	private refusedSince = 0;
	/** The service asked for this; nothing shortens it. */
	private toldUntil = 0;
	/** Our own guess at a good pause. */
	private pausedUntil = 0;
	private pauseEndsWithTask = false;
	private acceptedProbes = 0;
	private refusedProbes = 0;
	private probeAt = 0;

	constructor(
		private readonly clock: Clock,
		private readonly random: () => number,
	) {
		this.pace = new SubmitPace(clock.now());
	}

	/** Consecutive refusals since the last accepted submit or ended task. */
	get refusals(): number {
		return this.refusalsInARow;
	}

	/** Milliseconds since the first of them; 0 without any. */
	get refusedFor(): number {
		return this.refusalsInARow === 0 ? 0 : this.clock.now() - this.refusedSince;
	}

	/** When time alone allows the next submit with so many tasks in flight. */
	earliest(inFlight: number): number {
		const probeAt = inFlight < this.limit ? 0 : this.probeAt;
		return Math.max(this.toldUntil, this.pausedUntil, probeAt, this.pace.nextAt);
	}

	/** Whether one more task would be more than is known to be taken. */
	isFull(inFlight: number): boolean {
		return inFlight >= this.limit;
	}

	/** Notes a submit that leaves now. */
	sent(inFlight: number): SubmitTicket {
		this.pace.sent(this.clock.now());
		return { epoch: this.epoch, isProbe: this.isFull(inFlight) };
	}

	accepted(ticket: SubmitTicket, active: number): void {
		this.mostAccepted = Math.max(this.mostAccepted, active);
		this.limit = Math.max(this.limit, active);
		this.pace.accepted();
		if (ticket.epoch === this.epoch) this.acceptedSinceRefusal++;
		if (ticket.isProbe) this.probeAccepted(active);
		if (this.isRateLimited && !this.isToldToWait && ticket.epoch === this.epoch) {
			this.pace.assume(this.clock.now());
		}
		this.refusalsInARow = 0;
	}

	/** @param retryAfter as the service said, if it did */
	refused(ticket: SubmitTicket, active: number, retryAfter?: number): void {
		const now = this.clock.now();
		if (retryAfter !== undefined) this.toldUntil = Math.max(this.toldUntil, now + retryAfter);
		// The first to hear of it decides; others of the same wave tell nothing new about the limit.
		if (ticket.epoch !== this.epoch) return;
		if (this.refusalsInARow === 0) this.refusedSince = now;
		this.epoch++;
		if (ticket.isProbe) this.refusedProbes++;
		this.acceptedProbes = 0;
		const isRate = this.looksLikeRate(active);
		this.isRateLimited ||= isRate;
		this.limit = isRate ? Infinity : Math.max(1, active);
		this.acceptedSinceRefusal = 0;
		this.hasEndedSinceRefusal = false;
		this.isToldToWait = retryAfter !== undefined;
		this.pauseFor(isRate, active, retryAfter);
	}

	/** A task of this run ended and so made room. */
	ended(): void {
		const now = this.clock.now();
		this.refusalsInARow = 0;
		if (this.pauseEndsWithTask) this.pausedUntil = Math.min(this.pausedUntil, now);
		if (this.hasEndedSinceRefusal) return;
		this.hasEndedSinceRefusal = true;
		if (this.refusedProbes === 0 && !this.isToldToWait) return;
		this.probeAt = Math.max(this.probeAt, now + this.probeDelay());
	}

	private looksLikeRate(active: number): boolean {
		const isAtMost = active >= this.mostAccepted * NEARLY;
		const isAtSameHeight =
			isAtMost && active >= this.refusedAt * NEARLY && active * NEARLY <= this.refusedAt;
		if (isAtMost) this.refusedAt = active;
		// Refused at the same height again, or although it waited as told: it is not the rate.
		this.isActiveLimited ||=
			this.isToldToWait && (isAtSameHeight || this.acceptedSinceRefusal === 0);
		if (this.isActiveLimited) return false;
		const isMoving = this.acceptedSinceRefusal > 0 || this.refusalsInARow < ENOUGH_REFUSALS;
		return !isAtMost || (this.isRateLimited && isMoving);
	}

	private pauseFor(isRate: boolean, active: number, retryAfter: number | undefined): void {
		const now = this.clock.now();
		if (isRate && retryAfter === undefined) this.pace.refused();
		const pause =
			retryAfter ??
			this.pace.pause(this.refusalsInARow, this.random) ??
			backOff(this.refusalsInARow, this.random);
		this.refusalsInARow++;
		this.pausedUntil = now + pause;
		this.pauseEndsWithTask = !isRate && retryAfter === undefined && active > 0;
		this.probeAt = now + Math.max(pause, this.probeDelay());
	}

	/** More is taken than was known: the limit rises, in doubling steps while it goes well. */
	private probeAccepted(active: number): void {
		const now = this.clock.now();
		this.limit = Math.max(this.limit, active + 2 ** this.acceptedProbes);
		this.acceptedProbes = Math.min(this.acceptedProbes + 1, 5);
		this.refusedProbes = 0;
		this.probeAt = now;
		// Refused before and taken now, though nothing is known to have ended: perhaps the rate.
		this.isRateLimited ||= !this.isActiveLimited;
	}

	/** Until more than the known limit is tried again. */
	private probeDelay(): number {
		const start = this.isToldToWait ? PROBE_DELAY_AS_TOLD : PROBE_DELAY;
		const base = this.hasEndedSinceRefusal ? PROBE_DELAY_WITH_ENDS : start;
		return base * (1 + 0.1 * this.random()) * 2 ** Math.min(this.refusedProbes, 6);
	}
}
