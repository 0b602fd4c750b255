import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { examplesFolder } from './paths.mjs';

export const nodeType = 'n8n-nodes-flux-2-flex.flux2Flex';
export const credentialType = 'flux2FlexApi';

/** The example that is run first: it needs nothing but the credential. */
const firstExample = 'text-to-image.json';

/**
 * @param {{ id: string, name: string }} credential the stored one that the examples shall use
 * @returns {Promise<Array<{ file: string, workflow: any }>>} the first example first
 */
export async function readExamples(credential) {
	const files = (await readdir(examplesFolder)).filter((file) => file.endsWith('.json')).sort();
	const ordered = [firstExample, ...files.filter((file) => file !== firstExample)];
	return await Promise.all(
		ordered.map(async (file) => ({
			file,
			workflow: withCredential(
				JSON.parse(await readFile(join(examplesFolder, file), 'utf8')),
				credential,
			),
		})),
	);
}

/**
 * @template {{ nodes: any[] }} T
 * @param {T} workflow
 * @param {{ id: string, name: string }} credential
 * @returns {T} a copy whose Flux 2 Flex nodes use the credential
 */
export function withCredential(workflow, { id, name }) {
	return {
		...workflow,
		nodes: workflow.nodes.map((node) =>
			node.type === nodeType ? { ...node, credentials: { [credentialType]: { id, name } } } : node,
		),
	};
}
