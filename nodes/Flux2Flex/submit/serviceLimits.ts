import { backOff } from '../run/retryRules';
import type { Clock } from '../timing/clock';
import { Ceiling } from './ceiling';
import { Pace } from './pace';
import { Pause } from './pause';
import { RefusalCause } from './refusalCause';

/** What a submit can have known of the service's limits when it was sent. */
export interface SubmitTicket {
	/** Counts refusals; those of the same wave share a number. */
	epoch: number;
	/** It was sent to find out whether more tasks are taken than were known to be. */
	isProbe: boolean;
}

/**
 * Finds out how many submits the service takes, from what it accepts and refuses: how many at a
 * time, how fast, and until when not at all.
 *
 * All times in milliseconds; `active` counts the accepted tasks that are not known to have ended.
 */
export class ServiceLimits {
	private readonly ceiling: Ceiling;
	private readonly pace: Pace;
	private readonly pause = new Pause();
	private readonly cause = new RefusalCause();
	private epoch = 0;

	/** @param maxActiveTasks as the service declares it */
	constructor(
		private readonly clock: Clock,
		private readonly random: () => number,
		maxActiveTasks?: number,
	) {
		const now = clock.now();
		this.ceiling = new Ceiling(maxActiveTasks, now, random);
		this.pace = new Pace(now);
	}

	/** Refusals since the last accepted submit or ended task. */
	get refusals(): number {
		return this.pause.refusals;
	}

	/** Milliseconds since the first of them; 0 without any. */
	get refusedFor(): number {
		return this.pause.refusedFor(this.clock.now());
	}

	/** When time alone allows the next submit with so many tasks in flight. */
	earliest(inFlight: number): number {
		const probeAt = this.isFull(inFlight) ? this.ceiling.probeAt : 0;
		return Math.max(this.pause.until, probeAt, this.pace.nextAt);
	}

	/** Whether one more task would be more than is known to be taken. */
	isFull(inFlight: number): boolean {
		return this.ceiling.isReached(inFlight);
	}

	/** Notes a submit that leaves now. */
	sent(inFlight: number): SubmitTicket {
		this.pace.sent(this.clock.now());
		return { epoch: this.epoch, isProbe: this.isFull(inFlight) };
	}

	accepted({ epoch, isProbe }: SubmitTicket, active: number): void {
		const now = this.clock.now();
		const isNews = epoch === this.epoch;
		this.ceiling.accepted(now, active, isProbe);
		this.cause.accepted(active, isNews, isProbe);
		this.pace.accepted();
		if (isNews && this.cause.needsPace) this.pace.assume(now);
		this.pause.accepted();
	}

	/** @param retryAfter as the service said, if it did */
	refused({ epoch, isProbe }: SubmitTicket, active: number, retryAfter?: number): void {
		const now = this.clock.now();
		const isTold = retryAfter !== undefined;
		if (isTold) this.pause.told(now, retryAfter);
		// The first to hear of it decides; others of the same wave tell nothing new about the limit.
		if (epoch !== this.epoch) return;
		this.epoch++;
		const { refusals } = this.pause;
		const isRate = this.cause.isRate(active, refusals, isTold);
		if (isRate) this.ceiling.lift();
		else this.ceiling.lower(active);
		if (isRate && !isTold) this.pace.refused();
		const pause =
			retryAfter ?? this.pace.pause(refusals, this.random) ?? backOff(refusals, this.random);
		this.pause.refused(now, pause, !isRate && active > 0);
		this.ceiling.refused(now, pause, isProbe, isTold);
	}

	/** A task of this run ended and so made room. */
	taskEnded(): void {
		const now = this.clock.now();
		this.pause.taskEnded(now);
		this.ceiling.taskEnded(now);
	}
}
