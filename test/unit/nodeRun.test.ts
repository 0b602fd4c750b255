import { NodeOperationError, type IExecuteFunctions, type INode } from 'n8n-workflow';

import { SOON } from '../../nodes/Flux2Flex/run/hints';
import { NodeRun } from '../../nodes/Flux2Flex/run/nodeRun';
import { VirtualClock } from '../support/virtual/virtualClock';

/** A run of a node of this type; n8n before tools asks nobody whether it is one. */
function runOf(type = 'flux2Flex', isToolExecution?: () => boolean, retryOnFail?: boolean) {
	const node = { name: 'My node', type, retryOnFail } as INode;
	const addExecutionHints = jest.fn();
	const debug = jest.fn();
	const getContext = jest.fn(() => ({}));
	const cancel = new AbortController();
	const context = {
		getNode: () => node,
		getContext,
		getExecutionCancelSignal: () => cancel.signal,
		isToolExecution,
		addExecutionHints,
		logger: { debug },
	} as unknown as IExecuteFunctions;
	const run = new NodeRun(context, { clock: new VirtualClock(0), random: () => 0.5 });
	return { run, context, node, cancel, getContext, addExecutionHints, debug };
}

test.each([
	['flux2Flex', undefined, false],
	['flux2Flex', () => false, false],
	['flux2Flex', () => true, true],
	['flux2FlexTool', () => false, true],
	['flux2FlexTool', undefined, true],
	['flux2FlexToolbox', () => false, false],
])('whether a node %s, which tells n8n %p, is a tool: %p', (type, isToolExecution, isTool) => {
	expect(runOf(type, isToolExecution).run.isTool).toBe(isTool);
});

test.each([
	['flux2Flex', false, true, false],
	['flux2Flex', true, undefined, true],
	['flux2Flex', true, false, true],
	['flux2Flex', true, true, false],
	['flux2FlexTool', false, true, true],
	// Earlier n8n does not tell who calls.
	['flux2FlexTool', undefined, true, false],
	['flux2FlexTool', undefined, false, true],
])(
	'a node %s (called by an agent: %p, Retry On Fail: %p) tells a failure as an item: %p',
	(type, isCalledByAgent, retryOnFail, tells) => {
		const isToolExecution = isCalledByAgent === undefined ? undefined : () => isCalledByAgent;
		expect(runOf(type, isToolExecution, retryOnFail).run.tellsFailures).toBe(tells);
	},
);

test("a run keeps its ledger in the node's context, which n8n hands on to every try", () => {
	expect(runOf().getContext.mock.calls).toEqual([['node']]);
});

describe('a run that is canceled', () => {
	test('stops both signals, and says so with the word that n8n looks for', () => {
		const { run, cancel } = runOf();
		run.assertRunning();
		cancel.abort();
		expect([run.cancelSignal.stopped, run.haltSignal.stopped]).toEqual([true, true]);
		expect(() => run.assertRunning()).toThrow('The execution was canceled');
	});

	test('wakes who sleeps', async () => {
		const { run, cancel } = runOf();
		const sleep = run.sleep(1000);
		cancel.abort();
		await expect(sleep).rejects.toThrow('canceled');
	});
});

test('a run that another item halts is not canceled', () => {
	const { run } = runOf();
	run.halt();
	expect([run.cancelSignal.stopped, run.haltSignal.stopped]).toEqual([false, true]);
	expect(() => run.assertRunning()).toThrow();
});

describe('an error of a run', () => {
	const pickUp =
		"'Retry On Fail' and 'Retry execution' pick these tasks up without paying again; the operation 'Get Task Result' fetches them too.";
	const receiptOf = (taskId: string) => ({ taskId, charges: {} });

	test('names what was paid for after its own way out', () => {
		const { run, node } = runOf();
		for (const [index, taskId] of ['a', 'b'].entries()) {
			run.ledger.record(run.ledger.claim(index, {}), {
				state: 'accepted',
				receipt: receiptOf(taskId),
				acceptedAt: 0,
			});
		}
		for (const index of [4, 7]) {
			run.ledger.record(run.ledger.claim(index, {}), { state: 'unconfirmed', cause: 'WHY' });
		}
		expect(run.canceledError().description).toMatch(/^Already paid for/);
		const error = new NodeOperationError(node, 'No', { description: 'Do this.' });
		expect(run.nameOutstanding(error).description).toBe(
			`Do this. Already paid for and not lost: a, b. ${pickUp} The answer to the submit was lost for these items, so their tasks may exist and be billed: 4, 7.`,
		);
	});

	test('stays as it is where nothing was paid for', () => {
		const { run, node } = runOf();
		expect(run.canceledError().description).toBeUndefined();
		const error = new NodeOperationError(node, 'No', { description: 'Do this.' });
		expect(run.nameOutstanding(error).description).toBe('Do this.');
	});
});

test('a line in the log tells which node it is of', () => {
	const { run, debug } = runOf();
	run.log('task finished', { a: 1 });
	expect(debug).toHaveBeenCalledWith('Flux 2 Flex: task finished', { nodeName: 'My node', a: 1 });
});

describe('the hints of a run', () => {
	const EXPIRE = "The image links expire, the first at 1970-01-02T00:00:00.000Z. Turn on 'Download";

	test.each<[resumed: number, expiries: number[], now: number, hints: string[]]>([
		[0, [], 0, []],
		[1, [], 0, ['1 task was already paid for by an earlier try and picked up instead of paid']],
		[2, [], 0, ['2 tasks were already paid for by an earlier try']],
		[0, [SOON], 0, []],
		[0, [SOON], 1, [EXPIRE]],
		[1, [2 * SOON, SOON], 1, ['1 task was', EXPIRE]],
	])(
		'of %i tasks of an earlier try, and links until %j, at %i: %j',
		(resumed, expiries, now, hints) => {
			const { run, context, addExecutionHints } = runOf();
			for (let task = 0; task < resumed; task++) run.hints.taskResumed();
			for (const expiry of expiries) run.hints.linkUnsaved(expiry);
			run.hints.show(context, now);
			expect(addExecutionHints.mock.calls).toEqual(
				hints.map((hint) => [
					{
						message: expect.stringContaining(hint) as string,
						type: 'info',
						location: 'outputPane',
					},
				]),
			);
		},
	);
});
