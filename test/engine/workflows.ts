import {
	sleep,
	type IDataObject,
	type INode,
	type INodeExecutionData,
	type INodeParameters,
} from 'n8n-workflow';

import {
	startWorkflow,
	type RunOptions,
	type RunResult,
	type WorkflowJson,
} from '../support/harness';
import { novita } from '../support/services';
import { startSimulator, type Call, type SimulatorOptions } from '../support/simulator';
import { formats } from './images';

// A real server and a real engine share the machine with whatever else runs on it.
jest.setTimeout(30_000);

const prompted = { prompt: '={{ $json.prompt }}' };
const submitted = { ...prompted, operation: 'submit' };
const asked = { operation: 'getTaskResult', taskId: '={{ $json.task_id }}' };

/** The Flux 2 Flex nodes of each workflow, one after the other. */
const fluxNodes = {
	submit: [{ parameters: submitted }],
	submitAndWait: [{ parameters: prompted }],
	getTaskResult: [{ parameters: asked }],
	submitThenGetTaskResult: [{ name: 'Submit', parameters: submitted }, { parameters: asked }],
	errorOutput: [{ parameters: prompted, onError: 'continueErrorOutput' }],
} satisfies Record<string, Array<Partial<INode>>>;

export type WorkflowName = keyof typeof fluxNodes;

export const binaryModes = ['default', 'filesystem'] as const;

export const fluxNode = 'Flux 2 Flex';

export const apiKey = 'simulator-key';

/** A workflow with changes, and how to run it. */
export interface Variant extends Omit<RunOptions, 'workflow' | 'input'> {
	/** Replace parameters of the Flux 2 Flex nodes; those under `options` are added. */
	parameters?: INodeParameters;
	/** Settings of the Flux 2 Flex nodes: `onError`, `retryOnFail`, … */
	node?: Partial<INode>;
	/** Items for the trigger; default one with a prompt and a task id. */
	input?: INodeExecutionData[];
}

/** What came of a run, with the Flux 2 Flex node's items at hand. */
export interface Outcome extends RunResult {
	/** Items on the first output. */
	items: INodeExecutionData[];
	/** Their json. */
	json: IDataObject[];
	/** Items on the error output, as the next node sees them. */
	failed: IDataObject[];
}

/**
 * The workflow, changed as asked: a trigger, the Flux 2 Flex nodes, and a node at each output of the
 * last of them. Unless told otherwise it asks for its task quickly, because a test has better to do
 * than to wait for a second.
 */
export function workflow(
	name: WorkflowName,
	{ parameters = {}, node: settings = {} }: Variant = {},
): WorkflowJson {
	const chain = fluxNodes[name].map((saved: Partial<INode>) => {
		const { operation } = { ...saved.parameters, ...parameters };
		return node({
			name: fluxNode,
			type: 'n8n-nodes-flux-2-flex.flux2Flex',
			credentials: { flux2FlexApi: { id: 'f1ux2F1exAccount', name: 'Flux 2 Flex account' } },
			...saved,
			...settings,
			parameters: {
				...saved.parameters,
				...parameters,
				options: {
					...((operation ?? 'submitAndWait') === 'submitAndWait' && { pollingInterval: 0.02 }),
					...(parameters.options as INodeParameters),
				},
			},
		});
	});
	const trigger = node({ name: 'Trigger', type: 'n8n-nodes-base.manualTrigger' });
	const ends = ['Done', 'Failed'].map((end) => node({ name: end, type: 'n8n-nodes-base.noOp' }));
	const to = ({ name: next }: INode) => [{ node: next, type: 'main' as const, index: 0 }];
	const connections: WorkflowJson['connections'] = { [fluxNode]: { main: ends.map(to) } };
	for (const [index, next] of chain.entries()) {
		connections[(chain[index - 1] ?? trigger).name] = { main: [to(next)] };
	}
	return { nodes: [trigger, ...chain, ...ends], connections };
}

