import { readSignedBinary, runAsTool, toolNodeName, type ToolRunOptions } from '../support/harness';
import { runWell, useSimulator, withoutBackOff } from './workflows';

const simulator = useSimulator();
withoutBackOff();

const WEEK = 7 * 24 * 60 * 60 * 1000;

/** Calls the tool as an agent does; by default the model chooses the prompt, and nothing else. */
async function call({ parameters, ...options }: Partial<ToolRunOptions> = {}) {
	const result = await runAsTool({
		credentials: simulator.credentials,
		arguments: { Prompt: 'a heron' },
		...options,
		parameters: {
			descriptionType: 'manual',
			toolDescription: 'Makes an image from a description and returns its link',
			prompt:
				"={{ /*n8n-auto-generated-fromAI-override*/ $fromAI('Prompt', `What the image shows`, 'string') }}",
			images: {},
			options: { pollingInterval: 0.02 },
			...parameters,
		},
	});
	return { ...result, told: result.response ?? result.error?.message ?? '' };
}

/** What the model reads, parsed. */
const answers = (response: string | undefined) =>
	JSON.parse(response ?? 'null') as Array<Record<string, unknown>>;

describe.each(['engine', 'agent'] as const)('The tool called by the %s', (caller) => {
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
		const { told } = await call({ caller, arguments: { Prompt: ' ' } });
		// The agent reads the message only, so it has the way out in it.
		expect(told).toContain("'Prompt' is empty [item 0]. Describe the image in 'Prompt'");
		expect(simulator.requests).toEqual([]);
	});

	it('hands a failure to the model as an item, since not every agent passes a thrown one on', async () => {
		const { response, error } = await call({ caller, arguments: { Prompt: ' ' } });
		expect(error).toBeUndefined();
		expect(answers(response)).toEqual([
			{ error: expect.stringMatching(/^'Prompt' is empty \[item 0\]\. Describe/) as string },
		]);
	});

	it('hands a failure to the model also where it goes on after errors and tries again', async () => {
		simulator.faults.add({
			call: 'poll',
			times: 9,
			fault: { kind: 'status', status: 403, body: { reason: 'FEATURE_NOT_ALLOWED' } },
		});
		const { response, runExecutionData } = await call({
			caller,
			node: { retryOnFail: true, waitBetweenTries: 1, onError: 'continueRegularOutput' },
		});
		const { id = '' } = simulator.tasks[0] ?? {};
		expect(answers(response)).toEqual([{ error: expect.stringContaining(id) as string }]);
		// Else the next call of the model would pay for it again.
		expect(JSON.stringify(runExecutionData.executionData?.contextData)).toContain(id);
	});

	it('tells of a failed task with its reason, and shows no key', async () => {
		const result = await call({ caller, arguments: { Prompt: 'a heron [fail]' } });
		expect(result.told).toContain('generation failed');
		expect(result.told).toContain(simulator.tasks[0]?.id);
		expect(JSON.stringify([result.response, result.logs, result.error])).not.toContain(
			'simulator-key',
		);
	});

	describe("with 'Tool Result' as a signed link", () => {
		const parameters = { options: { pollingInterval: 0.02, toolResult: 'n8nLink' } };

		it('names no field that the tool does not have when a download fails', async () => {
			simulator.faults.add({ call: 'download', times: 4, fault: { kind: 'status', status: 503 } });
			const { told } = await call({ caller, parameters, binaryMode: 'filesystem' });
			expect(told).toContain(`The image could not be downloaded (task ${simulator.tasks[0]?.id})`);
			expect(told).toContain("'Get Task Result' gets the image by its task ID");
			expect(told).not.toMatch(/Download Image|Retry On Fail/);
		});

		it('stores the image, and tells a link of this n8n that lives for a week', async () => {
			const before = Date.now();
			const { response } = await call({ caller, parameters, binaryMode: 'filesystem' });
			const [item] = answers(response);
			expect(item).toMatchObject({
				task_id: simulator.tasks[0]?.id,
				status: 'succeeded',
				image_type: 'png',
			});
			const image = await readSignedBinary(String(item?.image_url));
			expect(image.subarray(1, 4).toString()).toBe('PNG');
			expect(simulator.count('download')).toBe(1);
			const left = Date.parse(String(item?.image_url_expires_at)) - before;
			expect(left).toBeGreaterThanOrEqual(WEEK);
			expect(left).toBeLessThan(WEEK + 60_000);
			expect(item).not.toHaveProperty('binary');
		});

		it('refuses before anything is paid where this n8n cannot sign, with the way out', async () => {
			const { told } = await call({ caller, parameters, binaryMode: 'default' });
			expect(told).toMatch(/'Tool Result' cannot be .{1,2}Signed Link.{1,2} on this n8n/);
			expect(simulator.requests).toEqual([]);
		});
	});
});
