import { blackForestLabs } from '../support/services';
import { prompts, run, runWell, useSimulator, withoutBackOff } from './workflows';

// What only Black Forest Labs have: credits and their price, a limit of active tasks, formats.

describe('Black Forest Labs', () => {
	const simulator = useSimulator({}, blackForestLabs);

	it('is asked for its own settings, and for nothing that was not set', async () => {
		const options = {
			guidance: 4.5,
			outputFormat: 'webp',
			promptUpsampling: false,
			safetyTolerance: 0,
			steps: 30,
			webhookUrl: 'http://127.0.0.1:9/hook',
		};
		await runWell('submit', {
			credentials: { ...simulator.credentials, webhookSecret: 'a secret' },
			input: prompts('a heron'),
			parameters: { options },
		});
		expect(simulator.bodies()).toEqual([
			{
				prompt: 'a heron',
				guidance: 4.5,
				output_format: 'webp',
				prompt_upsampling: false,
				safety_tolerance: 0,
				steps: 30,
				webhook_url: 'http://127.0.0.1:9/hook',
				webhook_secret: 'a secret',
			},
		]);
	});

	it('runs out of credits in the middle: what was paid for comes out, the rest says why', async () => {
		// $0.12, for two images of 5 credits each.
		simulator.balance = 1200;
		const { items, failed } = await run('errorOutput', {
			credentials: simulator.credentials,
			input: prompts('one', 'two', 'three', 'four'),
			parameters: { options: { maxConcurrentTasks: 1 } },
		});
		expect(simulator.paidPrompts()).toEqual(['one', 'two']);
		expect(items.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 1 }]);
		expect(failed).toHaveLength(2);
		for (const { error } of failed) {
			expect(error).toContain('The balance of your Black Forest Labs account is empty');
		}
	});
});

describe("Black Forest Labs' limit of 24 active tasks", () => {
	const limited = useSimulator(
		// Long enough that all places are taken before the first is free, on a busy machine, too.
		{ maxActiveTasks: 'documented', processingMilliseconds: 3000 },
		blackForestLabs,
	);
	withoutBackOff();

	it('is known, so that a batch that asks for more at a time is not refused', async () => {
		const names = Array.from({ length: 30 }, (_, index) => `image ${index}`);
		const { items } = await runWell('submitAndWait', {
			credentials: limited.credentials,
			input: prompts(...names),
			parameters: { options: { maxConcurrentTasks: 30 } },
		});
		expect(items).toHaveLength(30);
		expect(limited.paidPrompts().sort()).toEqual([...names].sort());
		expect(limited.requests.filter(({ status }) => status === 429)).toEqual([]);
	});
});
