import { runOperation } from '../../nodes/Flux2Flex/operations/router';
import { bestScheduleMilliseconds } from '../bench/bestSchedule';
import { VirtualClock } from '../support/virtual/virtualClock';
import { virtualContext } from '../support/virtual/virtualContext';
import { VirtualService, type VirtualServiceOptions } from '../support/virtual/virtualService';

/** Log-normal durations around two seconds, always the same ones (a fixed quantile sequence). */
function spread(taskNumber: number): number {
	const golden = (taskNumber * 0.618033988749895) % 1;
	const logit = Math.log((golden + 0.005) / (1.005 - golden));
	return 2000 * Math.exp(0.3 * (logit / 1.702));
}

interface Batch {
	itemCount: number;
	maxConcurrentTasks: number;
	service: VirtualServiceOptions;
	/** Start of the pseudo-random jitter. */
	seed: number;
}

async function runBatch(
	{ itemCount, maxConcurrentTasks, service: options, seed }: Batch,
	operation = 'submitAndWait',
) {
	const clock = new VirtualClock();
	const service = new VirtualService(clock, { duration: spread, ...options });
	const context = virtualContext({
		service,
		itemCount,
		parameters: (itemIndex) => ({
			operation,
			prompt: `image ${itemIndex}`,
			options: { maxConcurrentTasks },
		}),
	});
	const started = clock.now();
	let dice = seed;
	// Park and Miller's generator: the same jitter in every run of the test.
	const random = () => (dice = (dice * 16807) % 2147483647) / 2147483647;
	const items = await clock.run(runOperation(context, { clock, random }));
	const durations = service.tasks.map(({ acceptedAt, endsAt }) => endsAt - acceptedAt);
	const places = Math.min(maxConcurrentTasks, options.maxActiveTasks ?? Infinity);
	const submitsPerSecond = options.maxSubmitsPerSecond ?? Infinity;
	const best = bestScheduleMilliseconds(durations, { places, submitsPerSecond });
	const lags = service.tasks.map(({ noticedAt = Infinity, endsAt }) => noticedAt - endsAt);
	return {
		items,
		paid: service.tasks.length,
		wall: clock.now() - started,
		ratio: (clock.now() - started) / best,
		pollsPerTask: service.calls.poll / itemCount,
		refusedPerTask: service.refusedSubmits / itemCount,
		longestLag: Math.max(...lags),
	};
}

interface Case extends Omit<Batch, 'seed'> {
	name: string;
	/** Most that a batch may take, as a multiple of the best possible schedule. */
	ratio: number;
	/** Most requests for a task. */
	polls: number;
}

const limits: Case[] = [
	{ name: 'no limit', service: {}, maxConcurrentTasks: 1000, ratio: 1.1, polls: 4 },
	{ name: '20 in flight', service: {}, maxConcurrentTasks: 20, polls: 5 },
	{ name: '24 active tasks', service: { maxActiveTasks: 24 } },
	{
		name: '24 active tasks, with Retry-After',
		service: { maxActiveTasks: 24, retryAfter: 1 },
	},
	{ name: '10 submits a second', service: { maxSubmitsPerSecond: 10 } },
	{
		name: '10 submits a second, with Retry-After',
		service: { maxSubmitsPerSecond: 10, retryAfter: 1 },
	},
	{
		name: '24 active tasks and 10 submits a second',
		service: { maxActiveTasks: 24, maxSubmitsPerSecond: 10 },
	},
	{
		name: '1,000 items, 24 active tasks',
		service: { maxActiveTasks: 24 },
		itemCount: 1000,
		maxConcurrentTasks: 1000,
	},
].map((limit) => ({ itemCount: 100, maxConcurrentTasks: 100, ratio: 1.15, polls: 6, ...limit }));

/** With and without a guess of the service at the time left (in whole seconds, rounded up). */
const cases = limits.flatMap((limit): Case[] => [
	limit,
	{ ...limit, name: `${limit.name}, with eta`, service: { ...limit.service, tellsEta: true } },
]);

describe.each(cases)('A batch with $name', (batch) => {
	const results: Array<Awaited<ReturnType<typeof runBatch>>> = [];
	const median = (read: (result: (typeof results)[number]) => number) => {
		const values = results.map(read).sort((a, b) => a - b);
		return values[Math.floor(values.length / 2)] ?? Infinity;
	};

	beforeAll(async () => {
		for (const seed of [1, 2, 3, 4, 5, 6, 7]) results.push(await runBatch({ ...batch, seed }));
	});

	test('comes close to the best possible schedule', () => {
		expect(median(({ ratio }) => ratio)).toBeLessThanOrEqual(batch.ratio);
	});

	test('asks seldom, and is seldom refused', () => {
		expect(median(({ pollsPerTask }) => pollsPerTask)).toBeLessThanOrEqual(batch.polls);
		expect(median(({ refusedPerTask }) => refusedPerTask)).toBeLessThanOrEqual(1);
	});

	test('pays once for every item and returns them in input order', () => {
		for (const { items, paid } of results) {
			expect(paid).toBe(batch.itemCount);
			expect(items.map(({ pairedItem }) => pairedItem)).toEqual(
				Array.from({ length: batch.itemCount }, (_, item) => ({ item })),
			);
		}
	});
});

test.each(limits)('Submit alone gets everything accepted with $name', async (batch) => {
	for (const seed of [1, 2, 3]) {
		const { paid, refusedPerTask, items } = await runBatch({ ...batch, seed }, 'submit');
		expect(paid).toBe(batch.itemCount);
		expect(items).toHaveLength(batch.itemCount);
		expect(refusedPerTask).toBeLessThanOrEqual(1);
	}
});

test('Tasks that are finished at once cost one submit, one poll and one download each', async () => {
	const result = await runBatch({
		itemCount: 1000,
		maxConcurrentTasks: 20,
		service: { duration: () => 0 },
		seed: 1,
	});
	expect(result.paid).toBe(1000);
	expect(result.pollsPerTask).toBe(1);
});

test.each([2000, 10_000])(
	'A single task of %i ms is noticed soon, with few requests',
	async (duration) => {
		const result = await runBatch({
			itemCount: 1,
			maxConcurrentTasks: 20,
			service: { duration: () => duration },
			seed: 1,
		});
		expect(result.longestLag).toBeLessThanOrEqual(Math.max(500, duration * 0.1));
		expect(result.pollsPerTask).toBeLessThanOrEqual(8);
	},
);
