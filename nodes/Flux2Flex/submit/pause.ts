/**
 * Until when nothing is submitted after a refusal, and for how long it has been like that. All times
 * in milliseconds.
 */
export class Pause {
	/** Refusals since the last accepted submit or ended task. */
	refusals = 0;
	private refusedSince = 0;
	/** The service asked for this; nothing shortens it. */
	private toldUntil = 0;
	/** Our own guess at a good pause. */
	private guessedUntil = 0;
	private endsWithTask = false;

	get until(): number {
		return Math.max(this.toldUntil, this.guessedUntil);
	}

	/** How long ago the first of the refusals was; 0 without any. */
	refusedFor(now: number): number {
		return this.refusals === 0 ? 0 : now - this.refusedSince;
	}

	/** The service said how long to wait. */
	told(now: number, retryAfter: number): void {
		this.toldUntil = Math.max(this.toldUntil, now + retryAfter);
	}

	/** @param endsWithTask whether a task that ends makes room, so that waiting longer is idle */
	refused(now: number, pause: number, endsWithTask: boolean): void {
		if (this.refusals === 0) this.refusedSince = now;
		this.refusals++;
		this.guessedUntil = now + pause;
		this.endsWithTask = endsWithTask;
	}

	accepted(): void {
		this.refusals = 0;
	}

	taskEnded(now: number): void {
		this.refusals = 0;
		if (this.endsWithTask) this.guessedUntil = Math.min(this.guessedUntil, now);
	}
}
