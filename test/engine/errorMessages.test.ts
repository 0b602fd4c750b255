import nock from 'nock';

import envelopes from './payloads/errors.json';
import devSucceeded from './payloads/flux-2-dev.succeed.json';
import { failureOf, fluxNode, prompts, run, withoutBackOff, type WorkflowName } from './workflows';

const services = [
	{ service: 'novita', host: 'https://api.novita.ai', name: 'Novita AI' },
	{ service: 'jieKou', host: 'https://api.highwayapi.ai', name: 'JieKou.AI' },
];

const taskId = devSucceeded.task.task_id;

withoutBackOff();
beforeAll(() => nock.disableNetConnect());
afterAll(() => {
	nock.enableNetConnect();
	nock.restore();
});
afterEach(() => nock.cleanAll());

interface Envelope {
	status: number;
	body: object | string;
}

/** Runs one item; every call of the service is answered with the envelope. */
async function refused(name: WorkflowName, envelope: Envelope, { service, host } = services[0]!) {
	const calls = nock(host).persist();
	calls.post('/v3/async/flux-2-flex').reply(envelope.status, envelope.body);
	calls.get('/v3/async/task-result').query(true).reply(envelope.status, envelope.body);
	const result = await run(name, {
		credentials: { service, apiKey: 'recorded-key' },
		...(name === 'getTaskResult' ? {} : { input: prompts('a heron') }),
	});
	expect(result.outputs(fluxNode)).toEqual([]);
	return failureOf(result);
}

/** Runs one item whose submit is accepted, and whose task then is as told. */
async function accepted(answer: object) {
	nock('https://api.novita.ai').post('/v3/async/flux-2-flex').reply(200, { task_id: taskId });
	nock('https://api.novita.ai')
		.persist()
		.get('/v3/async/task-result')
		.query({ task_id: taskId })
		.reply(200, answer);
	return failureOf(
		await run('submitAndWait', {
			credentials: { service: 'novita', apiKey: 'recorded-key' },
			input: prompts('a'),
		}),
	);
}

const envelope = (status: number, reason: string, message: string): Envelope => ({
	status,
	body: { code: status, reason, message, metadata: {} },
});

const [invalidKey, failedToAuth, unauthorized, notEnoughBalance] = envelopes;

