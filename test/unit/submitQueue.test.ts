import {
	MAX_REFUSALS_IN_A_ROW,
	MAX_UNANSWERED,
	SubmitQueue,
	type TaskSlot,
} from '../../nodes/Flux2Flex/submit/submitQueue';
import type { SubmitVerdict } from '../../nodes/Flux2Flex/run/retryRules';
import { StopSignal } from '../../nodes/Flux2Flex/timing/stopSignal';
import { VirtualClock } from '../support/virtual/virtualClock';

const acceptedVerdict: SubmitVerdict = {
	kind: 'accepted',
	receipt: { taskId: 'abc', charges: {} },
	acceptedAt: 0,
};
const busyVerdict = (retryAfter?: number): SubmitVerdict => ({
	kind: 'busy',
	cause: { kind: 'rateLimit', status: 429, mayHaveCreatedTask: false },
	retryAfter,
});

/** A clock on which a millisecond passes between two readings: those before and after the given number. */
class ClockThatMovesOn extends VirtualClock {
	constructor(private readingsLeft: number) {
		super();
	}

	override now(): number {
		return super.now() + (this.readingsLeft-- > 0 ? 0 : 1);
	}
}

/** A submit that is under way: a test says how it goes, and when its task ends. */
interface Submit {
	answer: (verdict: SubmitVerdict) => void;
	slot?: TaskSlot;
}

function setUp(
	maxInFlight = 1000,
	{
		seesTasksEnd = true,
		maxActiveTasks = undefined as number | undefined,
		clock = new VirtualClock(),
	} = {},
) {
	const signal = new StopSignal();
	const queue = new SubmitQueue(
		{ clock, random: () => 0.5, haltSignal: signal },
		{ maxInFlight, seesTasksEnd, maxActiveTasks },
	);
	/** Who had their turn, in order. */
	const admitted: string[] = [];
	const submits = new Map<string, Submit>();
	const enter = async (name: string, isRepeated = false, patience = Infinity) => {
		const sent = await queue.send({ isRepeated, patience }, async () => {
			admitted.push(name);
			return await new Promise<SubmitVerdict>((answer) => submits.set(name, { answer }));
		});
		const submit = submits.get(name);
		if (sent.kind === 'accepted' && submit) submit.slot = sent.slot;
		return sent;
	};
	const answer = async (name: string, verdict: SubmitVerdict) => {
		submits.get(name)?.answer(verdict);
		await settle();
	};
	const accept = async (name: string) => await answer(name, acceptedVerdict);
	const refuse = async (name: string, retryAfter?: number) =>
		await answer(name, busyVerdict(retryAfter));
	const isAccepted = (name: string) => submits.get(name)?.slot !== undefined;
	const end = (name: string) => (submits.get(name)?.slot as TaskSlot).end();
	/** Lets everything happen that needs no time. */
	const settle = async () => await new Promise((resolve) => setImmediate(resolve));
	/** Lets that much time pass. */
	const pass = async (milliseconds: number) => await clock.run(clock.sleep(milliseconds));
	return {
		...{ clock, signal, queue, admitted, enter, answer, accept, refuse, isAccepted, end },
		...{ settle, pass },
	};
}

