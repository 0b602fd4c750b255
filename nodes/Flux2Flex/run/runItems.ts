import type { INodeExecutionData, NodeOperationError } from 'n8n-workflow';

import { Item } from './item';
import type { NodeRun } from './nodeRun';

/** What an operation does with its items. */
export interface ItemWork<Request> {
	/** Reads and checks one item; throws for a bad one. Nothing may be paid here. */
	read(item: Item): Promise<Request>;
	/**
	 * Sets up what all requests share and returns what turns one of them into its items. The last
	 * look before anything is sent; throws to refuse the run as a whole.
	 */
	start(requests: Request[]): ProcessItem<Request>;
}

type ProcessItem<Request> = (request: Request, item: Item) => Promise<INodeExecutionData[]>;

type Reading<Request> = { item: Item } & ({ request: Request } | { error: NodeOperationError });

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
		const items = results.flat();
		// What a failed call of a tool has paid for is there when the model or a retry calls again.
		if (!items.some(({ json }) => 'error' in json)) run.ledger.settle();
		run.hints.show(run.context, run.clock.now());
		return items;
	} finally {
		run.ledger.release();
	}
}

/** Whether a failed item becomes a row of its own. */
function goesOn({ context, tellsFailures }: NodeRun): boolean {
	return tellsFailures || context.continueOnFail();
}

async function readAll<Request>(
	run: NodeRun,
	work: ItemWork<Request>,
): Promise<Array<Reading<Request>>> {
	const readings: Array<Reading<Request>> = [];
	for (const index of run.context.getInputData().keys()) {
		run.assertRunning();
		const item = new Item(run, index);
		try {
			readings.push({ item, request: await work.read(item) });
		} catch (error) {
			const nodeError = item.asNodeError(error);
			if (!goesOn(run)) throw nodeError;
			readings.push({ item, error: nodeError });
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
		if (!goesOn(run)) throw new Item(run, 0).asNodeError(error);
		return async () => await Promise.reject(error as Error);
	}
}

async function processAll<Request>(
	run: NodeRun,
	readings: Array<Reading<Request>>,
	process: ProcessItem<Request>,
): Promise<INodeExecutionData[][]> {
	const continues = goesOn(run);
	let firstError: NodeOperationError | undefined;
	const results = await Promise.all(
		readings.map(async (reading) => {
			const { item } = reading;
			if ('error' in reading) return [errorRow(item, reading.error)];
			try {
				return await process(reading.request, item);
			} catch (error) {
				const nodeError = item.asNodeError(error);
				if (continues) return [errorRow(item, nodeError)];
				firstError ??= nodeError;
				run.halt();
				return [];
			}
		}),
	);
	if (run.cancelSignal.stopped) throw run.canceledError();
	if (firstError !== undefined) {
		// A tool has one item, whose message names its task, and a model cannot retry.
		throw run.isTool ? firstError : run.nameOutstanding(firstError);
	}
	return results;
}

/**
 * A row that takes the error branch and causes no re-run. n8n decides by `error` on the item; the
 * same key within `json` makes Retry On Fail run the whole node again, as it shall for a tool alone.
 */
function errorRow(item: Item, error: NodeOperationError): INodeExecutionData {
	const pairedItem = { item: item.index };
	return item.run.isTool
		? { json: { error: error.message }, pairedItem }
		: { json: {}, error, pairedItem };
}