const node = (settings: Partial<INode> & { name: string; type: string }): INode => ({
	id: settings.name,
	typeVersion: 1,
	position: [0, 0],
	parameters: {},
	...settings,
});

const defaultInput = [
	{
		json: {
			prompt: 'A watercolor of a lighthouse at dawn',
			task_id: 'e3222b77-e64f-43fd-8b22-3f57cf0a5088',
		},
	},
];

/** Starts a workflow. */
export function start(name: WorkflowName, variant: Variant = {}) {
	const run = startWorkflow({
		input: defaultInput,
		...variant,
		workflow: workflow(name, variant),
	});
	return { cancel: () => run.cancel(), result: run.result.then(toOutcome) };
}

/** Runs a workflow to its end. */
export async function run(name: WorkflowName, variant?: Variant): Promise<Outcome> {
	return await start(name, variant).result;
}

function toOutcome(result: RunResult): Outcome {
	const items = result.outputs(fluxNode)[0] ?? [];
	return {
		...result,
		items,
		json: items.map(({ json }) => json),
		failed: (result.outputs('Failed')[0] ?? []).map(({ json }) => json),
	};
}

/** Runs a workflow that must succeed. */
export async function runWell(name: WorkflowName, variant?: Variant): Promise<Outcome> {
	const result = await run(name, variant);
	expect(result.error).toBeUndefined();
	expect(result.status).toBe('success');
	return result;
}

/** What a failed run shows to the user. */
interface Failure {
	message: string;
	description: string;
	itemIndex?: number;
}

/** The error of a run that must fail, as the user sees it. */
export function failureOf({ status, error }: RunResult): Failure {
	expect(status).toBe('error');
	const { message, description, context } = error as unknown as Failure & { context?: Failure };
	return { message, description, itemIndex: context?.itemIndex };
}

/** One item per prompt. */
export function prompts(...texts: string[]): INodeExecutionData[] {
	return texts.map((prompt) => ({ json: { prompt } }));
}

/**
 * A simulator for a test file: as new before each test, and with quickly made images.
 *
 * @param service whose dialect the credential makes the node speak
 */
export function useSimulator(options: SimulatorOptions = {}, service = novita) {
	let simulator: Awaited<ReturnType<typeof startSimulator>>;
	beforeAll(async () => {
		simulator = await startSimulator({
			drawImage: async ({ imageType }) => formats[imageType].bytes,
			...options,
		});
	});
	beforeEach(() => simulator.reset());
	afterAll(async () => await simulator.close());
	return {
		get url() {
			return simulator.url;
		},
		/** A credential that leads here. */
		get credentials() {
			return { service: service.id, apiKey, baseUrl: simulator.url + (options.basePath ?? '') };
		},
		get tasks() {
			return simulator.tasks;
		},
		get requests() {
			return simulator.requests;
		},
		get faults() {
			return simulator.faults;
		},
		set balance(balance: number) {
			simulator.balance = balance;
		},
		/** The bodies of the accepted submits. */
		bodies: () => simulator.tasks.map(({ body }) => body),
		/** The prompts that were paid for, in the order they were accepted. */
		paidPrompts: () => simulator.tasks.map(({ prompt }) => prompt),
		/** How many requests of a kind arrived. */
		count: (call: Call) => simulator.requests.filter((request) => request.call === call).length,
	};
}

/**
 * Takes the dice away that back-off pauses are thrown with, so that none of them takes time.
 * Only for tests whose faults end: nothing else slows the repetitions down.
 */
export function withoutBackOff(): void {
	beforeEach(() => {
		jest.spyOn(Math, 'random').mockReturnValue(0);
	});
	afterEach(() => {
		jest.restoreAllMocks();
	});
}

/** Waits until something is the case; fails when it is not within ten seconds. */
export async function until(isTrue: () => boolean): Promise<void> {
	const giveUpAt = Date.now() + 10_000;
	while (!isTrue()) {
		if (Date.now() > giveUpAt) throw new Error(`Still not the case: ${String(isTrue)}`);
		await sleep(5);
	}
}