describe('The queue of submits', () => {
	test.each([1, 2, 5])('lets %i be in flight, in the order they came', async (limit) => {
		const { admitted, enter, accept, isAccepted, end, settle } = setUp(limit);
		const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
		for (const name of names) void enter(name);
		for (let count = limit; count <= names.length; count++) {
			await settle();
			expect(admitted).toEqual(names.slice(0, count));
			for (const name of admitted.slice(count - limit)) {
				if (!isAccepted(name)) await accept(name);
			}
			await settle();
			expect(admitted).toEqual(names.slice(0, count));
			end(names[count - limit] ?? '');
		}
	});

	test('frees the slot of a submit that came to nothing', async () => {
		const { admitted, enter, answer, settle } = setUp(1);
		void enter('a');
		void enter('b');
		await settle();
		await answer('a', { kind: 'unconfirmed', cause: 'ECONNRESET' });
		expect(admitted).toEqual(['a', 'b']);
	});

	test('frees the slot of a submit that throws', async () => {
		const { queue, admitted, enter, settle } = setUp(1);
		const failing = queue.send({ isRepeated: false, patience: 0 }, async () => {
			throw new Error('no');
		});
		void enter('b');
		await expect(failing).rejects.toThrow('no');
		await settle();
		expect(admitted).toEqual(['b']);
	});

	test('frees one slot for a task that ends twice', async () => {
		const { admitted, enter, accept, end, settle } = setUp(1);
		for (const name of ['a', 'b', 'c']) void enter(name);
		await settle();
		await accept('a');
		end('a');
		end('a');
		await settle();
		expect(admitted).toEqual(['a', 'b']);
	});

	test('keeps a slot for a task of an earlier try', async () => {
		const { queue, admitted, enter, settle } = setUp(2);
		const adopted = [queue.adopt(), queue.adopt()];
		void enter('a');
		await settle();
		expect(admitted).toEqual([]);
		adopted[0]?.end();
		await settle();
		expect(admitted).toEqual(['a']);
	});

	test('sends refused submits before all that were never tried, and in their order', async () => {
		const { admitted, enter, accept, refuse, isAccepted, end, settle, pass } = setUp(2);
		for (const name of ['a', 'b', 'c', 'd']) void enter(name);
		await settle();
		expect(admitted).toEqual(['a', 'b']);
		await refuse('a', 1000);
		void enter('a again', true);
		await refuse('b', 1000);
		void enter('b again', true);
		for (let step = 0; step < 200 && admitted.length < 6; step++) {
			await pass(500);
			for (const name of admitted.slice(2)) {
				if (isAccepted(name)) continue;
				await accept(name);
				end(name);
			}
		}
		expect(admitted).toEqual(['a', 'b', 'a again', 'b again', 'c', 'd']);
	});

	test('waits for answers, so that a first refusal does not come a hundredfold', async () => {
		const { admitted, enter, settle } = setUp(1000);
		for (let count = 0; count < 100; count++) void enter(String(count));
		await settle();
		expect(admitted).toHaveLength(MAX_UNANSWERED);
	});
});

describe('A service that stays busy', () => {
	test.each([
		[1000, 'busy'],
		[1001, 'refused'],
	])('and says to wait %i ms leaves a submit with a second of patience %s', async (pause, kind) => {
		const { enter, refuse, settle } = setUp();
		const sent = enter('a', false, 1000);
		await settle();
		await refuse('a', pause);
		expect((await sent).kind).toBe(kind);
	});

	test('has refused after so many refusals in a row', async () => {
		const { clock, queue } = setUp();
		const kinds: string[] = [];
		while (kinds.at(-1) !== 'refused') {
			const turn = { isRepeated: true, patience: Infinity };
			const sent = await clock.run(queue.send(turn, async () => busyVerdict()));
			kinds.push(sent.kind);
		}
		expect(kinds).toHaveLength(MAX_REFUSALS_IN_A_ROW + 1);
	});

	test.each([
		[true, ['a', 'b', 'b again']],
		[false, ['a', 'b']],
	])(
		'is asked again at the end of a task, if the run sees ends (%p)',
		async (seesTasksEnd, expected) => {
			const { admitted, enter, accept, refuse, end, settle } = setUp(1000, { seesTasksEnd });
			void enter('a');
			void enter('b');
			await settle();
			await accept('a');
			await refuse('b');
			void enter('b again', true);
			end('a');
			await settle();
			expect(admitted).toEqual(expected);
		},
	);
});

