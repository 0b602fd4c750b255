import { createHash } from 'node:crypto';
import type { IDataObject } from 'n8n-workflow';

import type { TaskReceipt } from '../services/task';

/** What is remembered of a request that was sent. */
export type LedgerEntry =
	| {
			state: 'accepted';
			receipt: TaskReceipt;
			/** Milliseconds since 1970. */
			acceptedAt: number;
	  }
	/** The answer was lost: the task may exist and be billed. */
	| { state: 'unconfirmed'; cause: string };

/** Money spent without a result so far. */
export interface Outstanding {
	taskIds: string[];
	/** Items whose submit got no answer: a task may exist. */
	unconfirmedItems: number[];
}

/** The key in the node's context under which entries live. */
const CONTEXT_KEY = 'flux2FlexTasks';

/** Keys that a running execute() works on, by context, so that parallel tool calls stay apart. */
const claimedKeys = new WeakMap<IDataObject, Set<string>>();

/**
 * The memory of paid tasks: what makes a retry pick a task up instead of paying again.
 *
 * It lives in the node's context, which n8n keeps over every try of Retry On Fail and hands on to a
 * manual "Retry execution" (`executionData.contextData`). The context is shared by loop rounds and
 * by repeated tool calls of an execution; the run index changes with every try of a tool. So an
 * entry is named by item index and request, and disappears when the node has returned its items.
 */
export class Ledger {
	private readonly entries: Record<string, LedgerEntry>;
	private readonly claimed: Set<string>;
	/** With the item each belongs to. */
	private readonly ownKeys = new Map<string, number>();
	private readonly unknownToService = new Set<string>();

	/** @param context what `this.getContext('node')` returns */
	constructor(context: IDataObject) {
		this.entries = (context[CONTEXT_KEY] ??= {}) as unknown as Record<string, LedgerEntry>;
		this.claimed = claimedKeys.get(context) ?? new Set();
		claimedKeys.set(context, this.claimed);
	}

	/**
	 * A key for this item and request which no other execute() of this node works on right now.
	 *
	 * @param request whatever makes two requests the same image to the user
	 */
	claim(itemIndex: number, request: unknown): string {
		const hash = createHash('sha256').update(JSON.stringify(request)).digest('hex').slice(0, 32);
		for (let copy = 0; ; copy++) {
			const key = `${itemIndex}:${hash}:${copy}`;
			if (this.claimed.has(key)) continue;
			this.claimed.add(key);
			this.ownKeys.set(key, itemIndex);
			return key;
		}
	}

	find(key: string): LedgerEntry | undefined {
		return Object.hasOwn(this.entries, key) ? this.entries[key] : undefined;
	}

	record(key: string, entry: LedgerEntry): void {
		this.entries[key] = entry;
	}

	/** Forgets a task that can never give an image, so that a retry may submit again. */
	forget(key: string): void {
		delete this.entries[key];
	}

	/**
	 * The service does not know the task: it stays paid for, so nothing submits it again, but it is
	 * none of those that can still be fetched.
	 */
	markUnknown(key: string): void {
		this.unknownToService.add(key);
	}

	/** What this execute() has paid for, or may have, and not handed out. */
	outstanding(): Outstanding {
		const outstanding: Outstanding = { taskIds: [], unconfirmedItems: [] };
		for (const [key, itemIndex] of this.ownKeys) {
			if (this.unknownToService.has(key)) continue;
			const entry = this.find(key);
			if (entry?.state === 'accepted') outstanding.taskIds.push(entry.receipt.taskId);
			if (entry?.state === 'unconfirmed') outstanding.unconfirmedItems.push(itemIndex);
		}
		return outstanding;
	}

	/** Forgets everything this execute() recorded: its items are on their way to the next node. */
	settle(): void {
		for (const key of this.ownKeys.keys()) this.forget(key);
	}

	/** Lets later calls use the keys again; entries stay. */
	release(): void {
		for (const key of this.ownKeys.keys()) this.claimed.delete(key);
	}
}
