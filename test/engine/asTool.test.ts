import { runAsTool, toolNodeName, type ToolRunOptions } from '../support/harness';
import { parametersOf, runWell, useSimulator, withoutBackOff } from './workflows';

const simulator = useSimulator();
withoutBackOff();

const callers = ['engine', 'agent'] as const;

/** Calls the tool of the workflow file as an agent does. */
async function call({ parameters, ...options }: Partial<ToolRunOptions> = {}) {
	const own = parametersOf('asTool');
	return await runAsTool({
		credentials: simulator.credentials,
		arguments: { Prompt: 'a heron' },
		...options,
		parameters: {
			...own,
			options: { pollingInterval: 0.02 },
			...parameters,
		},
	});
}

/** What the model reads, parsed. */
const answers = (response: string | undefined) =>
	JSON.parse(response ?? 'null') as Array<Record<string, unknown>>;

describe.each(callers)('called by the %s', (caller) => {
	it('makes the image the model asks for and tells the link, without downloading', async () => {
		const { response, error } = await call({ caller });
		expect(error).toBeUndefined();
		expect(simulator.paidPrompts()).toEqual(['a heron']);
		expect(answers(response)).toEqual([
			{
				task_id: simulator.tasks[0]?.id,
				status: 'succeeded',
				seed: simulator.tasks[0]?.seed,
				image_url: expect.stringContaining('/images/') as string,
				image_type: 'png',
				image_url_expires_at: expect.stringMatching(/Z$/) as string,
				nsfw: null,
			},
		]);
		expect(simulator.count('download')).toBe(0);
	});

	it('stays small and without a file whatever is set', async () => {
		const result = await call({
			caller,
			parameters: { simplify: false, downloadImage: true, binaryPropertyName: 'data' },
		});
		expect(Object.keys(answers(result.response)[0]!)).toContain('image_url');
		expect(result.response!.length).toBeLessThan(1000);
		expect(simulator.count('download')).toBe(0);
		expect(result.outputs(toolNodeName)[0]?.[0]).not.toHaveProperty('binary');
	});

	it('lets the model choose the rest, too', async () => {
		await call({
			caller,
			arguments: {
				Prompt: 'a heron',
				Size: '1200x800',
				Seed: 7,
				Image: 'https://images.example/a',
			},
			parameters: {
				size: "={{ $fromAI('Size', '', 'string') }}",
				seed: "={{ $fromAI('Seed', '', 'number') }}",
				images: { image: [{ url: "={{ $fromAI('Image', '', 'string') }}" }] },
				options: { timeout: 1, pollingInterval: 0.02 },
			},
		});
		expect(simulator.bodies()).toEqual([
			{ prompt: 'a heron', size: '1200*800', seed: 7, images: ['https://images.example/a'] },
		]);
	});

	it('submits', async () => {
		const { response } = await call({ caller, parameters: { operation: 'submit', options: {} } });
		expect(answers(response)).toEqual([{ task_id: simulator.tasks[0]?.id }]);
	});

	it.each([
		['a heron', 'succeeded'],
		['a heron [slow]', 'processing'],
		['a heron [fail]', 'failed'],
	])('asks for the task of %j', async (prompt, status) => {
		const { json } = await runWell('submit', {
			credentials: simulator.credentials,
			parameters: { prompt },
		});
		const { response } = await call({
			caller,
			arguments: { Task: json[0]!.task_id },
			parameters: {
				operation: 'getTaskResult',
				taskId: "={{ $fromAI('Task', '', 'string') }}",
				options: {},
			},
		});
		expect(answers(response)).toMatchObject([{ task_id: json[0]?.task_id, status }]);
		expect(simulator.count('download')).toBe(0);
	});

	it('does not pay twice with Retry On Fail', async () => {
		simulator.faults.add({
			call: 'poll',
			fault: { kind: 'status', status: 403, body: { reason: 'FEATURE_NOT_ALLOWED' } },
		});
		const { response } = await call({
			caller,
			node: { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 },
		});
		expect(answers(response)).toMatchObject([{ status: 'succeeded' }]);
		expect(simulator.count('submit')).toBe(1);
	});

	it('pays nothing for what it cannot do', async () => {
		const result = await call({ caller, arguments: { Prompt: ' ' } });
		const told = result.response ?? result.error?.message;
		expect(told).toContain("'Prompt'");
		expect(simulator.requests).toEqual([]);
	});

	it('tells of a failed task with its reason', async () => {
		const result = await call({ caller, arguments: { Prompt: 'a heron [fail]' } });
		const told = result.response ?? result.error?.message;
		expect(told).toContain('generation failed');
		expect(told).toContain(simulator.tasks[0]?.id);
	});

	it('shows no key', async () => {
		const result = await call({ caller, arguments: { Prompt: 'a heron [fail]' } });
		expect(JSON.stringify([result.response, result.logs, result.error])).not.toContain(
			'simulator-key',
		);
	});
});
