import {
	deepCopy,
	type IDataObject,
	type INode,
	type INodeExecutionData,
	type INodeParameters,
	type IPairedItemData,
	type IRunExecutionData,
} from 'n8n-workflow';

import { ImageMaker } from '../../bench/markedImage';
import {
	readBinary,
	runWorkflow,
	type RunOptions,
	type RunResult,
	type WorkflowJson,
} from '../../support/harness';
import { useSimulator } from '../../engine/workflows';
import { n8nNodesOf } from './n8nNodes';

// n8n's nodes are large, and loading them takes its time on a busy machine.
jest.setTimeout(120_000);

const fluxType = 'n8n-nodes-flux-2-flex.flux2Flex';

/** A workflow file. */
export interface WorkflowFile {
	nodes: object[];
	connections: object;
	settings?: object;
	/** Of the trigger: the items it hands on when a run brings none. */
	pinData?: object;
}

/** How to run a workflow file. */
export interface Variant extends Omit<RunOptions, 'workflow' | 'nodeTypes'> {
	/** Changes of nodes, by name: `onError`, `retryOnFail`, … */
	nodes?: Record<string, Partial<INode>>;
	/** Leave the nodes to find out themselves when to ask for their tasks, which takes seconds. */
	unhurried?: boolean;
}

/**
 * Runs a workflow file with n8n's own nodes. Its Flux 2 Flex nodes ask for their tasks quickly,
 * unless they say how often themselves. Whatever comes of the run, the paired items that they
 * returned must exist.
 */
export async function run(file: WorkflowFile, variant: Variant = {}): Promise<RunResult> {
	const { nodes: changes = {}, unhurried = false, ...options } = variant;
	const { nodes, connections, settings } = deepCopy(file) as unknown as WorkflowJson;
	for (const node of nodes) {
		Object.assign(node, changes[node.name]);
		if (node.type === fluxType && !unhurried) askQuickly(node.parameters);
	}
	const workflow = { nodes, connections, settings };
	const pinned = Object.values((file.pinData ?? {}) as Record<string, INodeExecutionData[]>);
	const result = await runWorkflow({
		input: pinned[0],
		...options,
		workflow,
		nodeTypes: await n8nNodesOf(workflow),
	});
	for (const { name } of nodes.filter(({ type }) => type === fluxType)) {
		expectPairedItemsToExist(result.runExecutionData, name);
	}
	return result;
}

/** Runs a workflow file that must succeed. */
export async function runWell(file: WorkflowFile, variant?: Variant): Promise<RunResult> {
	const result = await run(file, variant);
	expect(result.error).toBeUndefined();
	expect(result.status).toBe('success');
	return result;
}

function askQuickly(parameters: INodeParameters): void {
	const { operation = 'submitAndWait', options } = parameters;
	if (operation !== 'submitAndWait') return;
	parameters.options = { pollingInterval: 0.02, ...(options as INodeParameters) };
}

function expectPairedItemsToExist({ resultData }: IRunExecutionData, nodeName: string): void {
	for (const { source, data } of resultData.runData[nodeName] ?? []) {
		for (const item of (data?.main ?? []).flatMap((items) => items ?? [])) {
			const { item: index, input = 0 } = pairedItem(item);
			const { previousNode, previousNodeOutput = 0, previousNodeRun = 0 } = source[input]!;
			const previous = resultData.runData[previousNode]![previousNodeRun]!;
			expect(previous.data?.main?.[previousNodeOutput]?.[index]).toBeDefined();
		}
	}
}

/** The one input item that an item was made from. */
export function pairedItem({ pairedItem: link }: INodeExecutionData): IPairedItemData {
	expect(link).toMatchObject({ item: expect.any(Number) as number });
	return link as IPairedItemData;
}

/** Items of a node's output. */
export function items(result: RunResult, nodeName: string, output = 0): INodeExecutionData[] {
	return result.outputs(nodeName)[output] ?? [];
}

/** Their json. */
export function json(result: RunResult, nodeName: string, output = 0): IDataObject[] {
	return items(result, nodeName, output).map((item) => item.json);
}

/** Items of a node over all its runs. */
export function itemsOfAllRuns(result: RunResult, nodeName: string): INodeExecutionData[] {
	const runs = result.runExecutionData.resultData.runData[nodeName] ?? [];
	return runs.flatMap((_, index) => result.outputs(nodeName, index).flat());
}

/** The bytes of an item's file. */
export async function bytesOf({ binary }: INodeExecutionData, field = 'data'): Promise<Buffer> {
	return await readBinary(binary![field]!);
}

/** What the service serves as the image of an item. */
export async function served({ image_url: link }: IDataObject): Promise<Buffer> {
	const response = await fetch(link as string);
	expect(response.status).toBe(200);
	return Buffer.from(await response.arrayBuffer());
}

/** The images of a file in the simulator's body for a task: what its data URIs hold. */
export function sentImages(body: Record<string, unknown>): Buffer[] {
	return ((body.images ?? []) as string[]).map((address) => {
		expect(address).toMatch(/^data:image\/\w+;base64,/);
		return Buffer.from(address.slice(address.indexOf(',') + 1), 'base64');
	});
}

/**
 * A simulator whose images differ from task to task, also between tasks for the same prompt.
 *
 * @param bytes about how large the images are
 */
export function useDistinctImages(bytes = 2000) {
	const maker = new ImageMaker(bytes);
	return useSimulator({
		drawImage: async ({ prompt, seed }) => maker.make(`${prompt} ${seed}`),
	});
}
