import type { IExecuteFunctions, IHttpRequestOptions, INodeType } from 'n8n-workflow';

import { Flux2Flex } from '../../../nodes/Flux2Flex/Flux2Flex.node';
import { runOperation } from '../../../nodes/Flux2Flex/operations/router';
import type { FaultyCall } from '../../support/simulator';
import { FastClock } from './fastClock';

/** What a {@link watchedNode} did. */
export interface Watch {
	/** Requests the node made, also those that never arrived anywhere. */
	requests: Record<FaultyCall, number>;
	nodeType: INodeType;
}

/** What a test does to the requests of the node. */
export interface WatchOptions {
	/** How many times faster the time goes for the request of this number, counted from 1. */
	speedOf?: (call: FaultyCall, number: number) => number;
	/** Comes before the request leaves. */
	before?: (call: FaultyCall, number: number) => Promise<void>;
}

/** A little of the longest pause, always the same: tests wait for their results, not for dice. */
const DICE = 0.02;

/**
 * Real milliseconds by which n8n's own time-out of a call to the service comes later: it is due in
 * the same moment as the node's, and which of them is told of should not be left to chance.
 */
const SLACK = 500;

/** Of the one service where what came of a task is a call of its own. */
const FETCHES_RESULT = /\/requests\/[^/]+$/;

/**
 * The node as it is, on a clock that can go faster and with its requests counted. Everything else,
 * n8n's HTTP layer included, is real.
 */
export function watchedNode({ speedOf, before }: WatchOptions = {}): Watch {
	const clock = new FastClock();
	const requests = { submit: 0, poll: 0, result: 0, download: 0 };

	/** Notes a request and lets it go; its time-out keeps to the clock, too. */
	async function send<Result>(
		call: FaultyCall,
		options: IHttpRequestOptions,
		leave: (options: IHttpRequestOptions) => Promise<Result>,
	): Promise<Result> {
		const number = ++requests[call];
		clock.speed = speedOf?.(call, number) ?? 1;
		const slack = call === 'download' ? 0 : SLACK;
		const timeout = options.timeout && Math.ceil(clock.real(options.timeout)) + slack;
		await before?.(call, number);
		return await leave({ ...options, timeout });
	}

	function watched(context: IExecuteFunctions): IExecuteFunctions {
		const { helpers } = context;
		const watchedHelpers: Partial<IExecuteFunctions['helpers']> = {
			httpRequest: async (options) =>
				await send('download', options, async (timed) => await helpers.httpRequest(timed)),
			async httpRequestWithAuthentication(type, options, more) {
				const call =
					options.method === 'POST'
						? 'submit'
						: FETCHES_RESULT.test(options.url)
							? 'result'
							: 'poll';
				return await send(
					call,
					options,
					async (timed) =>
						await helpers.httpRequestWithAuthentication.call(this, type, timed, more),
				);
			},
		};
		return Object.create(context, {
			helpers: { value: { ...helpers, ...watchedHelpers } },
		}) as IExecuteFunctions;
	}

	const nodeType = Object.assign(new Flux2Flex(), {
		async execute(this: IExecuteFunctions) {
			return [await runOperation(watched(this), { clock, random: () => DICE })];
		},
	});
	return { requests, nodeType };
}
