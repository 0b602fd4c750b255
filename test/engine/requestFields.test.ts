import type { INodeParameters } from 'n8n-workflow';

import { failureOf, prompts, run, runWell, useSimulator } from './workflows';

const simulator = useSimulator();

/** Submits one item and returns the body that arrived. */
async function submit(parameters: INodeParameters, json = {}) {
	await runWell('submit', {
		credentials: simulator.credentials,
		input: [{ json: { prompt: 'a heron', ...json } }],
		parameters,
	});
	return simulator.bodies()[0];
}

describe('size', () => {
	it('is not sent when it is automatic', async () => {
		expect(await submit({ size: 'auto' })).not.toHaveProperty('size');
	});

	it.each([
		['custom', { size: 'custom', width: 640, height: 480 }, '640*480'],
		['custom by default', { size: 'custom' }, '1024*1024'],
		['custom by expression', { size: '={{ "custom" }}', width: 640, height: 480 }, '640*480'],
		[
			'sides by expression',
			{ size: 'custom', width: '={{ "256" }}', height: '={{ 1536 }}' },
			'256*1536',
		],
		['a preset', { size: '1536*1024' }, '1536*1024'],
	])('%s', async (_, parameters, size) => {
		expect(await submit(parameters)).toMatchObject({ size });
	});

	it.each([
		['1200*800', '1200*800'],
		['1200x800', '1200*800'],
		['1200X800', '1200*800'],
		['1200×800', '1200*800'],
		[' 1200 × 800 ', '1200*800'],
		['256*1536', '256*1536'],
		['auto', undefined],
	])('%j by expression', async (size, sent) => {
		expect((await submit({ size: '={{ $json.size }}' }, { size }))?.size).toBe(sent);
	});

	it.each(['255*1024', '1024*1537', '1024*255', '1537x1024', '0*0', '1024', '1024*', 'large'])(
		'%j by expression is refused before anything is paid',
		async (size) => {
			const result = await run('submit', {
				credentials: simulator.credentials,
				input: [{ json: { prompt: 'a heron', size } }],
				parameters: { size: '={{ $json.size }}' },
			});
			const { message, description } = failureOf(result);
			expect(message).toMatch(/'Size'.*item 0/);
			expect(message).toContain(`"${size}"`);
			expect(description).toMatch(/256.*1536/);
			expect(simulator.requests).toEqual([]);
		},
	);
});

describe('seed', () => {
	it.each([
		[-1, -1],
		[0, 0],
		[2_147_483_647, 2_147_483_647],
		['={{ "42" }}', 42],
	])('%j is sent as %j', async (seed, sent) => {
		expect(await submit({ seed })).toMatchObject({ seed: sent });
	});
});

describe('what cannot be right is refused before anything is sent', () => {
	const bad: Array<[label: string, name: string, values: unknown[]]> = [
		['Width', 'width', [255, 1537, 640.5, 'wide']],
		['Height', 'height', [255, 1537, 640.5, true]],
		['Seed', 'seed', [-2, 2_147_483_648, 1.5, 'lucky', []]],
		['Prompt', 'prompt', ['', '   ', '\n', null, { text: 'a' }]],
		['Timeout', 'options.timeout', [0, -1, 'long']],
		['Polling Interval', 'options.pollingInterval', [-1, 'often']],
		['On Timeout', 'options.onTimeout', ['explode', 7]],
		['Max Concurrent Tasks', 'options.maxConcurrentTasks', [0, 1001, 2.5, 'all']],
		['Max Tasks', 'options.maxTasks', [-1, 1.5, 'few']],
		['Send Reference Images As', 'options.binaryDelivery', ['pigeon']],
		['Put Output File in Field', 'binaryPropertyName', ['', '  ']],
	];
	const cases = bad.flatMap(([label, name, values]) =>
		values.map((value) => [label, value, name] as const),
	);

	it.each(cases)("'%s' of %j", async (label, value, name) => {
		const expression = '={{ $json.value }}';
		const [parameter, option] = name.split('.');
		const parameters: INodeParameters = {
			...(parameter === 'width' || parameter === 'height' ? { size: 'custom' } : {}),
			...(option === undefined
				? { [parameter!]: expression }
				: { options: { [option]: expression } }),
		};
		const result = await run('submitAndWait', {
			credentials: simulator.credentials,
			input: [{ json: { prompt: 'a heron', value: value as never } }],
			parameters,
		});
		const failure = failureOf(result);
		expect(failure.message).toContain(`'${label}'`);
		expect(failure.message).toContain('item 0');
		expect(failure.description).toBeTruthy();
		expect(failure.itemIndex).toBe(0);
		expect(simulator.requests).toEqual([]);
	});

	it('n8n itself does not start without a prompt', async () => {
		const result = await run('submit', {
			credentials: simulator.credentials,
			parameters: { prompt: '' },
		});
		expect(result.status).toBe('error');
		expect(simulator.requests).toEqual([]);
	});

	it.each(['submit', 'submitAndWait'] as const)(
		'one bad item of many in %s: nothing is paid for the others either',
		async (name) => {
			const result = await run(name, {
				credentials: simulator.credentials,
				input: prompts('one', 'two', ' '),
			});
			expect(failureOf(result)).toMatchObject({
				message: expect.stringMatching(/'Prompt'.*item 2/) as string,
				itemIndex: 2,
			});
			expect(simulator.requests).toEqual([]);
			expect(result.outputs('Done')).toEqual([]);
		},
	);

	it('an expression that fails', async () => {
		const result = await run('submit', {
			credentials: simulator.credentials,
			input: prompts('one', 'two'),
			parameters: { seed: '={{ $json.prompt === "two" ? $("Nowhere").item.json.seed : 1 }}' },
		});
		expect(failureOf(result).message).toMatch(/Nowhere|exist/i);
		expect(simulator.requests).toEqual([]);
	});
});

it('a number as prompt is text', async () => {
	expect(await submit({ prompt: '={{ 2026 }}' })).toMatchObject({ prompt: '2026' });
});
