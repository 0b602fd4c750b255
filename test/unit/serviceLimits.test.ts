import { Ceiling } from '../../nodes/Flux2Flex/submit/ceiling';
import { Pace } from '../../nodes/Flux2Flex/submit/pace';
import { Pause } from '../../nodes/Flux2Flex/submit/pause';
import { RefusalCause } from '../../nodes/Flux2Flex/submit/refusalCause';
import { ServiceLimits } from '../../nodes/Flux2Flex/submit/serviceLimits';
import { VirtualClock } from '../support/virtual/virtualClock';

describe('The ceiling of tasks', () => {
	const ceiling = (declared?: number) => new Ceiling(declared, 0, () => 0);

	test('is out of sight until a refusal lowers it to what is in flight', () => {
		const limit = ceiling();
		expect(limit.isReached(1e6)).toBe(false);
		limit.lower(24);
		expect([23, 24].map((inFlight) => limit.isReached(inFlight))).toEqual([false, true]);
	});

	test('never stands below one task', () => {
		const limit = ceiling();
		limit.lower(0);
		expect([0, 1].map((inFlight) => limit.isReached(inFlight))).toEqual([false, true]);
	});

	test('rises to what is accepted above it', () => {
		const limit = ceiling();
		limit.lower(10);
		limit.accepted(0, 12, false);
		expect([11, 12].map((inFlight) => limit.isReached(inFlight))).toEqual([false, true]);
	});

	test('rises in doubling steps while probes are accepted, each at once after the last', () => {
		const limit = ceiling();
		limit.lower(10);
		limit.accepted(5000, 11, true);
		expect(limit.isReached(11)).toBe(false);
		expect(limit.isReached(12)).toBe(true);
		expect(limit.probeAt).toBe(5000);
		limit.accepted(6000, 13, true);
		expect(limit.isReached(14)).toBe(false);
		expect(limit.isReached(15)).toBe(true);
	});

	test('starts at what the service declares, and is not probed at once', () => {
		const limit = ceiling(24);
		expect([23, 24].map((inFlight) => limit.isReached(inFlight))).toEqual([false, true]);
		expect(limit.probeAt).toBeGreaterThan(1000);
		limit.lower(10);
		limit.lift();
		expect([23, 24].map((inFlight) => limit.isReached(inFlight))).toEqual([false, true]);
	});

	test('is probed later with every refused probe, and no earlier than the pause ends', () => {
		const limit = ceiling();
		const waits = [0, 1, 2].map(() => {
			limit.refused(0, 0, true, false);
			return limit.probeAt;
		});
		expect(waits[1]).toBe(2 * (waits[0] ?? 0));
		expect(waits[2]).toBe(4 * (waits[0] ?? 0));
		limit.refused(0, 1e6, false, true);
		expect(limit.probeAt).toBe(1e6);
	});

	test('is probed later when own tasks end and so make room', () => {
		const limit = ceiling();
		limit.refused(0, 0, true, false);
		const before = limit.probeAt;
		limit.taskEnded(1000);
		expect(limit.probeAt).toBeGreaterThan(before + 1000);
		const once = limit.probeAt;
		limit.taskEnded(2000);
		expect(limit.probeAt).toBe(once);
	});
});

describe('The pace of submits', () => {
	test('is unknown until it is assumed from what was accepted so far', () => {
		const pace = new Pace(0);
		pace.sent(100);
		expect(pace.nextAt).toBe(100);
		expect(pace.pause(0, () => 0.5)).toBeUndefined();
		for (let count = 0; count < 10; count++) pace.accepted();
		pace.assume(1000);
		pace.sent(1000);
		expect(pace.nextAt).toBe(1100);
		pace.assume(9000);
		pace.sent(1000);
		expect(pace.nextAt).toBe(1100);
	});

	test('is slower at once after a refusal, and faster in small steps with accepted submits', () => {
		const pace = new Pace(0);
		pace.accepted();
		pace.assume(100);
		const gap = () => {
			pace.sent(0);
			return pace.nextAt;
		};
		const first = gap();
		pace.refused();
		expect(gap()).toBeGreaterThan(first * 1.1);
		const slow = gap();
		pace.accepted();
		expect(gap()).toBeLessThan(slow);
		expect(gap()).toBeGreaterThan(slow * 0.9);
	});

	test('has a pause that doubles with each refusal in a row', () => {
		const pace = new Pace(0);
		pace.accepted();
		pace.assume(100);
		const [first = 0, second, third] = [0, 1, 2].map((refusals) => pace.pause(refusals, () => 0.5));
		expect([first, second, third]).toEqual([100, 200, 400]);
	});
});

