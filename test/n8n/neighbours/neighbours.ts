import type { IBinaryData, IDataObject, INodeExecutionData } from 'n8n-workflow';

import { ImageMaker } from '../../bench/markedImage';
import { useSimulator } from '../../engine/workflows';
import {
	readBinary,
	runWorkflow,
	type RunOptions,
	type RunResult,
	type WorkflowJson,
} from '../../support/harness';
import { n8nNodesOf } from './n8nNodes';

// n8n's nodes are large, and loading them takes its time on a busy machine.
jest.setTimeout(120_000);

/** How to run a workflow. */
export type Options = Partial<Omit<RunOptions, 'workflow' | 'nodeTypes'>>;

/**
 * Runs workflows with n8n's own nodes. The simulator draws another image for every task, also for
 * tasks with the same prompt.
 */
export function useNeighbours() {
	const maker = new ImageMaker(2000);
	const simulator = useSimulator({
		drawImage: async ({ prompt, seed }) => maker.make(`${prompt} ${seed}`),
	});
	const run = async (workflow: WorkflowJson, options: Options): Promise<RunResult> =>
		await runWorkflow({
			credentials: simulator.credentials,
			...options,
			workflow,
			nodeTypes: await n8nNodesOf(workflow),
		});
	return {
		simulator,
		run,
		/** Runs a workflow that must succeed. */
		runWell: async (workflow: WorkflowJson, options: Options): Promise<RunResult> => {
			const result = await run(workflow, options);
			expect(result.error).toBeUndefined();
			expect(result.status).toBe('success');
			return result;
		},
		/** The task of each item. */
		tasksOf: (list: INodeExecutionData[]) =>
			list.map(({ json }) => simulator.tasks.find(({ id }) => id === json.task_id)!),
	};
}

/** Items for the start of a workflow. */
export function inputOf(...list: IDataObject[]): INodeExecutionData[] {
	return list.map((json) => ({ json }));
}

/** The items on a node's first output, over all its runs. */
export function items(result: RunResult, nodeName: string): INodeExecutionData[] {
	const runs = result.runExecutionData.resultData.runData[nodeName] ?? [];
	return runs.flatMap((_, index) => result.outputs(nodeName, index)[0] ?? []);
}

/** Their json. */
export function json(result: RunResult, nodeName: string): IDataObject[] {
	return items(result, nodeName).map((item) => item.json);
}

/** What they were made from. */
export function pairs(result: RunResult, nodeName: string) {
	return items(result, nodeName).map(({ pairedItem }) => pairedItem);
}

/** The file of an item, also in a workflow that keeps files in the json. */
export function fileOf({ binary, json: { _files } }: INodeExecutionData, field = 'data') {
	return (binary ?? (_files as Record<string, IBinaryData>))[field]!;
}

/** Their bytes. */
export async function bytesOf(list: INodeExecutionData[], field?: string): Promise<Buffer[]> {
	return await Promise.all(list.map(async (item) => await readBinary(fileOf(item, field))));
}

/** What the service serves as the image of each item. */
export async function served(list: INodeExecutionData[]): Promise<Buffer[]> {
	return await Promise.all(
		list.map(async ({ json: { image_url: link } }) => {
			const response = await fetch(link as string);
			expect(response.status).toBe(200);
			return Buffer.from(await response.arrayBuffer());
		}),
	);
}

/** The images in the simulator's body for a task: what its data URIs hold. */
export function sentImages({ body }: { body: Record<string, unknown> }): Buffer[] {
	return ((body.images ?? []) as string[]).map((address) => {
		expect(address).toMatch(/^data:image\/\w+;base64,/);
		return Buffer.from(address.slice(address.indexOf(',') + 1), 'base64');
	});
}