describe('Retry-After in the queue', () => {
	test('lets nothing be sent before it has passed', async () => {
		const { admitted, enter, refuse, pass, settle } = setUp();
		void enter('a');
		await settle();
		await refuse('a', 30_000);
		void enter('a again', true);
		void enter('b');
		await pass(29_999);
		expect(admitted).toEqual(['a']);
		await pass(1);
		expect(admitted).toEqual(expect.arrayContaining(['a again']));
	});

	test('is kept even when a task ends meanwhile, or another submit is accepted', async () => {
		const { admitted, enter, accept, refuse, end, pass, settle } = setUp();
		for (const name of ['a', 'b', 'c']) void enter(name);
		await settle();
		await accept('a');
		await refuse('b', 30_000);
		void enter('b again', true);
		await accept('c');
		await pass(1000);
		end('a');
		await pass(1000);
		end('c');
		await pass(27_999);
		expect(admitted).toEqual(['a', 'b', 'c']);
		await pass(1);
		expect(admitted).toContain('b again');
	});

	test.each<[string, number | undefined, number]>([
		['a longer one', 1000, 30_000],
		['one after a refusal without', undefined, 30_000],
		['a shorter one', 30_000, 1000],
	])('counts until its end within a wave, also for %s', async (_name, first, second) => {
		const { admitted, enter, refuse, pass, settle } = setUp();
		void enter('a');
		void enter('b');
		await settle();
		await refuse('a', first);
		void enter('a again', true);
		await pass(5);
		await refuse('b', second);
		void enter('b again', true);
		const until = Math.max(first ?? 0, second + 5);
		await pass(until - 6);
		expect(admitted).toEqual(['a', 'b']);
		await pass(60_000);
		expect(admitted).toContain('a again');
	});

	test.each<[string, SubmitVerdict]>([
		['is kept too', acceptedVerdict],
		['is not shortened by another refusal', busyVerdict()],
		['is not shortened by a shorter one', busyVerdict(1000)],
	])('of a submit that was sent before the last pause %s', async (_name, verdict) => {
		const { admitted, enter, answer, accept, refuse, end, pass, settle } = setUp();
		const names = ['taken', 'taken too', 'a', 'slow'];
		for (const name of names) void enter(name);
		await settle();
		await accept('taken');
		await accept('taken too');
		await refuse('a', 1000);
		void enter('a again', true);
		end('taken');
		end('taken too');
		await pass(1000);
		expect(admitted).toEqual([...names, 'a again']);
		await refuse('slow', 30_000);
		void enter('slow again', true);
		await answer('a again', verdict);
		void enter('b');
		await pass(29_999);
		expect(admitted).toEqual([...names, 'a again']);
	});
});

test('The queue misses no moment that passes while it looks at the clock', async () => {
	for (let readings = 0; readings < 60; readings++) {
		const { clock, admitted, enter, refuse, settle } = setUp(1000, {
			clock: new ClockThatMovesOn(readings),
		});
		void enter('a');
		void enter('b');
		await settle();
		await refuse('a', 1000);
		void enter('a again', true);
		// Asks for its second a moment later than the wake-up that the first one set.
		await clock.run(clock.sleep(1));
		await refuse('b', 1000);
		await clock.run(clock.sleep(60_000));
		expect([readings, ...admitted]).toEqual([readings, 'a', 'b', 'a again']);
	}
});

