import { Limiter } from '../../nodes/Flux2Flex/timing/limiter';
import { VirtualClock } from '../support/virtual/virtualClock';

/** Runs pieces of work that take these times, and tells the order and the crowd. */
async function runAll(limit: number, durations: number[], failing: number[] = []) {
	const clock = new VirtualClock();
	const limiter = new Limiter(limit);
	const started: number[] = [];
	let now = 0;
	let most = 0;
	const all = durations.map(
		async (duration, index) =>
			await limiter.run(async () => {
				started.push(index);
				most = Math.max(most, ++now);
				await clock.sleep(duration);
				now--;
				if (failing.includes(index)) throw new Error(`number ${index}`);
				return index;
			}),
	);
	const begin = clock.now();
	const results = await clock.run(Promise.allSettled(all));
	return { results, started, most, milliseconds: clock.now() - begin };
}

test.each([1, 2, 3, 20])(
	'At a limit of %i, as many pieces run at a time, no more and no fewer',
	async (limit) => {
		const { most, milliseconds } = await runAll(limit, new Array<number>(20).fill(100));
		expect(most).toBe(limit);
		expect(milliseconds).toBe(Math.ceil(20 / limit) * 100);
	},
);

test('First come, first served', async () => {
	const { started } = await runAll(2, [50, 10, 40, 30, 20, 10]);
	expect(started).toEqual([0, 1, 2, 3, 4, 5]);
});

test('Each piece gets its own result, and a failure lets the next one start', async () => {
	const { results } = await runAll(1, [10, 10, 10], [0, 1]);
	expect(results).toEqual([
		{ status: 'rejected', reason: new Error('number 0') },
		{ status: 'rejected', reason: new Error('number 1') },
		{ status: 'fulfilled', value: 2 },
	]);
});

test('One piece that ends lets one other start', async () => {
	const clock = new VirtualClock();
	const limiter = new Limiter(1);
	let now = 0;
	let most = 0;
	const work = async () => {
		most = Math.max(most, ++now);
		await clock.sleep(10);
		now--;
	};
	const first = limiter.run(work);
	const second = limiter.run(work);
	const third = first.then(async () => await limiter.run(work));
	await clock.run(Promise.all([first, second, third]));
	await clock.run(Promise.all([limiter.run(work), limiter.run(work)]));
	expect(most).toBe(1);
});
