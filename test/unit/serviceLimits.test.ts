import { Ceiling } from '../../nodes/Flux2Flex/submit/ceiling';
import { Pace } from '../../nodes/Flux2Flex/submit/pace';
import { Pause } from '../../nodes/Flux2Flex/submit/pause';
import { RefusalCause } from '../../nodes/Flux2Flex/submit/refusalCause';
import { ServiceLimits } from '../../nodes/Flux2Flex/submit/serviceLimits';
import { VirtualClock } from '../support/virtual/virtualClock';

describe('how many tasks: the ceiling', () => {
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

describe('how fast: the pace', () => {
	test('there is none until one is assumed from what was accepted so far', () => {
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

	test('a refusal makes it slower at once, accepted submits faster in small steps', () => {
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

	test('its pause doubles with each refusal in a row', () => {
		const pace = new Pace(0);
		pace.accepted();
		pace.assume(100);
		const [first = 0, second, third] = [0, 1, 2].map((refusals) => pace.pause(refusals, () => 0.5));
		expect([second, third]).toEqual([2 * first, 4 * first]);
	});
});

describe('until when: the pause', () => {
	test('lasts as long as was guessed, or longer when the service says so', () => {
		const pause = new Pause();
		pause.refused(1000, 500, false);
		expect(pause.until).toBe(1500);
		pause.told(1000, 30_000);
		expect(pause.until).toBe(31_000);
		pause.told(1000, 10);
		expect(pause.until).toBe(31_000);
	});

	test('a guessed one ends with a task, when tasks that end make room; a told one does not', () => {
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
	])('counts refusals, and their time from the first; %s starts anew', (_name, startAnew) => {
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

describe('number or rate: the cause of a refusal', () => {
	test('with as many in flight as were ever taken, it is their number', () => {
		const cause = new RefusalCause();
		cause.accepted(24, true, false);
		expect(cause.isRate(24, 0, false)).toBe(false);
		expect(cause.needsPace).toBe(false);
	});

	test('with fewer, it is the rate, which then needs a pace', () => {
		const cause = new RefusalCause();
		cause.accepted(24, true, false);
		expect(cause.isRate(10, 0, false)).toBe(true);
		expect(cause.needsPace).toBe(true);
	});

	test('where the service says how long to wait, no pace has to be found', () => {
		const cause = new RefusalCause();
		cause.accepted(24, true, false);
		cause.isRate(10, 0, true);
		expect(cause.needsPace).toBe(false);
	});

	test('refused again although it waited as told, it is the number, for good', () => {
		const cause = new RefusalCause();
		cause.accepted(24, true, false);
		cause.isRate(10, 0, true);
		expect(cause.isRate(10, 1, true)).toBe(false);
		cause.accepted(24, true, false);
		expect(cause.isRate(10, 0, true)).toBe(false);
	});
});

describe('all together', () => {
	test('a wave of refusals counts once', () => {
		const clock = new VirtualClock();
		const limits = new ServiceLimits(clock, () => 0.5);
		const tickets = [0, 1, 2].map((inFlight) => limits.sent(inFlight));
		for (const ticket of tickets) limits.refused(ticket, 0);
		expect(limits.refusals).toBe(1);
	});

	test('a declared limit is used up without a refusal, and tried to exceed only later', () => {
		const clock = new VirtualClock();
		const limits = new ServiceLimits(clock, () => 0.5, 24);
		for (let inFlight = 0; inFlight < 24; inFlight++) {
			expect(limits.earliest(inFlight)).toBeLessThanOrEqual(clock.now());
			limits.accepted(limits.sent(inFlight), inFlight + 1);
		}
		expect(limits.isFull(24)).toBe(true);
		expect(limits.earliest(24)).toBeGreaterThan(clock.now() + 1000);
	});
});