describe('A stop of the run', () => {
	test('lets everybody go on at once, whatever they wait for', async () => {
		const { signal, admitted, enter, accept, refuse, settle } = setUp(5);
		for (let count = 0; count < 50; count++) void enter(String(count));
		await settle();
		await accept('0');
		await refuse('1', 3_600_000);
		void enter('1 again', true);
		await settle();
		expect(admitted).toHaveLength(5);
		signal.stop();
		await settle();
		expect(admitted).toHaveLength(51);
	});

	test('lets those go on who wait for nothing but a place', async () => {
		const { signal, admitted, enter, accept, settle } = setUp(2);
		for (const name of ['a', 'b', 'c', 'd']) void enter(name);
		await settle();
		for (const name of admitted) await accept(name);
		signal.stop();
		await settle();
		expect(admitted).toEqual(['a', 'b', 'c', 'd']);
	});

	test('lets those go on at once who come later', async () => {
		const { signal, admitted, enter, settle } = setUp(1);
		signal.stop();
		for (const name of ['a', 'b', 'c']) void enter(name);
		await settle();
		expect(admitted).toEqual(['a', 'b', 'c']);
	});

	test('leaves no timer behind', async () => {
		const { clock, signal, enter, refuse, settle } = setUp();
		void enter('a');
		await settle();
		await refuse('a', 3_600_000);
		void enter('a again', true);
		const before = clock.now();
		signal.stop();
		await expect(clock.run(new Promise(() => {}))).rejects.toThrow('Nothing is left');
		expect(clock.now()).toBe(before);
	});
});

interface Limits {
	active?: number;
	perSecond?: number;
	retryAfter?: number;
}

/** Plays a service with limits to the queue: tasks of that duration, one after the other. */
async function play(taskCount: number, duration: number, limits: Limits) {
	const { clock, queue } = setUp();
	const started = clock.now();
	const accepted: number[] = [];
	let active = 0;
	let mostActive = 0;
	let refusals = 0;
	const isRefused = () => {
		const recent = accepted.filter((time) => time > clock.now() - 1000).length;
		return active >= (limits.active ?? Infinity) || recent >= (limits.perSecond ?? Infinity);
	};
	const all = Array.from({ length: taskCount }, async () => {
		for (let isAgain = false; ; isAgain = true) {
			const sent = await queue.send({ isRepeated: isAgain, patience: Infinity }, async () => {
				await clock.sleep(10);
				const verdict = isRefused() ? busyVerdict(limits.retryAfter) : acceptedVerdict;
				if (verdict.kind === 'accepted') {
					accepted.push(clock.now());
					mostActive = Math.max(mostActive, ++active);
				} else {
					refusals++;
				}
				await clock.sleep(10);
				return verdict;
			});
			if (sent.kind !== 'accepted') continue;
			await clock.sleep(duration);
			active--;
			sent.slot.end();
			return;
		}
	});
	await clock.run(Promise.all(all));
	return { accepted, mostActive, refusals, milliseconds: clock.now() - started };
}

describe('The queue of submits, which no service tells its limits,', () => {
	test('uses up 24 active tasks, with few refusals', async () => {
		const result = await play(240, 4000, { active: 24 });
		expect(result.mostActive).toBe(24);
		expect(result.milliseconds).toBeLessThan(10 * 4000 * 1.25);
		expect(result.refusals).toBeLessThan(120);
	});

	test('gets everything through one active task', async () => {
		const result = await play(20, 2000, { active: 1 });
		expect(result.accepted).toHaveLength(20);
		expect(result.milliseconds).toBeLessThan(20 * 2000 * 1.25);
	});

	test('seldom asks in vain where 24 active tasks take long', async () => {
		const result = await play(30, 600_000, { active: 24 });
		expect(result.accepted).toHaveLength(30);
		expect(result.refusals).toBeLessThan(60);
		expect(result.milliseconds).toBeLessThan(2 * 600_000 + 60_000);
	});

	test('comes close to 10 submits a second, with few refusals', async () => {
		const result = await play(150, 2000, { perSecond: 10 });
		expect(result.milliseconds).toBeLessThan(15_000 * 1.25 + 2000);
		expect(result.refusals).toBeLessThan(150);
	});

	test('gets everything through both limits, with and without Retry-After', async () => {
		for (const retryAfter of [undefined, 1000, 0]) {
			const limits = { active: 5, perSecond: 3, retryAfter };
			expect((await play(40, 1500, limits)).accepted).toHaveLength(40);
		}
	});
});
