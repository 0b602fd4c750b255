import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { runOperation } from '../../nodes/Flux2Flex/operations/router';
import { VirtualClock } from '../support/virtual/virtualClock';
import { virtualContext } from '../support/virtual/virtualContext';
import { dialects, novita, withField, type TestedService } from '../support/services';
import {
	VirtualService,
	type VirtualFault,
	type VirtualTask,
} from '../support/virtual/virtualService';

/**
 * Random faults in every call, random outcomes, and n8n's Retry On Fail around it. Whatever happens:
 * nothing is paid for twice, no paid task gets lost, and every item is accounted for in its order.
 *
 * A failing run prints its seed and path; `fc.assert(…, { seed, path })` replays it.
 */

const CALLS = ['submit', 'poll', 'result', 'download'] as const;
type Call = (typeof CALLS)[number];

const answer = (status: number, body: unknown, accepts = false): VirtualFault => ({
	kind: 'answer',
	status,
	body,
	accepts,
});
const broken = (code: string, accepts = false): VirtualFault => ({ kind: 'error', code, accepts });

/** Somebody between n8n and the service, or the image host, answers in its place. */
const strangers: VirtualFault[] = [
	answer(403, 'error code: 1010'),
	answer(403, '<html>Just a moment…</html>'),
	answer(503, '<html>Checking your browser</html>'),
	answer(404, '<html>Not Found</html>'),
	answer(403, { message: 'Forbidden' }),
	answer(404, { message: 'no Route matched with those values' }),
	answer(404, { detail: 'Not Found' }),
	answer(401, ''),
	answer(407, '<html>Proxy authentication required</html>'),
	answer(429, '<html>Slow down</html>'),
	answer(200, '<html>Sign in</html>'),
	answer(200, { ok: true }),
	{
		...answer(302, ''),
		headers: { location: 'https://login.example.com/?state=1' },
	} as VirtualFault,
	broken('Proxy connection ended before receiving CONNECT response'),
	// A firewall that reads what is encrypted signs with a certificate of its own.
	broken('SELF_SIGNED_CERT_IN_CHAIN'),
];

/** What a service says itself in just these words is no stranger's there. */
const strangersAt = ({ refusals }: TestedService) =>
	strangers.filter(
		(one) =>
			one.kind === 'error' ||
			!refusals.some(({ status, body }) =>
				isDeepStrictEqual([status, body], [one.status, one.body]),
			),
	);

const everywhere: VirtualFault[] = [
	...strangers,
	{ ...answer(429, ''), headers: { 'retry-after': '2' } } as VirtualFault,
	answer(500, ''),
	answer(502, '<html>Bad gateway</html>'),
	answer(504, '<html>Gateway time-out</html>'),
	answer(200, '<html>Welcome</html>'),
	answer(200, ''),
	answer(200, 'null'),
	answer(200, []),
	broken('ECONNREFUSED'),
	broken('ENOTFOUND'),
	broken('ECONNRESET'),
	broken('ECONNABORTED'),
];

/** What can go wrong in each call, the service's own refusals among it. */
function faultsOf(dialect: TestedService): Record<Call, VirtualFault[]> {
	const { submit, poll, refusals } = dialect;
	const own = refusals.map(({ status, body }) => answer(status, body));
	const state = { status: 'succeeded', taskId: 'x', imageUrl: 'ftp://x/y' } as const;
	const standing = (poll.standing ?? poll.answer)(state);
	/** That a task is over is told by the last of the requests; what else it says would be its end. */
	const result = [answer(200, poll.answer(state)), answer(200, [])];
	return {
		submit: [
			...everywhere,
			...own,
			// The task is made and billed, but its id never arrives.
			answer(500, '', true),
			answer(502, '<html>Bad gateway</html>', true),
			answer(200, '<html>Sign in</html>', true),
			answer(200, '', true),
			answer(200, submit.reply(null), true),
			broken('ECONNRESET', true),
			broken('ETIMEDOUT', true),
		],
		poll: [
			...everywhere,
			...own,
			answer(200, withField(standing, poll.fields.status, 7)),
			answer(200, withField(standing, poll.fields.taskId, 'somebody-elses')),
			...(poll.standing ? [] : result),
		],
		result: [...everywhere, ...result],
		download: [...everywhere, answer(403, '<Error>AccessDenied</Error>'), answer(404, '')],
	};
}

