import { realClock, within } from '../../nodes/Flux2Flex/timing/clock';
import { StopSignal } from '../../nodes/Flux2Flex/timing/stopSignal';
import { VirtualClock } from '../support/virtual/virtualClock';

const never = new Promise<string>(() => {});

describe('Work within a time', () => {
	const setUp = () => {
		const clock = new VirtualClock();
		return { clock, signal: new StopSignal(), started: clock.now() };
	};

	test('gives the value of the work as soon as it is there', async () => {
		const { clock, signal, started } = setUp();
		const work = clock.sleep(100).then(() => 'done');
		expect(await clock.run(within(clock, 60_000, signal, work))).toBe('done');
		expect(clock.now() - started).toBe(100);
	});

	test('gives up when the time is over', async () => {
		const { clock, signal, started } = setUp();
		expect(await clock.run(within(clock, 60_000, signal, never))).toBeUndefined();
		expect(clock.now() - started).toBe(60_000);
	});

	test('gives up at once when the signal stops', async () => {
		const { clock, signal, started } = setUp();
		const waiting = within(clock, 60_000, signal, never);
		void clock.sleep(10).then(() => signal.stop());
		expect(await clock.run(waiting)).toBeUndefined();
		expect(clock.now() - started).toBe(10);
	});

	test('gives up at once when the signal has stopped before', async () => {
		const { clock, signal, started } = setUp();
		signal.stop();
		expect(await clock.run(within(clock, 60_000, signal, never))).toBeUndefined();
		expect(clock.now() - started).toBe(0);
	});

	test.each([0, -1])('gives up at once without any time (%p)', async (milliseconds) => {
		const { clock, signal, started } = setUp();
		expect(await clock.run(within(clock, milliseconds, signal, never))).toBeUndefined();
		expect(clock.now()).toBe(started);
	});

	test('fails as the work fails', async () => {
		const { clock, signal } = setUp();
		const work = clock.sleep(1).then(() => {
			throw new Error('broken');
		});
		await expect(clock.run(within(clock, 60_000, signal, work))).rejects.toThrow('broken');
	});

	test('leaves neither a timer nor a listener behind', async () => {
		const { clock, started } = setUp();
		let listeners = 0;
		const signal = new (class extends StopSignal {
			override onStop(listener: () => void): () => void {
				listeners++;
				const unsubscribe = super.onStop(listener);
				return () => {
					listeners--;
					return unsubscribe();
				};
			}
		})();
		await clock.run(within(clock, 60_000, signal, Promise.resolve('done')));
		await expect(clock.run(never)).rejects.toThrow('Nothing is left');
		expect(clock.now()).toBe(started);
		expect(listeners).toBe(0);
	});

	test('disturbs nobody with a failure that comes too late', async () => {
		const { clock, signal } = setUp();
		const unhandled = jest.fn();
		process.once('unhandledRejection', unhandled);
		const work = clock.sleep(20).then(() => {
			throw new Error('too late');
		});
		expect(await clock.run(within(clock, 10, signal, work))).toBeUndefined();
		await clock.run(clock.sleep(20));
		await new Promise((resolve) => setImmediate(resolve));
		process.removeListener('unhandledRejection', unhandled);
		expect(unhandled).not.toHaveBeenCalled();
	});
});

describe('The real clock', () => {
	test('tells the time', () => {
		expect(Math.abs(realClock.now() - Date.now())).toBeLessThan(1000);
	});

	test('sleeps as long as it was told', async () => {
		const started = Date.now();
		await realClock.sleep(25, new StopSignal());
		expect(Date.now() - started).toBeGreaterThanOrEqual(24);
	});

	test('ends a long sleep at once with a stop', async () => {
		const signal = new StopSignal();
		const started = Date.now();
		const sleeping = realClock.sleep(3_600_000, signal);
		setTimeout(() => signal.stop(), 5);
		await sleeping;
		expect(Date.now() - started).toBeLessThan(200);
	});

	test.each([0, -1, NaN, -Infinity])('does not sleep for %p milliseconds', async (milliseconds) => {
		const started = Date.now();
		await realClock.sleep(milliseconds, new StopSignal());
		expect(Date.now() - started).toBeLessThan(100);
	});

	test('lets nobody sleep after the stop', async () => {
		const signal = new StopSignal();
		signal.stop();
		const started = Date.now();
		await realClock.sleep(3_600_000, signal);
		expect(Date.now() - started).toBeLessThan(100);
	});

	test('sleeps until the end also when that takes more than a single timer', async () => {
		jest.useFakeTimers();
		try {
			let isOver = false;
			void realClock.sleep(3500, new StopSignal()).then(() => (isOver = true));
			await jest.advanceTimersByTimeAsync(3499);
			expect(isOver).toBe(false);
			await jest.advanceTimersByTimeAsync(1);
			expect(isOver).toBe(true);
			expect(jest.getTimerCount()).toBe(0);
		} finally {
			jest.useRealTimers();
		}
	});

	test('leaves at most one timer of a second behind after a stop', async () => {
		jest.useFakeTimers();
		try {
			const signal = new StopSignal();
			void realClock.sleep(3_600_000, signal);
			await jest.advanceTimersByTimeAsync(10_500);
			signal.stop();
			await jest.advanceTimersByTimeAsync(1000);
			expect(jest.getTimerCount()).toBe(0);
		} finally {
			jest.useRealTimers();
		}
	});
});
