import {
	deepCopy,
	sleep,
	type IDataObject,
	type INode,
	type INodeExecutionData,
	type INodeParameters,
} from 'n8n-workflow';

import {
	passThroughNode,
	startWorkflow,
	type RunOptions,
	type RunResult,
	type WorkflowJson,
} from '../support/harness';
import { novita } from '../support/services';
import { startSimulator, type Call, type SimulatorOptions } from '../support/simulator';
import asTool from './asTool.workflow.json';
import errorOutput from './errorOutput.workflow.json';
import getTaskResult from './getTaskResult.workflow.json';
import imageFromBinary from './imageFromBinary.workflow.json';
import imageFromUrl from './imageFromUrl.workflow.json';
import { formats } from './images';
import submit from './submit.workflow.json';
import submitAndWait from './submitAndWait.workflow.json';
import submitThenGetTaskResult from './submitThenGetTaskResult.workflow.json';

// A real server and a real engine share the machine with whatever else runs on it.
jest.setTimeout(30_000);

const exported = {
	asTool,
	errorOutput,
	getTaskResult,
	imageFromBinary,
	imageFromUrl,
	submit,
	submitAndWait,
	submitThenGetTaskResult,
};

export type WorkflowName = keyof typeof exported;

export const binaryModes = ['default', 'filesystem'] as const;

export const fluxNode = 'Flux 2 Flex';

export const apiKey = 'simulator-key';

/** A workflow file with changes, and how to run it. */
export interface Variant extends Omit<RunOptions, 'workflow' | 'input'> {
	/** Replace parameters of the Flux 2 Flex nodes; those under `options` are added. */
	parameters?: INodeParameters;
	/** Settings of the Flux 2 Flex nodes: `onError`, `retryOnFail`, … */
	node?: Partial<INode>;
	/** Items for the trigger; default those pinned in the file. */
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
 * The workflow as exported, changed as asked. Unless told otherwise it asks for its task quickly,
 * because a test has better to do than to wait for a second.
 */
export function workflow(
	name: WorkflowName,
	{ parameters = {}, node: settings = {} }: Variant = {},
): WorkflowJson {
	const { nodes, connections } = deepCopy(exported[name]) as unknown as WorkflowJson;
	for (const node of nodes.filter(isFlux)) {
		Object.assign(node, settings);
		const operation = parameters.operation ?? node.parameters.operation;
		node.parameters = {
			...node.parameters,
			...parameters,
			options: {
				...(operation === undefined || operation === 'submitAndWait'
					? { pollingInterval: 0.02 }
					: {}),
				...(node.parameters.options as INodeParameters),
				...(parameters.options as INodeParameters),
			},
		};
	}
	return { nodes, connections };
}

function isFlux({ type }: INode): boolean {
	return type.startsWith('n8n-nodes-flux-2-flex.');
}

/** The parameters of the Flux 2 Flex node in a workflow file. */
export function parametersOf(name: WorkflowName): INodeParameters {
	return workflow(name).nodes.find(isFlux)!.parameters;
}

/** Starts a workflow. */
export function start(name: WorkflowName, variant: Variant = {}) {
	const { pinData } = exported[name] as { pinData: Record<string, INodeExecutionData[]> };
	const run = startWorkflow({
		input: Object.values(pinData)[0],
		...variant,
		workflow: workflow(name, variant),
		// Fetches nothing here: the items it would return are handed to the trigger.
		nodeTypes: {
			'n8n-nodes-base.httpRequest': passThroughNode('httpRequest', { version: 4.2 }),
			...variant.nodeTypes,
		},
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
export interface Failure {
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
