import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { examplesFolder, packageJson } from './paths.mjs';

/**
 * @typedef {{ name: string, type: string, parameters: Record<string, unknown> }} WorkflowNode
 * @typedef {{ name: string, nodes: WorkflowNode[], connections: Record<string, unknown> }} WorkflowJson
 */

export const nodeType = `${packageJson.name}.flux2Flex`;
/** The twin that n8n makes of the node for AI agents. */
const toolType = `${nodeType}Tool`;
export const credentialType = 'flux2FlexApi';

/** The example that is run first: it needs nothing but the credential. */
const firstExample = 'text-to-image.json';

/** @returns {Promise<string[]>} names of the files in the examples folder, the first example first */
export async function exampleFiles() {
	const files = (await readdir(examplesFolder)).filter((file) => file.endsWith('.json')).sort();
	return [firstExample, ...files.filter((file) => file !== firstExample)];
}

/**
 * @param {string} file name in the examples folder
 * @returns {Promise<WorkflowJson>} the workflow as it is in the file
 */
export async function readExample(file) {
	return JSON.parse(await readFile(join(examplesFolder, file), 'utf8'));
}

/**
 * @param {{ id: string, name: string }} credential the stored one that the examples shall use
 * @returns {Promise<WorkflowJson[]>} the first example first
 */
export async function readExamples(credential) {
	return await Promise.all(
		(await exampleFiles()).map(async (file) => withCredential(await readExample(file), credential)),
	);
}

/**
 * @param {WorkflowJson} workflow
 * @param {{ id: string, name: string }} credential
 * @returns {WorkflowJson} a copy whose Flux 2 Flex nodes and tools use the credential; those of other services
 *   are left to the user
 */
export function withCredential(workflow, { id, name }) {
	return {
		...workflow,
		nodes: workflow.nodes.map((node) =>
			[nodeType, toolType].includes(node.type)
				? { ...node, credentials: { [credentialType]: { id, name } } }
				: node,
		),
	};
}