describe('The pause after a refusal', () => {
	test('lasts as long as was guessed, or longer when the service says so', () => {
		const pause = new Pause();
		pause.refused(1000, 500, false);
		expect(pause.until).toBe(1500);
		pause.told(1000, 30_000);
		expect(pause.until).toBe(31_000);
		pause.told(1000, 10);
		expect(pause.until).toBe(31_000);
	});

	test('ends with a task when it was guessed and tasks that end make room, and not when it was told', () => {
		const pause = new Pause();
		pause.refused(0, 5000, false);
		pause.taskEnded(100);
		expect(pause.until).toBe(5000);
		pause.refused(0, 5000, true);
		pause.taskEnded(100);
		expect(pause.until).toBe(100);
		pause.told(0, 9000);
		pause.taskEnded(200);
		expect(pause.until).toBe(9000);
	});

	test.each([
		['an accepted submit', (pause: Pause) => pause.accepted()],
		['an ended task', (pause: Pause) => pause.taskEnded(2000)],
	])('counts refusals, and their time from the first, until %s starts anew', (_name, startAnew) => {
		const pause = new Pause();
		expect(pause.refusedFor(1000)).toBe(0);
		pause.refused(1000, 1, false);
		pause.refused(1500, 1, false);
		expect(pause.refusals).toBe(2);
		expect(pause.refusedFor(1700)).toBe(700);
		startAnew(pause);
		expect(pause.refusals).toBe(0);
		expect(pause.refusedFor(3000)).toBe(0);
	});
});

interface Step {
	/** Tasks in flight when a submit was accepted, and when one was refused. */
	taken?: number;
	refused?: number;
	/** What the refusal must be taken for. */
	cause?: 'rate' | 'number';
	isTold?: boolean;
	/** Refusals in a row before this one. */
	before?: number;
	isProbe?: boolean;
	/** Sent before the last refusal was known. */
	isOld?: boolean;
}

/** One more submit is taken, and the next refusal tells whether the number counts for good. */
const rateAgain: Step[] = [{ taken: 1 }, { refused: 10, cause: 'rate' }];
const numberForGood: Step[] = [{ taken: 1 }, { refused: 10, cause: 'number' }];
const told = (refused: number, cause: Step['cause']): Step => ({ refused, cause, isTold: true });
const rateFound: Step[] = [{ taken: 100 }, { refused: 10, cause: 'rate' }];

describe('A refusal', () => {
	test.each<[string, Step[]]>([
		[
			'of the first submit',
			[{ refused: 1, cause: 'number' }, { taken: 100 }, { refused: 10, cause: 'rate' }],
		],
		['with nearly as many as were ever taken', [{ taken: 100 }, { refused: 90, cause: 'number' }]],
		['with fewer', [{ taken: 100 }, { refused: 89, cause: 'rate' }]],
		[
			'at the same height, untold',
			[{ taken: 100 }, { refused: 100 }, { refused: 100 }, ...rateAgain],
		],
		[
			'although it waited as told',
			[{ taken: 100 }, told(10, 'rate'), told(10, 'number'), ...numberForGood],
		],
		[
			'of an old submit after it waited as told',
			[{ taken: 100 }, told(10, 'rate'), { taken: 10, isOld: true }, told(10, 'number')],
		],
		[
			'after another was taken as told',
			[{ taken: 100 }, told(10, 'rate'), { taken: 10 }, told(10, 'rate')],
		],
		...[
			[100, 90, numberForGood],
			[100, 89, rateAgain],
			[100, 111, numberForGood],
			[100, 112, rateAgain],
			[90, 100, numberForGood],
		].map(([first, second, then]): [string, Step[]] => [
			`at ${second} after one at ${first}, told`,
			[
				{ taken: 50 },
				told(first as number, 'number'),
				{ taken: 50 },
				told(second as number, 'number'),
				...(then as Step[]),
			],
		]),
		[
			'at an old height that is no longer the most',
			[{ taken: 50 }, told(50, 'number'), { taken: 100 }, told(50, 'rate')],
		],
		[
			'at the most, with a lower one between',
			[
				{ taken: 100 },
				told(100, 'number'),
				{ taken: 100 },
				told(50, 'rate'),
				{ taken: 100 },
				told(100, 'number'),
			],
		],
		[
			'at the most while the rate is limited',
			[...rateFound, { refused: 100, before: 3, cause: 'rate' }],
		],
		[
			'at the most too often for a rate',
			[...rateFound, { refused: 100, before: 4, cause: 'number' }],
		],
		[
			'at the most, often, but with one taken since',
			[...rateFound, { taken: 10 }, { refused: 100, before: 4, cause: 'rate' }],
		],
		[
			'after a probe was taken',
			[
				{ taken: 100, isProbe: true },
				{ refused: 100, cause: 'rate' },
			],
		],
		['after a submit that was no probe', [{ taken: 100 }, { refused: 100, cause: 'number' }]],
	])('%s is taken for what it is', (_name, steps) => {
		const cause = new RefusalCause();
		for (const step of steps) {
			if (step.taken !== undefined) cause.accepted(step.taken, !step.isOld, step.isProbe === true);
			if (step.refused === undefined) continue;
			const isRate = cause.isRate(step.refused, step.before ?? 0, step.isTold === true);
			if (step.cause !== undefined)
				expect({ step, isRate }).toEqual({ step, isRate: step.cause === 'rate' });
		}
	});

	test.each([
		['for the number', 100, false, false],
		['for the rate', 10, false, true],
		['for the rate that says how long to wait', 10, true, false],
	])('%s asks for a pace only where one has to be found', (_name, active, isTold, expected) => {
		const cause = new RefusalCause();
		cause.accepted(100, true, false);
		cause.isRate(active, 0, isTold);
		expect(cause.needsPace).toBe(expected);
	});
});