interface Scenario {
	itemCount: number;
	/** Equal prompts make equal requests: only the item tells them apart. */
	samePrompts: boolean;
	continueOnFail: boolean;
	resubmitUnconfirmed: boolean;
	/** 1 = no Retry On Fail. */
	maxTries: number;
	/** For each call, in the order of requests: which fault, if any. */
	faults: Record<Call, Array<number | undefined>>;
	outcomes: Array<VirtualTask['outcome']>;
	jitter: number;
}

/** Which fault it is depends on the dialect: the number is taken modulo how many it has. */
const faultList = () =>
	fc.array(fc.option(fc.nat({ max: 1000 }), { nil: undefined, freq: 2 }), { maxLength: 25 });

const scenarios: fc.Arbitrary<Scenario> = fc.record({
	itemCount: fc.integer({ min: 1, max: 12 }),
	samePrompts: fc.boolean(),
	continueOnFail: fc.boolean(),
	resubmitUnconfirmed: fc.boolean(),
	maxTries: fc.integer({ min: 1, max: 4 }),
	faults: fc.record({
		submit: faultList(),
		poll: faultList(),
		result: faultList(),
		download: faultList(),
	}),
	outcomes: fc.array(
		fc.constantFrom<VirtualTask['outcome'][]>('succeeded', 'succeeded', 'failed', 'filtered'),
		{ maxLength: 15 },
	),
	jitter: fc.double({ min: 0, max: 0.999, noNaN: true }),
});

/** Plays n8n: runs the node, and again with the same node context as long as it throws. */
async function play(scenario: Scenario, dialect: TestedService) {
	const faults = faultsOf(dialect);
	const clock = new VirtualClock();
	const lostSubmits: string[] = [];
	const metStrangers = { submit: 0, poll: 0, result: 0, download: 0 };
	const service = new VirtualService(clock, {
		dialect,
		duration: (number) => 500 + ((number * 977) % 4000),
		outcome: (number) => scenario.outcomes[number] ?? 'succeeded',
		intercept: (call, number, prompt) => {
			const index = scenario.faults[call][number - 1];
			const fault = index === undefined ? undefined : faults[call][index % faults[call].length];
			if (fault?.accepts) lostSubmits.push(prompt ?? '');
			if (fault !== undefined && strangers.includes(fault)) metStrangers[call]++;
			return fault;
		},
	});
	const nodeContext: IDataObject = {};
	const texts: string[] = [];
	let items: INodeExecutionData[] | undefined;
	for (let attempt = 0; attempt < scenario.maxTries && items === undefined; attempt++) {
		const context = virtualContext({
			service,
			nodeContext,
			itemCount: scenario.itemCount,
			continueOnFail: scenario.continueOnFail,
			parameters: (itemIndex) => ({
				operation: 'submitAndWait',
				prompt: scenario.samePrompts ? 'the same' : `image ${itemIndex}`,
				options: { resubmitUnconfirmed: scenario.resubmitUnconfirmed, timeout: 120 },
			}),
		});
		try {
			const run = runOperation(context, { clock, random: () => scenario.jitter });
			items = await clock.run(run);
		} catch (error) {
			const { message, description } = error as { message: string; description?: string };
			texts.push(`${message} ${description ?? ''}`);
		}
		texts.push(
			...context.logLines.filter((line) => line.includes('virtual-key')).map(() => 'LEAK'),
		);
	}
	for (const { error } of items ?? []) {
		if (error) texts.push(`${error.message} ${error.description ?? ''}`);
	}
	return { service, items, texts, lostSubmits, metStrangers };
}