const cases: Array<{
	what: string;
	answer: Envelope;
	/** What happened. */
	message: RegExp;
	/** The way out, with the labels of what to change. */
	wayOut: string[];
	/** The service's own words. */
	said: string[];
	operations?: WorkflowName[];
}> = [
	...[invalidKey!, failedToAuth!, unauthorized!].map((answer) => ({
		what: `a bad key: ${answer.status} ${answer.body.reason}`,
		answer,
		message: /% did not accept the API key/,
		wayOut: ["'API Key'", 'credential'],
		said: [answer.body.reason, answer.body.message],
	})),
	{
		what: 'a missing key, 400',
		answer: envelope(400, 'MISSING_API_KEY', 'missing api-key'),
		message: /% did not accept the API key/,
		wayOut: ["'API Key'"],
		said: ['MISSING_API_KEY'],
	},
	{
		what: 'an empty balance, 403 like a bad key',
		answer: notEnoughBalance!,
		message: /balance of your % account is empty/,
		wayOut: ['Top up', '%'],
		said: ['NOT_ENOUGH_BALANCE', 'not enough balance'],
	},
	{
		what: 'an empty balance, 400',
		answer: envelope(400, 'BILLING_BALANCE_NOT_ENOUGH', 'balance not enough'),
		message: /balance of your % account is empty/,
		wayOut: ['Top up'],
		said: ['BILLING_BALANCE_NOT_ENOUGH'],
	},
	{
		what: 'an account without the right',
		answer: envelope(403, 'API_NOT_ALLOWED', 'api not allowed'),
		message: /% account is not allowed/,
		wayOut: ['account'],
		said: ['API_NOT_ALLOWED'],
	},
	{
		what: 'a rate limit that stays',
		answer: envelope(429, 'RATE_LIMIT_EXCEEDED', 'rate limit exceeded'),
		message: /% .*rate limit/,
		wayOut: ["'Max Concurrent Tasks'"],
		said: ['RATE_LIMIT_EXCEEDED'],
		operations: ['submit', 'submitAndWait', 'getTaskResult'],
	},
	{
		what: 'a refused prompt',
		answer: envelope(400, 'ILLEGAL_PROMPT', 'the prompt is illegal'),
		message: /% refused the content/,
		wayOut: ["'Prompt'"],
		said: ['ILLEGAL_PROMPT', 'the prompt is illegal'],
		operations: ['submit', 'submitAndWait'],
	},
	{
		what: 'a refused image',
		answer: envelope(400, 'ILLEGAL_IMAGE_CONTENT', 'illegal image'),
		message: /% refused the content/,
		wayOut: ["'Reference Images'"],
		said: ['ILLEGAL_IMAGE_CONTENT'],
		operations: ['submit', 'submitAndWait'],
	},
	...['INVALID_IMAGE_FORMAT', 'IMAGE_FILE_EXCEEDS_MAX_SIZE', 'IMAGE_EXCEEDS_MAX_RESOLUTION'].map(
		(reason) => ({
			what: `an unreadable image: ${reason}`,
			answer: envelope(400, reason, 'no good'),
			message: /% could not use a reference image/,
			wayOut: ["'Reference Images'"],
			said: [reason],
			operations: ['submit', 'submitAndWait'] as WorkflowName[],
		}),
	),
	{
		what: 'a refused request',
		answer: envelope(400, 'INVALID_REQUEST_BODY', 'size must be a string'),
		message: /% did not accept the request/,
		wayOut: ["'Prompt'", "'Size'", "'Seed'"],
		said: ['size must be a string'],
		operations: ['submit', 'submitAndWait'],
	},
	{
		what: 'a refused size',
		answer: envelope(400, 'INVALID_IMAGE_SIZE', 'width must be a multiple of 16'),
		message: /% did not accept the request/,
		wayOut: ["'Size'"],
		said: ['width must be a multiple of 16'],
		operations: ['submit', 'submitAndWait'],
	},
	{
		what: 'a retired route',
		answer: envelope(404, 'API_NOT_FOUND', 'route not found'),
		message: /not available at % \(404/,
		wayOut: ["'Service'", "'Base URL'", 'retired'],
		said: ['route not found'],
	},
	{
		what: 'a 404 that is not in its form',
		answer: { status: 404, body: '404 page not found' },
		message:
			/Something between n8n and % answered in its place: HTTP status 404, "404 page not found"/,
		wayOut: ['proxy', 'firewall', "'Base URL'"],
		said: [],
	},
	{
		what: 'a retired model',
		answer: envelope(404, 'MODEL_NOT_FOUND', 'model not found'),
		message: /not available at %/,
		wayOut: ["'Service'"],
		said: ['MODEL_NOT_FOUND'],
	},
	{
		what: 'an unknown task',
		answer: envelope(404, 'TASK_NOT_FOUND', 'task not found'),
		message: new RegExp(`% does not know the task \\(task ${taskId}\\)`),
		wayOut: ["'Task ID'", 'account'],
		said: ['TASK_NOT_FOUND'],
		operations: ['getTaskResult'],
	},
	{
		what: 'a service that is down',
		answer: envelope(503, 'SERVICE_NOT_AVAILABLE', 'service not available'),
		message: /% is not available at the moment/,
		wayOut: ['later'],
		said: ['SERVICE_NOT_AVAILABLE'],
		operations: ['submit', 'submitAndWait', 'getTaskResult'],
	},
	{
		what: 'a service that fails to bill',
		answer: envelope(500, 'BILLING_FAILED', 'billing failed'),
		message: /may exist at % and be billed/,
		wayOut: ["'Resubmit Unconfirmed'", 'account'],
		said: ['BILLING_FAILED'],
		operations: ['submit', 'submitAndWait'],
	},
	{
		what: 'something nobody has seen yet',
		answer: { status: 418, body: { reason: 'TEAPOT', message: 'short and stout' } },
		message: /%.*not understand/,
		wayOut: ["'Base URL'"],
		said: ['short and stout'],
	},
];

const table = services.flatMap((service) =>
	cases.flatMap(({ operations = ['submit', 'submitAndWait', 'getTaskResult'], ...rest }) =>
		operations.map((operation) => ({ ...rest, operation: operation as WorkflowName, service })),
	),
);

describe('what the service says, and what it means', () => {
	it.each(table)(
		'$what ($service.name, $operation)',
		async ({ operation, service, answer, message, wayOut, said }) => {
			const failure = await refused(operation, answer, service);
			const named = (text: string) => text.replace('%', service.name);
			expect(failure.message).toMatch(new RegExp(named(message.source)));
			expect(failure.message).toContain('item 0');
			expect(failure.itemIndex).toBe(0);
			for (const words of [...wayOut.map(named), ...said]) {
				expect(failure.description).toContain(words);
			}
			if (operation === 'getTaskResult') expect(failure.message).toContain(taskId);
		},
	);

	it('a redirecting address', async () => {
		nock('https://api.novita.ai')
			.post('/v3/async/flux-2-flex')
			.reply(308, '', { location: 'https://api.example.com/v3/async/flux-2-flex' });
		const { message, description } = failureOf(
			await run('submit', { credentials: { service: 'novita', apiKey: 'recorded-key' } }),
		);
		expect(message).toMatch(/308, "redirect to https:\/\/api\.example\.com\/v3.*item 0/);
		expect(description).toContain("'Base URL'");
	});

	it.each(['ECONNREFUSED', 'ENOTFOUND', 'CERT_HAS_EXPIRED'])(
		'an address that cannot be reached: %s',
		async (code) => {
			nock('https://api.novita.ai')
				.persist()
				.post('/v3/async/flux-2-flex')
				.replyWithError(Object.assign(new Error('no way'), { code }));
			const { message, description } = failureOf(
				await run('submit', { credentials: { service: 'novita', apiKey: 'recorded-key' } }),
			);
			expect(message).toMatch(
				/Novita AI could not be reached at https:\/\/api\.novita\.ai.*item 0/,
			);
			expect(description).toContain("'Base URL'");
			expect(description).toContain(code);
			expect(description).toMatch(/Nothing was sent/);
		},
	);
});

describe('what became of a task', () => {
	const withTask = (task: object, images: object[] = []) => ({
		...devSucceeded,
		task: { ...devSucceeded.task, ...task },
		images,
	});

	it('filtered content: succeeded without an image', async () => {
		const { message, description } = await accepted(withTask({}));
		expect(message).toMatch(/made no image because of the content/);
		expect(message).toContain(taskId);
		expect(message).toContain('item 0');
		expect(description).toContain("'Prompt'");
		expect(description).toContain("'Reference Images'");
	});

	it.each(['NSFW content detected', 'Request moderated.'])(
		'filtered content: failed because of %j',
		async (reason) => {
			const { message, description } = await accepted(
				withTask({ status: 'TASK_STATUS_FAILED', reason }),
			);
			expect(message).toContain('because of the content');
			expect(message).toContain(reason.replace('.', ''));
			expect(message).toContain(taskId);
			expect(description).toContain("'Prompt'");
		},
	);

	it.each([
		['failed to load input image', /could not make the image: failed to load input image/],
		['', /could not make the image/],
	])('failed because of %j', async (reason, expected) => {
		const { message, description } = await accepted(
			withTask({ status: 'TASK_STATUS_FAILED', reason }),
		);
		expect(message).toMatch(expected);
		expect(message).toContain(taskId);
		expect(description).toContain("'Send Reference Images As'");
	});

	it('a key that stops working while the task is made', async () => {
		nock('https://api.novita.ai').post('/v3/async/flux-2-flex').reply(200, { task_id: taskId });
		nock('https://api.novita.ai')
			.get('/v3/async/task-result')
			.query(true)
			.reply(invalidKey!.status, invalidKey!.body);
		const { message, description } = failureOf(
			await run('submitAndWait', { credentials: { service: 'novita', apiKey: 'recorded-key' } }),
		);
		expect(message).toMatch(/did not accept the API key.*item 0/);
		expect(message).toContain(taskId);
		expect(description).toContain("'API Key'");
		expect(description).toContain(taskId);
	});
});

describe('the message on the error output', () => {
	it('says which item it was and what to do with it', async () => {
		const body = invalidKey!.body;
		nock('https://api.novita.ai')
			.persist()
			.post('/v3/async/flux-2-flex')
			.reply(invalidKey!.status, body);
		const { failed } = await run('errorOutput', {
			credentials: { service: 'novita', apiKey: 'recorded-key' },
			input: prompts('one', 'two'),
		});
		expect(failed.map(({ error }) => error)).toEqual([
			expect.stringMatching(/did not accept the API key.*item 0/),
			expect.stringMatching(/did not accept the API key.*item 1/),
		]);
	});
});
