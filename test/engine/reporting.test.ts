import {
	failureOf,
	fluxNode,
	prompts,
	runWell,
	run,
	useSimulator,
	withoutBackOff,
} from './workflows';

const simulator = useSimulator();
withoutBackOff();

const failOnce = () =>
	simulator.faults.add({
		call: 'poll',
		fault: { kind: 'status', status: 403, body: { reason: 'FEATURE_NOT_ALLOWED' } },
	});

describe('The output panel', () => {
	it('has a hint that tasks were resumed instead of paid again', async () => {
		failOnce();
		const { hints } = await runWell('submitAndWait', {
			credentials: simulator.credentials,
			node: { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 },
			input: prompts('one', 'two'),
		});
		expect(hints(fluxNode)).toEqual([
			expect.objectContaining({
				message: expect.stringMatching(/2 tasks.*paid/) as string,
				location: 'outputPane',
			}),
		]);
	});

	it('has a hint that links expire soon where nothing was downloaded, and none otherwise', async () => {
		const hintsOf = async (downloadImage: boolean) => {
			const { credentials } = simulator;
			const { hints } = await runWell('submitAndWait', {
				credentials,
				parameters: { downloadImage },
			});
			return hints(fluxNode);
		};
		expect(await hintsOf(true)).toEqual([]);
		expect(await hintsOf(false)).toEqual([
			expect.objectContaining({
				message: expect.stringMatching(/expire.*\d{4}-\d\d-\d\dT.*'Download Image'/) as string,
				location: 'outputPane',
			}),
		]);
	});
});

it("n8n's log has, with its task, each step of a run that fails and of its retry", async () => {
	failOnce();
	const { credentials } = simulator;
	const first = await run('submitAndWait', { credentials });
	failureOf(first);
	const second = await runWell('submitAndWait', { credentials, retryOf: first });
	const logs = [...first.logs, ...second.logs];
	expect(logs.map(({ level }) => level)).toEqual(logs.map(() => 'debug'));
	const { id } = simulator.tasks[0]!;
	const lines = logs.map((entry) => JSON.stringify(entry)).filter((line) => line.includes(id));
	for (const [index, step] of [/submitted/, /resumed/, /finished.*succeeded/].entries()) {
		expect(lines[index]).toMatch(step);
	}
});