test.each([
	{ dialect: novita, runs: 2000 },
	...dialects.filter((dialect) => dialect !== novita).map((dialect) => ({ dialect, runs: 500 })),
])(
	'At $dialect.displayName nothing is paid twice, no paid task is lost, every item is accounted for',
	async ({ dialect, runs }) => {
		let tasks = 0;
		const met = { submit: 0, poll: 0, result: 0, download: 0 };
		await fc.assert(
			fc.asyncProperty(scenarios, async (scenario) => {
				const { service, items, texts, lostSubmits, metStrangers } = await play(scenario, dialect);
				tasks += service.tasks.length;
				for (const call of CALLS) met[call] += metStrangers[call];
				const delivered = new Map(
					(items ?? []).filter(({ error }) => !error).map((item) => [item.json.task_id, item]),
				);

				// Paid ≤ items + confirmed resubmits, for each prompt: a task that failed for good may be made
				// anew by a retry, and a lost answer be followed by another submit only if the user said so.
				const requests = scenario.samePrompts
					? [{ prompt: 'the same', items: scenario.itemCount }]
					: Array.from({ length: scenario.itemCount }, (_, index) => ({
							prompt: `image ${index}`,
							items: 1,
						}));
				for (const { prompt, items: allowed } of requests) {
					const paid = service.tasks.filter((task) => task.prompt === prompt);
					const endedBadly = paid.filter(({ outcome }) => outcome !== 'succeeded').length;
					const lost = lostSubmits.filter((lostPrompt) => lostPrompt === prompt).length;
					const resubmits = scenario.resubmitUnconfirmed ? lost : 0;
					expect(paid.length).toBeLessThanOrEqual(allowed + endedBadly + resubmits);
				}

				// Every paid task is delivered or named; one whose id never arrived is told of as such.
				const unnamed = service.tasks.filter(
					({ id }) => !delivered.has(id) && !texts.some((text) => text.includes(id)),
				);
				expect(unnamed.length).toBeLessThanOrEqual(lostSubmits.length);
				if (unnamed.length > 0 && !scenario.resubmitUnconfirmed) {
					expect(texts.join('\n')).toContain('may exist');
				}

				// Every item is accounted for, in order, with its own image.
				if (items !== undefined) {
					expect(items.map(({ pairedItem }) => pairedItem)).toEqual(
						Array.from({ length: scenario.itemCount }, (_, item) => ({ item })),
					);
					for (const [itemIndex, item] of items.entries()) {
						if (item.error) continue;
						const task = service.tasks.find(({ id }) => id === item.json.task_id);
						if (!scenario.samePrompts) expect(task?.prompt).toBe(`image ${itemIndex}`);
						const bytes = Buffer.from(item.binary?.data?.data ?? '', 'base64').toString('latin1');
						expect(bytes).toContain(`/images/${String(item.json.task_id)}.png`);
					}
					expect(delivered.size).toBe(items.filter(({ error }) => !error).length);
				}
				expect(texts.join('\n')).not.toMatch(/virtual-key|LEAK/);
			}),
			{ numRuns: runs },
		);
		expect(tasks).toBeGreaterThan(5 * runs);
		const { result, ...others } = met;
		expect(Math.min(...Object.values(others))).toBeGreaterThan(runs / 4);
		expect(result > runs / 4).toBe(dialect.poll.standing !== undefined);
	},
	120_000,
);

test.each(dialects)(
	"Of paid tasks at $displayName none is lost to strangers' answers among the polls, however many",
	async (dialect) => {
		const strangersThere = strangersAt(dialect);
		let tasks = 0;
		let hits = 0;
		await fc.assert(
			fc.asyncProperty(
				fc.integer({ min: 1, max: 12 }),
				fc.array(fc.option(fc.nat({ max: strangers.length - 1 }), { nil: undefined }), {
					maxLength: 60,
				}),
				async (itemCount, faults) => {
					const clock = new VirtualClock();
					const strangersLeaveAt = clock.now() + 120_000;
					const service = new VirtualService(clock, {
						dialect,
						// Some are still under way when a task that the service does not know counts as lost.
						duration: (number) => 2000 + ((number * 9770) % 60_000),
						intercept: (call, number) => {
							const isAsked = call === 'poll' || call === 'result';
							if (!isAsked || clock.now() >= strangersLeaveAt) return undefined;
							const index = faults[number % faults.length];
							if (index === undefined) return undefined;
							hits++;
							return strangersThere[index % strangersThere.length];
						},
					});
					const context = virtualContext({
						service,
						itemCount,
						parameters: (itemIndex) => ({
							operation: 'submitAndWait',
							prompt: `image ${itemIndex}`,
							options: { timeout: 3600 },
						}),
					});
					const items = await clock.run(runOperation(context, { clock, random: () => 0.5 }));
					tasks += service.tasks.length;
					expect(service.tasks).toHaveLength(itemCount);
					const prompts = items.map(
						({ json }) => service.tasks.find(({ id }) => id === json.task_id)?.prompt,
					);
					expect(prompts).toEqual(
						Array.from({ length: itemCount }, (_, index) => `image ${index}`),
					);
					expect(items.every(({ binary }) => binary?.data !== undefined)).toBe(true);
				},
			),
			{ numRuns: 300 },
		);
		expect(tasks).toBeGreaterThan(1000);
		expect(hits).toBeGreaterThan(1000);
	},
	120_000,
);
