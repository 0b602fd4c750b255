import type { LogEntry } from '../support/harness';
import {
	failureOf,
	fluxNode,
	prompts,
	run,
	runWell,
	useSimulator,
	withoutBackOff,
	type Variant,
} from './workflows';

const simulator = useSimulator();
const permanent = useSimulator({ linkTimeToLiveSeconds: 0 });
const lasting = useSimulator({ linkTimeToLiveSeconds: 30 * 24 * 3600 });
withoutBackOff();

async function hintsOf(variant: Variant, name: 'submitAndWait' | 'submit' = 'submitAndWait') {
	const result = await runWell(name, { credentials: simulator.credentials, ...variant });
	return result.hints(fluxNode);
}

describe('hints on the output panel', () => {
	const noDownload = { parameters: { downloadImage: false } };
	const retry = { node: { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 } };
	const failOnce = () =>
		simulator.faults.add({
			call: 'poll',
			fault: { kind: 'status', status: 403, body: { reason: 'FEATURE_NOT_ALLOWED' } },
		});

	it('tell that tasks were resumed instead of paid again', async () => {
		failOnce();
		const hints = await hintsOf({ ...retry, input: prompts('one', 'two') });
		expect(hints).toEqual([
			expect.objectContaining({
				message: expect.stringMatching(/2 tasks.*paid/) as string,
				location: 'outputPane',
			}),
		]);
	});

	it('tell it after "Retry execution", too', async () => {
		failOnce();
		const first = await run('submitAndWait', { credentials: simulator.credentials });
		const hints = await hintsOf({ retryOf: first });
		expect(hints).toEqual([
			expect.objectContaining({ message: expect.stringMatching(/1 task .*paid/) as string }),
		]);
	});

	it('tell when links expire soon and nothing was downloaded', async () => {
		const hints = await hintsOf(noDownload);
		expect(hints).toEqual([
			expect.objectContaining({
				message: expect.stringMatching(/expire.*\d{4}-\d\d-\d\dT.*'Download Image'/) as string,
				location: 'outputPane',
			}),
		]);
	});

	it('tell nothing when there is nothing to tell', async () => {
		expect(await hintsOf({})).toEqual([]);
		expect(await hintsOf({}, 'submit')).toEqual([]);
	});

	it('tell nothing of links that last', async () => {
		expect(await hintsOf({ ...noDownload, credentials: permanent.credentials })).toEqual([]);
		expect(await hintsOf({ ...noDownload, credentials: lasting.credentials })).toEqual([]);
	});
});

describe("n8n's log", () => {
	const text = (logs: LogEntry[]) => logs.map((entry) => JSON.stringify(entry));

	it('has every submit and every result with its task', async () => {
		const { logs } = await runWell('submitAndWait', {
			credentials: simulator.credentials,
			input: prompts('one', 'two'),
		});
		expect(logs.every(({ level }) => level === 'debug')).toBe(true);
		for (const { id } of simulator.tasks) {
			expect(text(logs).filter((line) => line.includes(id)).length).toBeGreaterThanOrEqual(2);
		}
		expect(text(logs).join('\n')).toMatch(/submit/);
		expect(text(logs).join('\n')).toMatch(/finished.*succeeded/);
	});

	it('has the results that were asked for', async () => {
		const { logs } = await runWell('submitThenGetTaskResult', {
			credentials: simulator.credentials,
		});
		const lines = text(logs).filter((line) => line.includes(simulator.tasks[0]!.id));
		expect(lines).toHaveLength(2);
		expect(lines[1]).toContain('succeeded');
	});

	it('has refusals', async () => {
		simulator.faults.add({
			call: 'submit',
			fault: { kind: 'status', status: 403, body: { reason: 'NOT_ENOUGH_BALANCE' } },
		});
		const result = await run('submit', { credentials: simulator.credentials });
		failureOf(result);
		expect(text(result.logs).join()).toMatch(/refused.*NOT_ENOUGH_BALANCE/);
	});

	it('has retries', async () => {
		const body = { reason: 'SERVICE_NOT_AVAILABLE' };
		simulator.faults.add({ call: 'submit', fault: { kind: 'status', status: 503, body } });
		simulator.faults.add({ call: 'submit', fault: { kind: 'status', status: 429 } });
		simulator.faults.add({ call: 'poll', fault: { kind: 'status', status: 502 } });
		simulator.faults.add({ call: 'download', fault: { kind: 'status', status: 503 } });
		const { logs } = await runWell('submitAndWait', { credentials: simulator.credentials });
		const [all, id] = [text(logs), simulator.tasks[0]!.id];
		expect(all.some((line) => line.includes('SERVICE_NOT_AVAILABLE'))).toBe(true);
		expect(all.some((line) => /refused for now/.test(line))).toBe(true);
		expect(all.some((line) => line.includes('502') && line.includes(id))).toBe(true);
		expect(all.some((line) => /download.*503/.test(line) && line.includes(id))).toBe(true);
	});

	it('has resumed tasks', async () => {
		simulator.faults.add({
			call: 'poll',
			fault: { kind: 'status', status: 403, body: { reason: 'FEATURE_NOT_ALLOWED' } },
		});
		const first = await run('submitAndWait', { credentials: simulator.credentials });
		const { logs } = await runWell('submitAndWait', {
			credentials: simulator.credentials,
			retryOf: first,
		});
		const { id } = simulator.tasks[0]!;
		expect(text(logs).some((line) => /resumed/.test(line) && line.includes(id))).toBe(true);
	});

	it('has submits whose answer was lost', async () => {
		simulator.faults.add({ call: 'submit', fault: { kind: 'resetBeforeReply' } });
		const { logs } = await run('submit', { credentials: simulator.credentials });
		expect(text(logs).join()).toMatch(/unconfirmed/);
	});

	it('has tasks that failed', async () => {
		const { logs } = await run('submitAndWait', {
			credentials: simulator.credentials,
			input: prompts('a heron [fail]'),
		});
		const { id } = simulator.tasks[0]!;
		expect(text(logs).some((line) => /failed/.test(line) && line.includes(id))).toBe(true);
	});
});
