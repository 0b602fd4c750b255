import { onlyWith } from '../support/harness';
import { useServer } from './serving';
import { prompts, run, useSimulator, withoutBackOff, type Outcome } from './workflows';

// Put together, so that nobody takes it for a real one.
const key = ['sk', 'made', 'up', '0123456789'].join('-');
const simulator = useSimulator({ apiKeys: [key] });
const other = useSimulator({ apiKeys: [key] });
const elsewhere = useServer();
withoutBackOff();

const credentials = () => ({ service: 'novita', apiKey: key, baseUrl: simulator.url });

/** Every text in a value, also where JSON does not look, such as in an error. */
function textsOf(value: unknown, seen = new Set<unknown>()): string[] {
	if (typeof value === 'string') return [value];
	if (typeof value !== 'object' || value === null || seen.has(value)) return [];
	seen.add(value);
	if (Buffer.isBuffer(value)) return [];
	return Object.getOwnPropertyNames(value).flatMap((name) => [
		name,
		...textsOf((value as Record<string, unknown>)[name], seen),
	]);
}

function expectNoKey(result: Outcome) {
	const texts = textsOf([
		result.error,
		result.runExecutionData,
		result.logs,
		result.engineLogs,
		result.hints('Flux 2 Flex'),
	]);
	// A search that finds nothing anywhere proves nothing.
	expect(texts.length).toBeGreaterThan(50);
	expect(texts.filter((text) => text.includes(key))).toEqual([]);
}

/** What a talkative service could say. */
const echo = {
	code: 400,
	reason: `KEY_${key}`,
	message: `got "Authorization: Bearer ${key}"`,
	metadata: { key },
};

const echoes = [400, 401, 403, 404, 429, 500, 503].map((status) => ({
	kind: 'status' as const,
	status,
	body: echo,
}));

describe('the key is not shown', () => {
	it('when all goes well', async () => {
		const result = await run('submitAndWait', { credentials: credentials() });
		expect(result.status).toBe('success');
		expectNoKey(result);
	});

	it.each(['submit', 'submitAndWait', 'getTaskResult'] as const)(
		'when it is refused: %s',
		async (name) => {
			const { url } = simulator;
			const apiKey = `${key}-but-wrong`;
			const result = await run(name, { credentials: { service: 'novita', apiKey, baseUrl: url } });
			expect(result.status).toBe('error');
			expectNoKey(result);
		},
	);

	it.each(echoes)('when the service repeats it on a submit: $status', async (fault) => {
		simulator.faults.add({ call: 'submit', times: 99, fault });
		for (const name of ['submit', 'errorOutput'] as const) {
			expectNoKey(await run(name, { credentials: credentials() }));
		}
	});

	it.each(echoes)('when the service repeats it about a task: $status', async (fault) => {
		simulator.faults.add({ call: 'poll', times: 5, fault });
		expectNoKey(await run('getTaskResult', { credentials: credentials() }));
	});

	it('when the service repeats it in a result', async () => {
		simulator.faults.add({
			call: 'poll',
			times: 99,
			fault: {
				kind: 'patch',
				patch: (answer) => ({
					...answer,
					[key]: key,
					task: { ...(answer.task as object), status: 'TASK_STATUS_FAILED', reason: key },
				}),
			},
		});
		for (const name of ['submitAndWait', 'submitThenGetTaskResult'] as const) {
			expectNoKey(await run(name, { credentials: credentials(), parameters: { simplify: false } }));
		}
	});

	it.each<[string, object]>([
		['nobody listens', { baseUrl: 'http://127.0.0.1:1' }],
		['the address has a key in it', { baseUrl: `https://user:${key}@example.com/` }],
		['the address has a key in its query', { baseUrl: `https://example.com/?key=${key}` }],
		['the key cannot be a header', { apiKey: `${key}\u0000\n${key}` }],
	])('when %s', async (_, change) => {
		const result = await run('submit', { credentials: { ...credentials(), ...change } });
		expect(result.status).toBe('error');
		expectNoKey(result);
	});

	it('when an answer is lost', async () => {
		simulator.faults.add({ call: 'submit', fault: { kind: 'resetBeforeReply' } });
		expectNoKey(await run('submit', { credentials: credentials() }));
	});

	it('when a page that repeats it comes in place of an answer', async () => {
		elsewhere.listener = (request, response) =>
			response
				.writeHead(200, { 'content-type': 'text/html' })
				.end(`<html>${request.headers.authorization}</html>`);
		for (const name of ['submit', 'getTaskResult'] as const) {
			expectNoKey(
				await run(name, {
					credentials: { service: 'novita', apiKey: key, baseUrl: elsewhere.url },
				}),
			);
		}
	});

	onlyWith('ssrfProtection', () => {
		it('when n8n blocks the address', async () => {
			expectNoKey(await run('submit', { credentials: credentials(), ssrfProtection: true }));
		});
	});
});

describe('the key goes to the service and nowhere else', () => {
	it('not to the host of an image', async () => {
		await run('submitAndWait', { credentials: credentials(), input: prompts('one', 'two') });
		const downloads = simulator.requests.filter(({ call }) => call === 'download');
		expect(downloads).toHaveLength(2);
		for (const { headers } of downloads) {
			expect(headers).not.toHaveProperty('authorization');
			expect(JSON.stringify(headers)).not.toContain(key);
		}
	});

	it('not to where the host of an image redirects', async () => {
		const heard: unknown[] = [];
		elsewhere.listener = (request, response) => {
			heard.push(request.headers);
			response.writeHead(404).end();
		};
		simulator.faults.add({
			call: 'download',
			times: 99,
			fault: { kind: 'redirect', location: `${elsewhere.url}/image.png` },
		});
		await run('submitAndWait', { credentials: credentials() });
		expect(heard.length).toBeGreaterThan(0);
		expect(JSON.stringify(heard)).not.toContain(key);
	});

	it.each([301, 302, 303, 307, 308])('not along a redirect of a submit: %s', async (status) => {
		simulator.faults.add({
			call: 'submit',
			times: 9,
			fault: { kind: 'redirect', status, location: `${other.url}/v3/async/flux-2-flex` },
		});
		const result = await run('submit', { credentials: credentials() });
		expect(result.status).toBe('error');
		expect(other.requests).toEqual([]);
		expect(other.tasks).toEqual([]);
	});

	it.each([301, 302, 307, 308])('not along a redirect of a question: %s', async (status) => {
		simulator.faults.add({
			call: 'poll',
			times: 9,
			fault: { kind: 'redirect', status, location: `${other.url}/v3/async/task-result` },
		});
		await run('getTaskResult', { credentials: credentials() });
		expect(other.requests).toEqual([]);
	});

	it('not to the account of another item', async () => {
		await run('submit', {
			credentials: { service: 'novita', apiKey: '={{ $json.key }}', baseUrl: '={{ $json.url }}' },
			input: [
				{ json: { prompt: 'one', key, url: simulator.url } },
				{ json: { prompt: 'two', key: 'another-key', url: other.url } },
			],
		});
		const sentTo = ({ requests }: typeof other) =>
			requests.map(({ headers }) => headers.authorization);
		expect(sentTo(simulator)).toEqual([`Bearer ${key}`]);
		expect(sentTo(other)).toEqual(['Bearer another-key']);
	});
});
