import { sleep } from 'n8n-workflow';

import type { Call, PlannedFault } from '../support/simulator';
import { fluxNode, prompts, start, until, useSimulator, type Variant } from './workflows';

const simulator = useSimulator();

/**
 * Far more than the 200 ms that are promised, as other work may hold the machine up; far less than
 * the ten seconds and more that each of these runs would take otherwise.
 */
const SOON = 1000;

const answered = (call: Call) => () =>
	simulator.requests.some((request) => request.call === call && request.status === 200);
const arrived = (call: Call) => () => simulator.count(call) > 0;

const phases: Array<{
	phase: string;
	prompt?: string;
	fault?: PlannedFault;
	options?: Variant['parameters'];
	/** The phase has begun. */
	isReached: () => boolean;
	tasks: number;
}> = [
	{
		phase: 'submitting',
		fault: { call: 'submit', fault: { kind: 'stall', accept: false } },
		isReached: arrived('submit'),
		tasks: 0,
	},
	{
		phase: 'reading the answer to a submit',
		fault: { call: 'submit', fault: { kind: 'slowDrip', bytesPerSecond: 2 } },
		isReached: arrived('submit'),
		tasks: 1,
	},
	{
		phase: 'waiting to submit again',
		fault: {
			call: 'submit',
			times: 9,
			fault: { kind: 'status', status: 429, headers: { 'retry-after': '30' } },
		},
		isReached: arrived('submit'),
		tasks: 0,
	},
	{
		phase: 'waiting for the task',
		prompt: 'a heron [slow]',
		options: { pollingInterval: 30 },
		isReached: answered('submit'),
		tasks: 1,
	},
	{
		phase: 'waiting at its own pace',
		prompt: 'a heron [slow]',
		options: { pollingInterval: 0 },
		isReached: answered('submit'),
		tasks: 1,
	},
	{
		phase: 'asking for the task',
		fault: { call: 'poll', fault: { kind: 'stall' } },
		isReached: arrived('poll'),
		tasks: 1,
	},
	{
		phase: 'opening a download',
		fault: { call: 'download', fault: { kind: 'stall' } },
		isReached: arrived('download'),
		tasks: 1,
	},
	{
		phase: 'in the middle of a download',
		fault: { call: 'download', fault: { kind: 'stallBody' } },
		isReached: arrived('download'),
		tasks: 1,
	},
	{
		phase: 'in a slow download',
		fault: { call: 'download', fault: { kind: 'slowDrip', bytesPerSecond: 5 } },
		isReached: arrived('download'),
		tasks: 1,
	},
];

const retry = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };

const settings: Array<{ setting: string; variant: Variant }> = [
	{ setting: 'no further settings', variant: { node: { onError: 'stopWorkflow' } } },
	{
		setting: 'files in memory',
		variant: { node: { onError: 'stopWorkflow' }, binaryMode: 'default' },
	},
	{ setting: 'Retry On Fail', variant: { node: { onError: 'stopWorkflow', ...retry } } },
	{ setting: 'the error output', variant: { node: { onError: 'continueErrorOutput' } } },
	{
		setting: 'continue, and Retry On Fail',
		variant: { node: { onError: 'continueRegularOutput', ...retry } },
	},
];

/** Cancels once the phase is reached, and looks at what follows. */
async function cancelIn(
	{ prompt = 'a heron', fault, options, isReached }: (typeof phases)[number],
	variant: Variant,
) {
	if (fault) simulator.faults.add(fault);
	const running = start('errorOutput', {
		credentials: simulator.credentials,
		input: prompts(prompt),
		parameters: { ...(options && { options }) },
		...variant,
	});
	await until(isReached);
	// The answer may still be on its way to the node.
	await sleep(50);
	const canceledAt = Date.now();
	running.cancel();
	const result = await running.result;
	const milliseconds = Date.now() - canceledAt;
	const requests = simulator.requests.length;
	await sleep(100);
	return { result, milliseconds, startedLater: simulator.requests.slice(requests) };
}

describe.each(phases)('A cancel while $phase', (phase) => {
	it.each(settings)('ends the run at once, with $setting', async ({ variant }) => {
		const { result, milliseconds, startedLater } = await cancelIn(phase, variant);
		expect(milliseconds).toBeLessThan(SOON);
		expect(result.status).toBe('canceled');
		expect(startedLater).toEqual([]);
		expect(simulator.tasks).toHaveLength(phase.tasks);
		expect(result.outputs('Done')).toEqual([]);
		expect(result.outputs('Failed')).toEqual([]);
		// A canceled item is no failed one. (n8n itself puts input items there after any throw.)
		for (const { json, error } of result.outputs(fluxNode).flat()) {
			expect([json, error]).toEqual([{ prompt: phase.prompt ?? 'a heron' }, undefined]);
		}
	});
});

it('A cancel before the node starts lets it send nothing', async () => {
	const running = start('errorOutput', { credentials: simulator.credentials, node: retry });
	running.cancel();
	expect((await running.result).status).toBe('canceled');
	await sleep(100);
	expect(simulator.requests).toEqual([]);
});
