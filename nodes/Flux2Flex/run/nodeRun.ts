import { NodeOperationError, type IExecuteFunctions } from 'n8n-workflow';

import type { Clock } from '../timing/clock';
import { StopSignal } from '../timing/stopSignal';
import { Transport } from '../transport/transport';
import { Hints } from './hints';
import { Ledger, type Outstanding } from './ledger';

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
	readonly hints = new Hints();
	/** Stops when the user cancels the execution. */
	readonly cancelSignal: StopSignal;
	/** Stops when the user cancels, and when the run failed and its other items need not go on. */
	readonly haltSignal = new StopSignal();
	/** Whether an AI agent calls the node: images cannot be handed to it, only text can. */
	readonly isTool: boolean;
	/**
	 * Whether a failure is told as an item instead of thrown: not every agent hands a thrown one on to
	 * its model. n8n 1.123 ends the agent's run with it, and agents before version 3 tell the model "".
	 */
	readonly tellsFailures: boolean;
	private readonly nodeName: string;

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
		const isCalledByAgent = context.isToolExecution?.();
		this.isTool = isCalledByAgent === true || node.type.endsWith('Tool');
		// Where no engine stands between agent and tool, which earlier n8n does not tell, only what
		// is thrown is tried again.
		this.tellsFailures = this.isTool && (isCalledByAgent === false || node.retryOnFail !== true);
	}

	/** Ends waits and downloads of the other items; nothing new starts after it. */
	halt(): void {
		this.haltSignal.stop();
	}

	/** @throws NodeOperationError when the run was canceled or another item's failure ended it */
	assertRunning(): void {
		if (this.haltSignal.stopped) throw this.canceledError();
	}

	/** Waits, and throws as soon as the run is halted. */
	async sleep(milliseconds: number): Promise<void> {
		await this.clock.sleep(milliseconds, this.haltSignal);
		this.assertRunning();
	}

	/** The user stopped the execution. n8n recognises a cancel by the word "canceled". */
	canceledError(): NodeOperationError {
		return this.nameOutstanding(
			new NodeOperationError(this.context.getNode(), 'The execution was canceled'),
		);
	}

	/** The error with everything named that was paid for and that this run does not hand out. */
	nameOutstanding(error: NodeOperationError): NodeOperationError {
		const sentences = [error.description, ...describeOutstanding(this.ledger.outstanding())];
		error.description = sentences.filter(Boolean).join(' ') || undefined;
		return error;
	}

	/** A line for n8n's log, for whoever looks for a task or its cost later. */
	log(message: string, details: Record<string, unknown>): void {
		this.context.logger.debug(`Flux 2 Flex: ${message}`, {
			nodeName: this.nodeName,
			...details,
		});
	}
}

function describeOutstanding({ taskIds, unconfirmedItems }: Outstanding): string[] {
	const sentences: string[] = [];
	if (taskIds.length > 0) {
		sentences.push(
			`Already paid for and not lost: ${taskIds.join(', ')}. 'Retry On Fail' and 'Retry execution' pick these tasks up without paying again; the operation 'Get Task Result' fetches them too.`,
		);
	}
	if (unconfirmedItems.length > 0) {
		sentences.push(
			`The answer to the submit was lost for these items, so their tasks may exist and be billed: ${unconfirmedItems.join(', ')}.`,
		);
	}
	return sentences;
}
