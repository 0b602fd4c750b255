import { readSignedBinary, runAsTool, type ToolRunOptions } from '../support/harness';
import { parametersOf, useSimulator, withoutBackOff } from './workflows';

const simulator = useSimulator();
withoutBackOff();

const WEEK = 7 * 24 * 60 * 60 * 1000;

/** Calls the tool with 'Tool Result' set to a signed link, and reads what the agent is told. */
async function call(options: Partial<ToolRunOptions> = {}) {
	const { response, error } = await runAsTool({
		credentials: simulator.credentials,
		arguments: { Prompt: 'a heron' },
		parameters: {
			...parametersOf('asTool'),
			options: { pollingInterval: 0.02, toolResult: 'n8nLink' },
		},
		...options,
	});
	const told = response ?? error?.message ?? '';
	return {
		told,
		items: told.startsWith('[') ? (JSON.parse(told) as Array<Record<string, unknown>>) : [],
	};
}

describe.each(['engine', 'agent'] as const)('As a tool called by the %s', (caller) => {
	it('the image is stored, and the agent gets a signed link of this n8n that lives for a week', async () => {
		const before = Date.now();
		const { items } = await call({ caller, binaryMode: 'filesystem' });
		const [item] = items;
		expect(item).toMatchObject({ task_id: simulator.tasks[0]?.id, status: 'succeeded' });
		const image = await readSignedBinary(String(item?.image_url));
		expect(item?.image_type).toBe('png');
		expect(image.subarray(1, 4).toString()).toBe('PNG');
		expect(simulator.count('download')).toBe(1);
		const left = Date.parse(String(item?.image_url_expires_at)) - before;
		expect(left).toBeGreaterThanOrEqual(WEEK);
		expect(left).toBeLessThan(WEEK + 60_000);
		expect(Object.keys(item ?? {})).not.toContain('binary');
	});

	it('an n8n that cannot sign refuses before anything is paid, with the way out', async () => {
		const { told } = await call({ caller, binaryMode: 'default' });
		expect(told).toMatch(/'Tool Result' cannot be .{1,2}Signed Link.{1,2} on this n8n/);
		expect(simulator.requests).toEqual([]);
	});

	it('an error says to the agent, who reads the message only, what to send instead', async () => {
		const { told } = await call({ caller, arguments: { Prompt: ' ' } });
		expect(told).toContain("'Prompt' is empty [item 0]. Describe the image in 'Prompt'");
	});
});