describe('The limits of a service', () => {
	const setUp = (declared?: number) => {
		const clock = new VirtualClock();
		const limits = new ServiceLimits(clock, () => 0.5, declared);
		const pass = async (milliseconds: number) => await clock.run(clock.sleep(milliseconds));
		/** Milliseconds until the next submit with nothing else in flight. */
		const wait = () => Math.max(0, limits.earliest(0) - clock.now());
		return { clock, limits, pass, wait };
	};

	test('count a wave of refusals once', () => {
		const { limits } = setUp();
		const tickets = [0, 1, 2].map((inFlight) => limits.sent(inFlight));
		for (const ticket of tickets) limits.refused(ticket, 0);
		expect(limits.refusals).toBe(1);
	});

	test('are used up without a refusal where they are declared, and exceeded only later', () => {
		const { clock, limits } = setUp(24);
		for (let inFlight = 0; inFlight < 24; inFlight++) {
			expect(limits.earliest(inFlight)).toBeLessThanOrEqual(clock.now());
			limits.accepted(limits.sent(inFlight), inFlight + 1);
		}
		expect(limits.isFull(24)).toBe(true);
		expect(limits.earliest(24)).toBeGreaterThan(clock.now() + 1000);
	});

	test.each([
		['the number', 10, undefined, 0],
		['the number, with nothing in flight', 0, undefined, 250],
		['the rate', 5, undefined, 250],
		['the rate, with a time to wait', 5, 7, 7],
	])(
		'after a refusal for %s and the end of a task leave the right pause',
		(_name, active, retryAfter, expected) => {
			const { limits, wait } = setUp();
			if (active > 0) limits.accepted(limits.sent(0), 10);
			limits.refused(limits.sent(0), active, retryAfter);
			limits.taskEnded();
			expect(wait()).toBe(expected);
		},
	);

	test('know no pace before the rate has refused', async () => {
		const { limits, pass, wait } = setUp();
		await pass(1000);
		limits.accepted(limits.sent(0), 1);
		limits.sent(1);
		expect(wait()).toBe(0);
	});

	test.each([
		['a submit sent since', false, 5500],
		['no submit from before', true, 0],
	])('take their pace after a refusal from %s', async (_name, isOld, expected) => {
		const { limits, pass, wait } = setUp();
		limits.accepted(limits.sent(0), 10);
		const old = limits.sent(0);
		limits.refused(limits.sent(0), 5);
		await pass(11_000);
		limits.accepted(isOld ? old : limits.sent(0), 6);
		limits.sent(0);
		expect(wait()).toBe(expected);
		// A refusal that says how long to wait does not slow the pace.
		limits.refused(limits.sent(0), 5, 1);
		limits.sent(0);
		expect(wait()).toBe(Math.max(1, expected));
	});
});
