import type { IDataObject, IExecuteFunctions, IHttpRequestOptions } from 'n8n-workflow';

import { VirtualWorld, type WorldRun } from '../support/virtual/virtualWorld';

const REGIONAL = 'https://api.eu2.bfl.ai/v1/get_result?id=abc';
const FOREIGN = 'https://api.example.com/v1/get_result?id=abc';
const CHARGES = { cost: 6.5, input_mp: 0, output_mp: 1.3 };

/** Black Forest Labs with one task, `abc`, that is ready at the second look. */
class Setup {
	readonly world = new VirtualWorld();
	/** Calls that carried the key. */
	readonly requests: IHttpRequestOptions[] = [];
	private looks = 0;

	constructor(
		private readonly receipt: IDataObject,
		private readonly service = 'blackForestLabs',
	) {}

	get polls() {
		return this.requests.filter(({ method }) => method === 'GET');
	}

	async run(parameters: IDataObject, more: WorldRun = {}) {
		return await this.world.run({
			parameters: { prompt: 'a cat', ...parameters },
			...more,
			adjust: (context: IExecuteFunctions) => {
				context.getCredentials = async () => ({ service: this.service, apiKey: 'a-key' }) as never;
				context.helpers.httpRequestWithAuthentication = async (_type, request) => {
					this.requests.push(request);
					const body = request.method === 'POST' ? this.receipt : this.look();
					return { statusCode: 200, headers: {}, body };
				};
				more.adjust?.(context);
			},
		});
	}

	private look() {
		return this.looks++ === 0
			? { id: 'abc', status: 'Pending', result: null }
			: { id: 'abc', status: 'Ready', result: { sample: 'https://a.example/images/1.png' } };
	}
}

test('Submit hands on what the service said about the task', async () => {
	const setup = new Setup({ id: 'abc', polling_url: REGIONAL, ...CHARGES });
	const { items } = await setup.run({ operation: 'submit' });
	expect(items.map(({ json }) => json)).toEqual([
		{ task_id: 'abc', polling_url: REGIONAL, ...CHARGES },
	]);
});

test('Submit and Wait asks where the service says, and tells the cost', async () => {
	const setup = new Setup({ id: 'abc', polling_url: REGIONAL, ...CHARGES });
	const { items, error } = await setup.run({ operation: 'submitAndWait' });
	expect(error).toBeUndefined();
	expect(setup.polls.map(({ url, qs }) => [url, qs])).toEqual([
		[REGIONAL, undefined],
		[REGIONAL, undefined],
	]);
	expect(items[0]?.json).toMatchObject({ task_id: 'abc', status: 'succeeded', ...CHARGES });
	const expiry = Date.parse(String(items[0]?.json.image_url_expires_at));
	expect(Math.abs(expiry - setup.world.clock.now() - 600_000)).toBeLessThan(1000);
});

test.each([
	['on a foreign host', { polling_url: FOREIGN }],
	['without TLS', { polling_url: REGIONAL.replace('https', 'http') }],
	['that is missing', {}],
])("with a link %s the key stays with the account's host", async (_name, link) => {
	const setup = new Setup({ id: 'abc', ...link });
	const { items, error } = await setup.run({ operation: 'submitAndWait' });
	expect(error).toBeUndefined();
	expect(items[0]?.json).toMatchObject({ task_id: 'abc', status: 'succeeded' });
	for (const { url, qs } of setup.polls) {
		expect([url, qs]).toEqual(['https://api.bfl.ai/v1/get_result', { id: 'abc' }]);
	}
});

