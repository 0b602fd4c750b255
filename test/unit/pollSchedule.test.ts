import {
	nextPollDelay,
	TaskDurations,
	type PollState,
} from '../../nodes/Flux2Flex/wait/pollSchedule';

const fresh = (): PollState => ({
	elapsed: 0,
	fixedInterval: 0,
	durations: new TaskDurations(),
	offset: 0,
});

function known(...milliseconds: number[]): TaskDurations {
	const durations = new TaskDurations();
	for (const duration of milliseconds) durations.record(duration, duration);
	return durations;
}

/** Looks at a task of that duration until it is over. */
function watch(duration: number, state: Partial<PollState> = {}) {
	let elapsed = 0;
	let polls = 0;
	while (elapsed < duration || polls === 0) {
		const delay = nextPollDelay({ ...fresh(), ...state, elapsed });
		expect(delay).toBeGreaterThan(0);
		elapsed += delay;
		polls++;
	}
	return { polls, lag: elapsed - duration };
}

describe("The user's own interval", () => {
	test.each([1, 500, 5000, 86_400_000])('of %i ms is kept', (fixedInterval) => {
		for (const elapsed of [0, 1, 10_000, 3_600_000]) {
			const state = { ...fresh(), elapsed, fixedInterval, eta: 7000, durations: known(1, 2, 3, 4) };
			expect(nextPollDelay(state)).toBe(fixedInterval);
		}
	});
});

describe('Without an interval of the user,', () => {
	test.each([100, 1000, 2000, 5000, 10_000, 20_000, 60_000, 300_000, 600_000])(
		'a single task of %i ms is noticed soon and with few requests',
		(duration) => {
			const { polls, lag } = watch(duration);
			expect(lag).toBeLessThanOrEqual(Math.max(2500, duration * 0.15));
			expect(polls).toBeLessThanOrEqual(duration <= 10_000 ? 8 : 100);
		},
	);

	test('the first look comes after a second at the earliest, and not after three', () => {
		for (const offset of [0, 0.25, 0.5, 0.75, 0.999]) {
			const delay = nextPollDelay({ ...fresh(), offset });
			expect(delay).toBeGreaterThanOrEqual(1000);
			expect(delay).toBeLessThanOrEqual(3000);
		}
	});

	test('the first looks of a batch are spread', () => {
		const looks = [0, 0.2, 0.4, 0.6, 0.8].map((offset) => nextPollDelay({ ...fresh(), offset }));
		expect(new Set(looks).size).toBe(looks.length);
	});

	test('nothing is ever asked more often than every 100 ms or more seldom than every 10 s', () => {
		const histories = [known(), known(1, 1, 1), known(2000, 2000, 2000), known(1e6, 1e6, 1e6)];
		for (const durations of histories) {
			const first = nextPollDelay({ ...fresh(), durations });
			for (const elapsed of [first, 100, 5000, 100_000, 10_000_000].filter((at) => at >= first)) {
				const delay = nextPollDelay({ ...fresh(), durations, elapsed });
				expect(delay).toBeGreaterThanOrEqual(100);
				expect(delay).toBeLessThanOrEqual(10_000);
			}
		}
	});
});

describe('What finished tasks of the run took', () => {
	test('says when a look is worth it', () => {
		const durations = known(20_000, 21_000, 22_000, 23_000);
		expect(nextPollDelay({ ...fresh(), durations })).toBeGreaterThan(15_000);
		const { polls, lag } = watch(21_500, { durations });
		expect(polls).toBeLessThanOrEqual(3);
		expect(lag).toBeLessThanOrEqual(4000);
	});

	test('brings the first look forward where tasks are fast', () => {
		const durations = known(300, 310, 320, 330);
		expect(nextPollDelay({ ...fresh(), durations })).toBeLessThanOrEqual(500);
	});

	test('tells nothing before there are a few', () => {
		expect(known().quantiles()).toBeUndefined();
		expect(known(1, 2).quantiles()).toBeUndefined();
		expect(known(1, 2, 3).quantiles()).toBeDefined();
	});

	test('is taken from the middle of what was seen, in order', () => {
		const quantiles = known(9000, 1000, 5000, 3000, 7000).quantiles();
		expect(quantiles?.middle).toBe(5000);
		expect(quantiles?.early).toBeLessThan(5000);
		expect(quantiles?.late).toBeGreaterThan(5000);
	});

	test('lies between the last look that found a task unfinished and the next', () => {
		const durations = new TaskDurations();
		for (let count = 0; count < 5; count++) durations.record(2000, 3000);
		expect(durations.quantiles()?.middle).toBeGreaterThanOrEqual(2000);
		expect(durations.quantiles()?.middle).toBeLessThan(3000);
	});

	test.each([
		['until the first look', 19_000, 1000],
		['while the end is likely', 20_000, 2600],
		['once the task is late', 30_000, 2400],
		['at most', 300_000, 10_000],
	])('gives the gap %s', (_name, elapsed, gap) => {
		const durations = known(20_000, 20_000, 20_000);
		expect(nextPollDelay({ ...fresh(), durations, elapsed })).toBeCloseTo(gap);
	});

	test('is remembered of forty tasks', () => {
		const slow = new Array<number>(5).fill(60_000);
		const fast = new Array<number>(35).fill(1000);
		expect(known(...slow, ...fast).quantiles()?.late).toBe(60_000);
	});

	test('counts for the latest tasks only', () => {
		const durations = known(...new Array<number>(500).fill(60_000));
		for (let count = 0; count < 60; count++) durations.record(1000, 1000);
		expect(durations.quantiles()).toEqual({ early: 1000, middle: 1000, late: 1000 });
	});
});

describe("The service's own guess", () => {
	test('is believed while it is plausible', () => {
		// A guess in whole seconds may be rounded up.
		for (const [elapsed, eta] of [
			[0, 2500],
			[20_000, 6000],
			[60_000, 9000],
		] as const) {
			const delay = nextPollDelay({ ...fresh(), elapsed, eta });
			expect(delay).toBeGreaterThanOrEqual(eta - 1000);
			expect(delay).toBeLessThanOrEqual(eta);
		}
	});

	test.each([600_000, 1e9, 1e308, Infinity])('%p ms is not waited for blindly', (eta) => {
		expect(nextPollDelay({ ...fresh(), eta })).toBeLessThanOrEqual(10_000);
	});

	test.each([0, -5, undefined])('%p is none', (eta) => {
		expect(nextPollDelay({ ...fresh(), eta })).toBe(nextPollDelay(fresh()));
	});

	test('of a moment, for a task that takes long, is not asked about at once', () => {
		expect(nextPollDelay({ ...fresh(), elapsed: 20_000, eta: 1100 })).toBeCloseTo(949.5);
	});

	test('of a moment does not lead to a storm', () => {
		expect(nextPollDelay({ ...fresh(), eta: 1 })).toBeGreaterThanOrEqual(100);
	});
});
