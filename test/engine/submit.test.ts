import { binaryModes, prompts, run, runWell, useSimulator } from './workflows';

const simulator = useSimulator();

describe.each(binaryModes)('Submit (binary mode %s)', (binaryMode) => {
	it('returns one item per input item with the task id and nothing else', async () => {
		const { items } = await runWell('submit', {
			binaryMode,
			credentials: simulator.credentials,
			input: prompts('one', 'two', 'three'),
		});
		expect(simulator.paidPrompts().sort()).toEqual(['one', 'three', 'two']);
		const idOf = (prompt: string) => simulator.tasks.find((task) => task.prompt === prompt)?.id;
		expect(items).toEqual([
			{ json: { task_id: idOf('one') }, pairedItem: { item: 0 } },
			{ json: { task_id: idOf('two') }, pairedItem: { item: 1 } },
			{ json: { task_id: idOf('three') }, pairedItem: { item: 2 } },
		]);
	});

	it('does not ask for the task', async () => {
		await runWell('submit', { binaryMode, credentials: simulator.credentials });
		expect(simulator.requests.map(({ call }) => call)).toEqual(['submit']);
	});

	it('hands its task on to Get Task Result', async () => {
		const { items } = await runWell('submitThenGetTaskResult', {
			binaryMode,
			credentials: simulator.credentials,
			input: prompts('a heron'),
		});
		expect(items).toHaveLength(1);
		expect(items[0]?.json).toMatchObject({ task_id: simulator.tasks[0]?.id, status: 'succeeded' });
		expect(items[0]?.binary?.data).toMatchObject({ mimeType: 'image/png' });
	});
});

describe('what Submit sends', () => {
	it('is the prompt as it is, and of the rest only what was asked for', async () => {
		const prompt = '  将这只猫咪转换为油画风格 "quoted"\n\ttwo lines 🎨 ';
		await runWell('submit', { credentials: simulator.credentials, input: prompts(prompt) });
		expect(simulator.bodies()).toEqual([{ prompt, seed: -1 }]);
	});

	it('is everything that was asked for', async () => {
		await runWell('submit', {
			credentials: simulator.credentials,
			parameters: {
				prompt: 'a heron',
				size: '1536*864',
				seed: 42,
				images: { image: [{ url: 'https://images.example/a.png' }] },
				options: { webhookUrl: 'http://127.0.0.1:9/hook?of=heron' },
			},
		});
		expect(simulator.bodies()).toEqual([
			{
				prompt: 'a heron',
				size: '1536*864',
				seed: 42,
				images: ['https://images.example/a.png'],
				extra: { webhook: { url: 'http://127.0.0.1:9/hook?of=heron' } },
			},
		]);
	});

	it('is JSON with the key as a bearer token', async () => {
		await runWell('submit', { credentials: simulator.credentials });
		expect(simulator.requests[0]).toMatchObject({
			method: 'POST',
			path: '/v3/async/flux-2-flex',
			headers: { authorization: 'Bearer simulator-key', 'content-type': 'application/json' },
		});
	});

	it('has the webhook of each item', async () => {
		await runWell('submit', {
			credentials: simulator.credentials,
			input: prompts('one', 'two'),
			parameters: { options: { webhookUrl: '=http://127.0.0.1:9/{{ $json.prompt }}' } },
		});
		const webhooks = simulator.tasks.map(({ prompt, body }) => [prompt, body.extra]);
		expect(webhooks.sort()).toEqual([
			['one', { webhook: { url: 'http://127.0.0.1:9/one' } }],
			['two', { webhook: { url: 'http://127.0.0.1:9/two' } }],
		]);
	});

	it('has no webhook without an address', async () => {
		await runWell('submit', {
			credentials: simulator.credentials,
			parameters: { options: { webhookUrl: '={{ $json.nothing ?? "" }}' } },
		});
		expect(simulator.bodies()[0]).not.toHaveProperty('extra');
	});

	it.each(['not an address', 'ftp://example.com/hook', 'javascript:alert(1)'])(
		'is nothing at all when the webhook is %j',
		async (webhookUrl) => {
			const { error } = await run('submit', {
				credentials: simulator.credentials,
				parameters: { options: { webhookUrl } },
			});
			expect(error?.message).toMatch(/'Webhook URL'.*item 0/);
			expect(simulator.requests).toEqual([]);
		},
	);
});

describe('credentials', () => {
	const services = ['novita', 'jieKou'];

	it.each(services)('lead %s to the base URL without a slash at its end', async (service) => {
		const baseUrl = `${simulator.url}/`;
		await runWell('submit', { credentials: { service, apiKey: ' simulator-key\n', baseUrl } });
		expect(simulator.requests[0]?.path).toBe('/v3/async/flux-2-flex');
		expect(simulator.requests[0]?.headers.authorization).toBe('Bearer simulator-key');
	});

	it.each([
		['an empty key', { apiKey: ' ' }, /'API Key'/],
		['a base URL that is none', { baseUrl: 'example' }, /'Base URL'/],
		['a base URL of another scheme', { baseUrl: 'ftp://example.com' }, /'Base URL'/],
		['a base URL with a query', { baseUrl: 'https://example.com/?a=b' }, /'Base URL'/],
		['an unknown service', { service: 'nobody' }, /'Service'.*nobody/],
	])('with %s are refused before anything is sent', async (_, change, message) => {
		const { error } = await run('submit', {
			credentials: { ...simulator.credentials, ...change },
		});
		expect(error?.message).toMatch(message);
		expect(error?.message).toContain('item 0');
		expect(simulator.requests).toEqual([]);
	});

	it('may differ from item to item', async () => {
		const { error, items } = await run('errorOutput', {
			credentials: { ...simulator.credentials, apiKey: '={{ $json.key }}' },
			input: [
				{ json: { prompt: 'one', key: 'simulator-key' } },
				{ json: { prompt: 'two', key: 'another-key' } },
			],
		});
		expect(error).toBeUndefined();
		expect(simulator.paidPrompts()).toEqual(['one']);
		expect(items).toHaveLength(1);
	});
});

describe('a gateway with a path', () => {
	const gateway = useSimulator({ basePath: '/gateway/flux' });

	it.each(['', '/'])('is reached by a base URL with %j at its end', async (end) => {
		const baseUrl = `${gateway.credentials.baseUrl}${end}`;
		const { items } = await runWell('submitAndWait', {
			credentials: { ...gateway.credentials, baseUrl },
		});
		expect(items).toHaveLength(1);
		expect(gateway.requests[0]?.path).toBe('/gateway/flux/v3/async/flux-2-flex');
	});
});