test('a resumed task is asked for where the service said, and its cost is not forgotten', async () => {
	const setup = new Setup({ id: 'abc', polling_url: REGIONAL, ...CHARGES });
	const canceled = await setup.run({ operation: 'submitAndWait' }, { cancelAfter: 500 });
	expect(canceled.error?.message).toContain('canceled');
	const { items, hints } = await setup.run({ operation: 'submitAndWait' });
	expect(setup.requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
	expect(setup.polls.every(({ url }) => url === REGIONAL)).toBe(true);
	expect(items[0]?.json).toMatchObject({ task_id: 'abc', ...CHARGES });
	expect(hints[0]).toContain('picked up');
});

test('a request with other options is another request', async () => {
	const setup = new Setup({ id: 'abc' });
	const steps = (count: number) => ({ operation: 'submitAndWait', options: { steps: count } });
	await setup.run(steps(20), { cancelAfter: 500 });
	await setup.run(steps(21), { cancelAfter: 500 });
	expect(setup.requests.filter(({ method }) => method === 'POST')).toHaveLength(2);
});

test('a pending task is handed out with its link', async () => {
	const setup = new Setup({ id: 'abc', polling_url: REGIONAL });
	const options = { timeout: 1, onTimeout: 'returnPending' };
	const { items } = await setup.run({ operation: 'submitAndWait', options });
	expect(items[0]?.json).toEqual({ task_id: 'abc', status: 'processing', polling_url: REGIONAL });
});

describe('Get Task Result', () => {
	test('takes the link, and hands it on until the task is over', async () => {
		const setup = new Setup({});
		const parameters = { operation: 'getTaskResult', taskId: ` ${REGIONAL} ` };
		const first = await setup.run(parameters);
		expect(first.items[0]?.json).toEqual({
			task_id: 'abc',
			status: 'processing',
			polling_url: REGIONAL,
		});
		const second = await setup.run({ ...parameters, taskId: first.items[0]?.json.polling_url });
		expect(second.items[0]?.json).toMatchObject({ task_id: 'abc', status: 'succeeded' });
		expect(setup.polls.every(({ url }) => url === REGIONAL)).toBe(true);
	});

	test('takes the id', async () => {
		const setup = new Setup({});
		const { items } = await setup.run({ operation: 'getTaskResult', taskId: 'abc' });
		expect(items[0]?.json).toEqual({ task_id: 'abc', status: 'processing' });
	});

	test.each([
		['a foreign host', 'blackForestLabs', FOREIGN, 'not one of Black Forest Labs'],
		['no id in it', 'blackForestLabs', 'https://api.bfl.ai/v1', 'not one of Black Forest Labs'],
		['another service', 'novita', REGIONAL, 'Novita AI knows its tasks by their ID'],
	])('refuses a link with %s, and sends nothing', async (_name, service, taskId, says) => {
		const setup = new Setup({}, service);
		const { error } = await setup.run({ operation: 'getTaskResult', taskId });
		expect(error?.message).toContain("'Task ID' is a link");
		expect(error?.message).toContain(says);
		expect(error?.message).toContain('[item 0]');
		expect(error?.description).toMatch(/task_id/);
		expect(setup.requests).toEqual([]);
	});
});

describe('a task that the host does not know', () => {
	const failure = async (body: unknown, baseUrl: string) => {
		const { error } = await new VirtualWorld().run({
			parameters: { operation: 'getTaskResult', taskId: 'abc' },
			adjust: (context) => {
				const credentials = { service: 'blackForestLabs', apiKey: 'a-key', baseUrl };
				context.getCredentials = async () => credentials as never;
				context.helpers.httpRequestWithAuthentication = async () => ({
					statusCode: 404,
					headers: {},
					body,
				});
			},
		});
		return error?.description;
	};

	test.each([{ detail: 'Not Found' }, { id: 'abc', status: 'Task not found' }, ''])(
		'may be in another region: the way out names its polling_url (%p)',
		async (body) => {
			expect(await failure(body, '')).toContain('enter the polling_url');
			expect(await failure(body, 'https://api.eu.bfl.ai')).toContain('enter the polling_url');
		},
	);

	test('but behind a gateway that would not help', async () => {
		for (const body of [{ detail: 'Not Found' }, '']) {
			expect(await failure(body, 'https://gateway.example.com')).not.toContain('polling_url');
		}
	});
});

test('behind a gateway a task is asked for there by its id, wherever the service says', async () => {
	const setup = new Setup({ id: 'abc', polling_url: REGIONAL });
	const { items, error } = await setup.run(
		{ operation: 'submitAndWait' },
		{
			adjust: (context) => {
				const baseUrl = 'https://gateway.example.com/flux';
				const credentials = { service: 'blackForestLabs', apiKey: 'gateway-key', baseUrl };
				context.getCredentials = async () => credentials as never;
			},
		},
	);
	expect(error).toBeUndefined();
	expect(items).toHaveLength(1);
	expect(setup.polls.map(({ url, qs }) => [url, qs])).toEqual(
		setup.polls.map(() => ['https://gateway.example.com/flux/v1/get_result', { id: 'abc' }]),
	);
});
