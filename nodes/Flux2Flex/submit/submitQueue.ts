import type { NodeRun } from '../run/nodeRun';
import type { SubmitVerdict } from '../run/retryRules';
import { ServiceLimits, type SubmitTicket } from './serviceLimits';

/** What is known of a run's tasks before the first one is sent. */
export interface QueueSettings {
	/** Most tasks in flight at a time, as the user wishes. */
	maxInFlight: number;
	/** Most active tasks, as the service declares it. */
	maxActiveTasks?: number;
	/** Whether this run sees its tasks end; otherwise one is out of sight once it is accepted. */
	seesTasksEnd: boolean;
}

/** When a submit may leave, and how long it may be put off. */
export interface Turn {
	/** Before all that were never tried: it keeps submits in item order. */
	isRepeated: boolean;
	/** Milliseconds that a busy service may make it wait with nothing in flight. */
	patience: number;
}

/** Submits that may be under way without an answer; keeps a first refusal from being a hundred. */
export const MAX_UNANSWERED = 10;
/** Refusals in a row after which a rate limit is taken to last; about a minute and a half. */
export const MAX_REFUSALS_IN_A_ROW = 10;

/** One of the tasks in flight. It frees its slot when it ends; doing it again changes nothing. */
export interface TaskSlot {
	end(): void;
}

/** How a submit went; an accepted task keeps its slot until it ends. */
export type Sent =
	| (Extract<SubmitVerdict, { kind: 'accepted' }> & { slot: TaskSlot })
	| Exclude<SubmitVerdict, { kind: 'accepted' }>;

/**
 * Decides when the next task may be submitted: first come first served, at most so many tasks in
 * flight as the user wishes, and never faster than the service takes them.
 */
export class SubmitQueue {
	private readonly waiting: Array<{ isRepeated: boolean; go: (ticket: SubmitTicket) => void }> = [];
	private readonly limits: ServiceLimits;
	private inFlight = 0;
	private unanswered = 0;
	private wakeUpAt = Infinity;

	constructor(
		private readonly run: Pick<NodeRun, 'clock' | 'random' | 'haltSignal'>,
		private readonly settings: QueueSettings,
	) {
		this.limits = new ServiceLimits(run.clock, run.random, settings.maxActiveTasks);
		// Whoever still waits goes on at once, to find that the run is over.
		run.haltSignal.onStop(() => this.admit());
	}

	/**
	 * Submits when its turn has come, at once after a halt. Whatever came of it, its slot is free
	 * again, unless the service accepted the task. A service that stays too busy has refused.
	 */
	async send(turn: Turn, submit: () => Promise<SubmitVerdict>): Promise<Sent> {
		const ticket = await this.waitForTurn(turn.isRepeated);
		let isAccepted = false;
		try {
			const verdict = await submit();
			if (verdict.kind === 'accepted') {
				isAccepted = true;
				this.limits.accepted(ticket, this.active + 1);
				return { ...verdict, slot: this.slot() };
			}
			if (verdict.kind === 'busy') {
				const { cause, retryAfter } = verdict;
				if (this.isHopeless(turn.patience, retryAfter ?? 0)) return { kind: 'refused', cause };
				this.limits.refused(ticket, this.active, retryAfter);
			}
			return verdict;
		} finally {
			this.unanswered--;
			if (!isAccepted) this.inFlight--;
			this.admit();
		}
	}

	/** A slot for a task that an earlier try submitted: it is in flight already. */
	adopt(): TaskSlot {
		this.limits.sent(this.inFlight++);
		return this.slot();
	}

	/** Tasks the service works on. */
	private get active(): number {
		return this.inFlight - this.unanswered;
	}

	private slot(): TaskSlot {
		let isTaken = true;
		return {
			end: () => {
				if (!isTaken) return;
				isTaken = false;
				this.inFlight--;
				if (this.settings.seesTasksEnd) this.limits.taskEnded();
				this.admit();
			},
		};
	}

	/** While own tasks are in flight a refusal is natural: their ends make room. */
	private isHopeless(patience: number, retryAfter: number): boolean {
		if (retryAfter > patience) return true;
		if (this.active > 0) return false;
		const { refusals, refusedFor } = this.limits;
		return refusals >= MAX_REFUSALS_IN_A_ROW || refusedFor + retryAfter > patience;
	}

	private async waitForTurn(isRepeated: boolean): Promise<SubmitTicket> {
		return await new Promise((go) => {
			const position = isRepeated ? this.waiting.findIndex((other) => !other.isRepeated) : -1;
			const end = this.waiting.length;
			this.waiting.splice(position === -1 ? end : position, 0, { isRepeated, go });
			this.admit();
		});
	}

	private admit(): void {
		// Read once: a moment that came between two readings would be waited for by nobody.
		const now = this.run.clock.now();
		while (this.waiting.length > 0 && (this.run.haltSignal.stopped || this.mayAdmit(now))) {
			const next = this.waiting.shift();
			const ticket = this.limits.sent(this.inFlight);
			this.inFlight++;
			this.unanswered++;
			next?.go(ticket);
		}
		if (this.waiting.length > 0) this.wakeUp(now);
	}

	private mayAdmit(now: number): boolean {
		if (this.inFlight >= this.settings.maxInFlight || this.unanswered >= MAX_UNANSWERED) {
			return false;
		}
		// Probes go one at a time.
		if (this.limits.isFull(this.inFlight) && this.unanswered > 0) return false;
		return now >= this.limits.earliest(this.inFlight);
	}

	/** Looks again when time allows; everything else that could matter calls `admit` itself. */
	private wakeUp(now: number): void {
		const next = this.limits.earliest(this.inFlight);
		if (next <= now || next >= this.wakeUpAt || this.run.haltSignal.stopped) return;
		this.wakeUpAt = next;
		void this.run.clock.sleep(next - now, this.run.haltSignal).then(() => {
			if (this.wakeUpAt === next) this.wakeUpAt = Infinity;
			this.admit();
		});
	}
}
