import {
	NodeOperationError,
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
} from 'n8n-workflow';

import { runOperation } from '../../../nodes/Flux2Flex/operations/router';
import type { FaultyCall } from '../simulator';
import { VirtualClock } from './virtualClock';
import { virtualContext, type VirtualContextOptions } from './virtualContext';
import { VirtualService, type VirtualServiceOptions } from './virtualService';

export interface WorldRun extends Partial<Omit<VirtualContextOptions, 'service'>> {
	/** Milliseconds after which the user cancels. */
	cancelAfter?: number;
	/** Changes n8n's context for this run, e.g. its helpers. */
	adjust?: (context: IExecuteFunctions) => void;
	/** 0 ≤ value < 1; what the jitter gets. */
	random?: () => number;
}

export interface WorldResult {
	/** Empty when the run failed. */
	items: INodeExecutionData[];
	error?: NodeOperationError;
	hints: string[];
	logLines: string[];
	/** From the start to the end of the run. */
	milliseconds: number;
}

/** One clock, one service and one node, for any number of runs: as Retry On Fail or a loop has it. */
export class VirtualWorld {
	readonly clock = new VirtualClock();
	readonly service: VirtualService;
	readonly nodeContext: IDataObject = {};
	readonly started = this.clock.now();
	/** When each request left the node; milliseconds since the start of the world. */
	readonly sent: Record<FaultyCall, number[]> = {
		submit: [],
		poll: [],
		result: [],
		download: [],
	};

	constructor(options: VirtualServiceOptions = {}) {
		this.service = new VirtualService(this.clock, {
			...options,
			intercept: (call, number, prompt) => {
				this.sent[call].push(this.now - (options.roundTrip ?? 10) / 2);
				return options.intercept?.(call, number, prompt);
			},
		});
	}

	/** Milliseconds since the start of the world. */
	get now(): number {
		return this.clock.now() - this.started;
	}

	async run({ cancelAfter, adjust, random = () => 0.5, ...options }: WorldRun = {}) {
		const cancel = new AbortController();
		const context = virtualContext({
			service: this.service,
			parameters: (itemIndex) => ({ operation: 'submitAndWait', prompt: `image ${itemIndex}` }),
			nodeContext: this.nodeContext,
			cancelSignal: cancel.signal,
			...options,
		});
		adjust?.(context);
		const started = this.clock.now();
		if (cancelAfter !== undefined) {
			void this.clock.sleep(cancelAfter).then(() => cancel.abort());
		}
		const result: WorldResult = {
			items: [],
			hints: context.hints,
			logLines: context.logLines,
			milliseconds: 0,
		};
		const running = runOperation(context, { clock: this.clock, random });
		const outcome = await this.clock.run(running).catch((error: unknown) => error);
		if (Array.isArray(outcome)) result.items = outcome as INodeExecutionData[];
		else if (outcome instanceof NodeOperationError) result.error = outcome;
		else
			throw new Error('The run failed with an error that n8n does not show well', {
				cause: outcome,
			});
		result.milliseconds = this.clock.now() - started;
		return result;
	}
}
