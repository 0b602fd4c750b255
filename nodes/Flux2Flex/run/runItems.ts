import type { INodeExecutionData, NodeOperationError } from 'n8n-workflow';

import type { NodeRun } from './nodeRun';
import { canceledError, withOutstanding } from './problems';
import { addHints } from './hints';

/** What an operation does with its items. */
export interface ItemWork<Request> {
	/** Reads and checks one item; throws for a bad one. Nothing may be paid here. */
	read(itemIndex: number): Promise<Request>;
	/**
	 * Sets up what all requests share and returns what turns one of them into its items. The last
	 * look before anything is sent; throws to refuse the run as a whole.
	 */
	start(requests: Request[]): ProcessItem<Request>;
}

type ProcessItem<Request> = (request: Request, itemIndex: number) => Promise<INodeExecutionData[]>;

type Reading<Request> = { request: Request } | { error: NodeOperationError };

/**
 * Reads all items, then works on all of them at once, and returns their results in input order.
 *
 * With continue-on-fail a failed item becomes a row of its own. Without it a bad item ends the run
 * before anything is paid, and a later failure ends the other items' waits; the tasks paid for until
 * then are named in the error and stay in the ledger.
 */
export async function runItems<Request>(
	run: NodeRun,
	work: ItemWork<Request>,
): Promise<INodeExecutionData[]> {
	try {
		const readings = await readAll(run, work);
		const results = await processAll(run, readings, startWork(run, work, readings));
		run.ledger.settle();
		addHints(run);
		return results.flat();
	} finally {
		run.ledger.release();
	}
}

async function readAll<Request>(
	run: NodeRun,
	work: ItemWork<Request>,
): Promise<Array<Reading<Request>>> {
	const readings: Array<Reading<Request>> = [];
	for (const itemIndex of run.context.getInputData().keys()) {
		run.assertRunning();
		try {
			readings.push({ request: await work.read(itemIndex) });
		} catch (error) {
			const nodeError = run.asNodeError(error, itemIndex);
			if (!run.context.continueOnFail()) throw nodeError;
			readings.push({ error: nodeError });
		}
	}
	run.assertRunning();
	return readings;
}

function startWork<Request>(
	run: NodeRun,
	work: ItemWork<Request>,
	readings: Array<Reading<Request>>,
): ProcessItem<Request> {
	try {
		return work.start(
			readings.flatMap((reading) => ('request' in reading ? [reading.request] : [])),
		);
	} catch (error) {
		// A throw with continue-on-fail would send the input items down the success branch.
		if (!run.context.continueOnFail()) throw run.asNodeError(error, 0);
		return async () => await Promise.reject(error as Error);
	}
}

async function processAll<Request>(
	run: NodeRun,
	readings: Array<Reading<Request>>,
	process: ProcessItem<Request>,
): Promise<INodeExecutionData[][]> {
	const continues = run.context.continueOnFail();
	let firstError: NodeOperationError | undefined;
	const results = await Promise.all(
		readings.map(async (reading, itemIndex) => {
			if ('error' in reading) return [errorRow(reading.error, itemIndex)];
			try {
				return await process(reading.request, itemIndex);
			} catch (error) {
				const nodeError = run.asNodeError(error, itemIndex);
				if (continues) return [errorRow(nodeError, itemIndex)];
				firstError ??= nodeError;
				run.halt();
				return [];
			}
		}),
	);
	if (run.cancelSignal.stopped) throw canceledError(run.context, run.ledger.outstanding());
	if (firstError !== undefined) throw withOutstanding(firstError, run.ledger.outstanding());
	return results;
}

/**
 * A row that takes the error branch and causes no re-run. n8n decides by `error` on the item; the
 * same key within `json` would make Retry On Fail run the whole node again.
 */
function errorRow(error: NodeOperationError, itemIndex: number): INodeExecutionData {
	return { json: {}, error, pairedItem: { item: itemIndex } };
}
