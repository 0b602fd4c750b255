import { failureOf, prompts, run, runWell, useSimulator, withoutBackOff } from './workflows';

const simulator = useSimulator();

const many = (count: number) =>
	prompts(...Array.from({ length: count }, (_, item) => `item ${item}`));

describe.each(['submit', 'submitAndWait'] as const)("'Max Tasks' of %s", (name) => {
	it('refuses the run before paying when it would submit more', async () => {
		const { message, description } = failureOf(
			await run(name, {
				credentials: simulator.credentials,
				input: many(3),
				parameters: { options: { maxTasks: 2 } },
			}),
		);
		expect(message).toMatch(/3 tasks.*'Max Tasks'.*2/);
		expect(message).toContain('item');
		expect(description).toMatch(/Nothing was submitted/);
		expect(simulator.requests).toEqual([]);
	});

	it.each([3, 4, 0])('of %s lets three items pass', async (maxTasks) => {
		const { items } = await runWell(name, {
			credentials: simulator.credentials,
			input: many(3),
			parameters: { options: { maxTasks } },
		});
		expect(items).toHaveLength(3);
	});

	it('holds with the error output, too: every row fails and nothing is submitted', async () => {
		const { failed, items } = await run('errorOutput', {
			credentials: simulator.credentials,
			input: many(3),
			parameters: { operation: name, options: { maxTasks: 2 } },
		});
		expect(items).toEqual([]);
		expect(failed).toHaveLength(3);
		for (const { error } of failed) expect(error).toContain("'Max Tasks'");
		expect(simulator.requests).toEqual([]);
	});

	it('does not count items that are bad anyway', async () => {
		const { failed, items } = await run('errorOutput', {
			credentials: simulator.credentials,
			input: prompts('one', '', 'three'),
			parameters: { operation: name, options: { maxTasks: 2 } },
		});
		expect([items.length, failed.length]).toEqual([2, 1]);
	});
});

describe("'Max Concurrent Tasks'", () => {
	const slow = useSimulator({ processingMilliseconds: 120 });

	it.each([1, 2])('%s: never more are in flight', async (maxConcurrentTasks) => {
		const { items } = await runWell('submitAndWait', {
			credentials: slow.credentials,
			input: many(5),
			parameters: { options: { maxConcurrentTasks } },
		});
		expect(items).toHaveLength(5);
		for (const task of slow.tasks) {
			const others = slow.tasks.filter(
				({ number, endsAt }) => number < task.number && endsAt > task.acceptedAt,
			);
			expect(others.length).toBeLessThan(maxConcurrentTasks);
		}
	});

	it('more than one run side by side without it', async () => {
		await runWell('submitAndWait', { credentials: slow.credentials, input: many(8) });
		const first = slow.tasks[0]!;
		expect(slow.tasks.filter(({ acceptedAt }) => acceptedAt < first.endsAt).length).toBeGreaterThan(
			1,
		);
	});
});

describe('limits of the account', () => {
	const strict = useSimulator({ processingMilliseconds: 60, maxActiveTasks: 2 });
	const telling = useSimulator({ processingMilliseconds: 60, maxActiveTasks: 2, retryAfter: true });

	it.each([
		['that it does not tell', strict, 6],
		['that it tells', telling, 4],
	])('%s are found out: every item gets its image, paid once', async (_, service, count) => {
		const { items } = await runWell('submitAndWait', {
			credentials: service.credentials,
			input: many(count),
		});
		expect(items.every(({ json }) => json.status === 'succeeded')).toBe(true);
		expect(service.paidPrompts().sort()).toEqual(many(count).map(({ json }) => json.prompt));
	});
});

describe('an empty account', () => {
	withoutBackOff();

	it('ends the run and names what was paid', async () => {
		simulator.balance = 0;
		const { message } = failureOf(
			await run('submitAndWait', { credentials: simulator.credentials, input: many(3) }),
		);
		expect(message).toMatch(/balance of your Novita AI account is empty/);
		expect(simulator.tasks).toEqual([]);
	});
});
