import { onlyWith } from '../support/harness';
import { textsIn, textsWith } from './faults/secrets';
import { useServer } from './serving';
import {
	fluxNode,
	prompts,
	run,
	useSimulator,
	withoutBackOff,
	type Outcome,
	type Variant,
	type WorkflowName,
} from './workflows';

// On every n8n; what else could spread the key is in `faults/`, on one of them.

// Put together, so that nobody takes it for a real one.
const key = ['sk', 'made', 'up', '0123456789'].join('-');
const simulator = useSimulator({ apiKeys: [key] });
const other = useSimulator({ apiKeys: ['another-key'] });
const elsewhere = useServer();
withoutBackOff();

const credentials = () => ({ service: 'novita', apiKey: key, baseUrl: simulator.url });

const operations = ['submit', 'submitAndWait', 'getTaskResult'] as const;

function expectNoKey(result: Outcome) {
	const shown = [
		result.error,
		result.runExecutionData,
		result.logs,
		result.engineLogs,
		result.hints(fluxNode),
	];
	// A search that finds nothing anywhere proves nothing.
	expect(textsIn(shown).length).toBeGreaterThan(50);
	expect(textsWith(key, shown)).toEqual([]);
}

/** What a talkative service could say. */
const echo = {
	code: 400,
	reason: `KEY_${key}`,
	message: `got "Authorization: Bearer ${key}"`,
	metadata: { key },
};

describe('The key is not shown', () => {
	it.each<[string, WorkflowName[], Variant['credentials']]>([
		['all goes well', ['submitAndWait', 'submitThenGetTaskResult'], {}],
		['it is refused', [...operations], { apiKey: `${key}-but-wrong` }],
		['nobody listens', ['submit'], { baseUrl: 'http://127.0.0.1:1' }],
		['the address has it in it', ['submit'], { baseUrl: `https://user:${key}@example.com/` }],
		['the query has it in it', ['submit'], { baseUrl: `https://example.com/?key=${key}` }],
		['it cannot be a header', ['submit'], { apiKey: `${key}\u0000\n${key}` }],
	])('when %s', async (_, names, change) => {
		for (const name of names) {
			expectNoKey(await run(name, { credentials: { ...credentials(), ...change } }));
		}
	});

	it.each([400, 401, 403, 404, 429, 500, 503])(
		'when the service repeats it in an answer with %s',
		async (status) => {
			const fault = { kind: 'status', status, body: echo } as const;
			simulator.faults.add({ call: 'submit', times: 99, fault });
			simulator.faults.add({ call: 'poll', times: 5, fault });
			for (const name of ['submit', 'errorOutput', 'getTaskResult'] as const) {
				expectNoKey(await run(name, { credentials: credentials() }));
			}
		},
	);

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

	it.each(['submit', 'getTaskResult'] as const)(
		'when a page that repeats it comes in place of an answer to %s',
		async (name) => {
			elsewhere.listener = (request, response) =>
				response
					.writeHead(200, { 'content-type': 'text/html' })
					.end(`<html>${request.headers.authorization}</html>`);
			const baseUrl = elsewhere.url;
			expectNoKey(await run(name, { credentials: { ...credentials(), baseUrl } }));
		},
	);

	onlyWith('ssrfProtection', () => {
		it('when n8n blocks the address', async () => {
			expectNoKey(await run('submit', { credentials: credentials(), ssrfProtection: true }));
		});
	});
});

describe('The key goes to the service only,', () => {
	it('not along a redirect, to the host of an image or any other', async () => {
		const heard: unknown[] = [];
		elsewhere.listener = (request, response) => {
			heard.push(request.url, request.headers);
			response.writeHead(404).end();
		};
		for (const call of ['submit', 'poll', 'download'] as const) {
			const location = `${elsewhere.url}/${call}`;
			simulator.faults.add({ call, times: 2, fault: { kind: 'redirect', location } });
		}
		for (const name of ['submit', 'getTaskResult', 'submitAndWait', 'submitAndWait'] as const) {
			await run(name, { credentials: credentials() });
		}
		expect(simulator.count('download')).toBeGreaterThan(0);
		expect(heard).toContain('/download');
		expect(heard).not.toContain('/submit');
		expect(heard).not.toContain('/poll');
		const downloads = simulator.requests.filter(({ call }) => call === 'download');
		expect(textsWith(key, [heard, downloads])).toEqual([]);
	});

	it('not to the account of another item', async () => {
		await run('submit', {
			credentials: { service: 'novita', apiKey: '={{ $json.key }}', baseUrl: '={{ $json.url }}' },
			input: prompts('one', 'two').map(({ json }, item) => ({
				json: {
					...json,
					key: [key, 'another-key'][item],
					url: [simulator.url, other.url][item],
				},
			})),
		});
		const sentTo = ({ requests }: typeof other) =>
			requests.map(({ headers }) => headers.authorization);
		expect(sentTo(simulator)).toEqual([`Bearer ${key}`]);
		expect(sentTo(other)).toEqual(['Bearer another-key']);
	});
});
