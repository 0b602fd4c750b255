import nock from 'nock';

import { onlyWith } from '../support/harness';
import type { Fault } from '../support/simulator';
import {
	failureOf,
	prompts,
	run,
	runWell,
	useSimulator,
	withoutBackOff,
	type Variant,
} from './workflows';

const simulator = useSimulator();
withoutBackOff();

const refusal = (status: number, reason?: string): Fault => ({
	kind: 'status',
	status,
	body: reason === undefined ? undefined : { code: status, reason, message: 'no', metadata: {} },
});

const variant = (more: Variant = {}): Variant => ({
	credentials: simulator.credentials,
	...more,
});

const retryOnFail = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };

describe.each(['submit', 'submitAndWait'] as const)('%s', (name) => {
	describe('sends a submit again that surely made no task', () => {
		it.each([
			['429', refusal(429, 'RATE_LIMIT_EXCEEDED')],
			['429 without an envelope', refusal(429)],
			['500 CREATE_TASK_FAILED', refusal(500, 'CREATE_TASK_FAILED')],
			['503 SERVICE_NOT_AVAILABLE', refusal(503, 'SERVICE_NOT_AVAILABLE')],
		])('%s', async (_, fault) => {
			simulator.faults.add({ call: 'submit', times: 2, fault });
			const { json } = await runWell(name, variant());
			expect(simulator.count('submit')).toBe(3);
			expect(simulator.tasks).toHaveLength(1);
			expect(json).toMatchObject([{ task_id: simulator.tasks[0]?.id }]);
		});

		it('429 for each of several items', async () => {
			simulator.faults.add({ call: 'submit', times: 4, fault: refusal(429) });
			const { json } = await runWell(name, variant({ input: prompts('one', 'two', 'three') }));
			expect(simulator.paidPrompts().sort()).toEqual(['one', 'three', 'two']);
			expect(json).toHaveLength(3);
		});

		it('but not for ever', async () => {
			simulator.faults.add({
				call: 'submit',
				times: 999,
				fault: refusal(503, 'SERVICE_NOT_AVAILABLE'),
			});
			failureOf(await run(name, variant()));
			expect(simulator.count('submit')).toBeGreaterThan(1);
			expect(simulator.count('submit')).toBeLessThan(20);
			expect(simulator.tasks).toEqual([]);
		});
	});

	describe('does not send again what may have made a task', () => {
		const ambiguous: Array<[string, Fault]> = [
			['500', refusal(500)],
			['502', refusal(502)],
			['503 without a reason', refusal(503)],
			['504', refusal(504)],
			['500 TASK_FAILED', refusal(500, 'TASK_FAILED')],
			['500 BILLING_FAILED', refusal(500, 'BILLING_FAILED')],
			['408', refusal(408)],
			['a reset before the answer', { kind: 'resetBeforeReply' }],
			['a reset that made no task, which nobody can tell', { kind: 'resetBeforeAccept' }],
			['half an answer', { kind: 'truncate' }],
			['an empty answer', { kind: 'empty' }],
			['a web page', { kind: 'html' }],
			['an answer without a task id', { kind: 'json', body: { task_id: '' } }],
			['an answer of null', { kind: 'json', body: null }],
			['an answer without end', { kind: 'huge', bytes: 8_000_000 }],
		];

		it.each(ambiguous)('%s, not in the tries after it either', async (_, fault) => {
			simulator.faults.add({ call: 'submit', fault });
			const { message, description, itemIndex } = failureOf(
				await run(name, variant({ node: retryOnFail })),
			);
			expect(simulator.count('submit')).toBe(1);
			expect(message).toMatch(/may exist at Novita AI and be billed.*item 0/);
			expect(description).toContain("'Resubmit Unconfirmed'");
			expect(itemIndex).toBe(0);
		});

		it('not by "Retry execution" either', async () => {
			simulator.faults.add({ call: 'submit', fault: { kind: 'resetBeforeReply' } });
			const first = await run(name, variant());
			const second = await run(name, variant({ retryOf: first }));
			expect(failureOf(second).message).toContain('may exist');
			expect(simulator.count('submit')).toBe(1);

			await runWell(
				name,
				variant({
					retryOf: second,
					parameters: { options: { resubmitUnconfirmed: true } },
				}),
			);
			expect(simulator.count('submit')).toBe(2);
		});

		it('unless that is asked for', async () => {
			simulator.faults.add({ call: 'submit', fault: { kind: 'resetBeforeReply' } });
			const { json } = await runWell(
				name,
				variant({ parameters: { options: { resubmitUnconfirmed: true } } }),
			);
			expect(simulator.tasks).toHaveLength(2);
			expect(json).toMatchObject([{ task_id: simulator.tasks[1]?.id }]);
		});

		it('while the others go on', async () => {
			simulator.faults.add({ call: 'submit', fault: { kind: 'resetBeforeReply' } });
			const { message, description } = failureOf(
				await run(name, variant({ input: prompts('one', 'two'), node: retryOnFail })),
			);
			expect(message).toContain('item 0');
			expect(simulator.paidPrompts().sort()).toEqual(['one', 'two']);
			const other = simulator.tasks.find(({ prompt }) => prompt === 'two');
			expect(description).toContain(other?.id);
		});

		it('but an edited prompt is a new request', async () => {
			simulator.faults.add({ call: 'submit', fault: { kind: 'resetBeforeReply' } });
			const first = await run(name, variant());
			await runWell(name, variant({ retryOf: first, parameters: { prompt: 'another one' } }));
			expect(simulator.count('submit')).toBe(2);
		});
	});

	it.each([
		refusal(400, 'INVALID_REQUEST_BODY'),
		refusal(401, 'FAILED_TO_AUTH'),
		refusal(403, 'NOT_ENOUGH_BALANCE'),
		refusal(404, 'API_NOT_FOUND'),
		{ kind: 'redirect', location: 'http://127.0.0.1:9/', status: 307 } as const,
	])('does not send again what was refused: %j', async (fault) => {
		simulator.faults.add({ call: 'submit', fault });
		failureOf(await run(name, variant()));
		expect(simulator.count('submit')).toBe(1);
		expect(simulator.tasks).toEqual([]);
	});
});

