import { NodeApiError, NodeOperationError, type IExecuteFunctions } from 'n8n-workflow';

import type { Clock } from '../timing/clock';
import { StopSignal } from '../timing/stopSignal';
import { Transport } from '../transport/transport';
import { Ledger } from './ledger';
import { canceledError, problem } from './problems';

/** What the outside world gives a run; tests put a virtual clock and fixed dice here. */
export interface Surroundings {
	clock: Clock;
	/** 0 ≤ value < 1 */
	random: () => number;
}

/** One execution of the node: its n8n context and everything that lives as long as it. */
export class NodeRun {
	readonly clock: Clock;
	readonly random: () => number;
	readonly transport: Transport;
	readonly ledger: Ledger;
	/** Stops when the user cancels the execution. */
	readonly cancelSignal: StopSignal;
	/** Stops when the user cancels, and when the run failed and its other items need not go on. */
	readonly haltSignal = new StopSignal();
	/** Whether an AI agent calls the node: images cannot be handed to it, only text can. */
	readonly isTool: boolean;
	private readonly nodeName: string;
	/** Tasks picked up from an earlier try instead of being paid for again. */
	resumedTasks = 0;
	/** The options read last: several readers ask for those of one item, and n8n resolves all each time. */
	lastOptions?: { itemIndex: number; options: Record<string, unknown> };
	/** When the first link expires whose image was not downloaded; milliseconds since 1970. */
	firstUnsavedExpiry?: number;

	constructor(
		readonly context: IExecuteFunctions,
		{ clock, random }: Surroundings,
	) {
		this.clock = clock;
		this.random = random;
		this.transport = new Transport(context, clock);
		this.cancelSignal = StopSignal.following(context.getExecutionCancelSignal());
		this.cancelSignal.onStop(() => this.haltSignal.stop());
		this.ledger = new Ledger(context.getContext('node'));
		// n8n copies the whole node at every call.
		const node = context.getNode();
		this.nodeName = node.name;
		// Agents that run their tools through the engine do so in a plain execute context, which
		// reports false; the tool twin of a node always has a type that ends in "Tool".
		this.isTool = context.isToolExecution?.() || node.type.endsWith('Tool');
	}

	/** Ends waits and downloads of the other items; nothing new starts after it. */
	halt(): void {
		this.haltSignal.stop();
	}

	/** @throws NodeOperationError when the run was canceled or another item's failure ended it */
	assertRunning(): void {
		if (this.haltSignal.stopped) throw canceledError(this.context, this.ledger.outstanding());
	}

	/** Waits, and throws as soon as the run is halted. */
	async sleep(milliseconds: number): Promise<void> {
		await this.clock.sleep(milliseconds, this.haltSignal);
		this.assertRunning();
	}

	/** Remembers that only the link of an image was handed out; `expiresAt` in milliseconds. */
	noteUnsavedLink(expiresAt: number | undefined): void {
		if (expiresAt === undefined || this.isTool) return;
		this.firstUnsavedExpiry = Math.min(this.firstUnsavedExpiry ?? Infinity, expiresAt);
	}

	/** Any error as one that n8n shows well: n8n's own and ours stay, others get item and way out. */
	asNodeError(error: unknown, itemIndex: number): NodeOperationError {
		if (error instanceof NodeOperationError && error.context.itemIndex !== undefined) return error;
		const known = error instanceof NodeOperationError || error instanceof NodeApiError;
		const message = error instanceof Error ? error.message : String(error);
		return problem(
			{ context: this.context, itemIndex },
			message,
			(known && error.description) ||
				'Check the fields of the node and the expressions in them for this item.',
		);
	}

	/** A line for n8n's log, for whoever looks for a task or its cost later. */
	log(message: string, details: Record<string, unknown>): void {
		this.context.logger.debug(`Flux 2 Flex: ${message}`, {
			nodeName: this.nodeName,
			...details,
		});
	}
}