describe('what never left', () => {
	afterEach(() => nock.cleanAll());
	afterAll(() => nock.restore());

	it.each(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'])('is sent again: %s', async (code) => {
		const submits = nock('https://api.novita.ai');
		submits
			.post('/v3/async/flux-2-flex')
			.twice()
			.replyWithError(Object.assign(new Error('no way'), { code }));
		submits.post('/v3/async/flux-2-flex').reply(200, { task_id: 'task-1' });
		const { json } = await runWell('submit', {
			credentials: { service: 'novita', apiKey: 'recorded-key' },
		});
		expect(json).toEqual([{ task_id: 'task-1' }]);
		expect(nock.pendingMocks()).toEqual([]);
	});

	it.each(['ECONNRESET', 'ETIMEDOUT', 'ECONNABORTED', 'EPIPE'])(
		'is not what broke off on the way: %s',
		async (code) => {
			const error = Object.assign(new Error('no way'), { code });
			const submit = nock('https://api.novita.ai').post('/v3/async/flux-2-flex');
			submit.replyWithError(error);
			const { message } = failureOf(
				await run('submit', { credentials: { service: 'novita', apiKey: 'recorded-key' } }),
			);
			expect(message).toContain('may exist');
		},
	);

	it('and nobody listens', async () => {
		const { message, description } = failureOf(
			await run('submit', {
				credentials: { service: 'novita', apiKey: 'any', baseUrl: 'http://127.0.0.1:1' },
			}),
		);
		expect(message).toMatch(/could not be reached at http:\/\/127\.0\.0\.1:1.*item 0/);
		expect(description).toMatch(/Nothing was sent/);
	});

	onlyWith('ssrfProtection', () => {
		it("because of n8n's protection against requests to its own network", async () => {
			const result = await run('submit', {
				credentials: simulator.credentials,
				ssrfProtection: true,
			});
			const { message } = failureOf(result);
			expect(message).toContain('could not be reached');
			expect(simulator.requests).toEqual([]);
		});
	});
});

describe('asking for an accepted task', () => {
	it.each([
		['429', refusal(429)],
		['500', refusal(500, 'GET_RESULT_FAILED')],
		['502', refusal(502)],
		['a reset connection', { kind: 'resetBeforeReply' } as const],
		['half an answer', { kind: 'truncate' } as const],
		['a web page', { kind: 'html' } as const],
		['nonsense', { kind: 'json', body: { task: 7 } } as const],
	])('goes on after %s', async (_, fault) => {
		simulator.faults.add({ call: 'poll', times: 8, fault });
		const { json } = await runWell('submitAndWait', variant());
		expect(json).toMatchObject([{ status: 'succeeded' }]);
		expect(simulator.tasks).toHaveLength(1);
		expect(simulator.count('poll')).toBe(9);
	});
});
