import { PackageDirectoryLoader } from 'n8n-core';
import type { ICredentialType, INodeType, IVersionedNodeType } from 'n8n-workflow';

import packageJson from '../../../package.json';

/**
 * Folder of the built package that every run loads instead of the TypeScript sources; set by
 * `npm run test:compatibility`.
 */
const builtPackage = process.env.HARNESS_PACKAGE;

/** The nodes and credentials of this package; node types by their full name. */
export interface LoadedPackage {
	nodeTypes: Record<string, INodeType | IVersionedNodeType>;
	credentialTypes: Record<string, ICredentialType>;
}

/** The prefix n8n puts before the names of this package's nodes. */
export const nodeTypePrefix = `${packageJson.name}.`;

async function loadSource(): Promise<LoadedPackage> {
	// Imported on demand, so tests with node types of their own run without the sources.
	const { Flux2Flex } = await import('../../../nodes/Flux2Flex/Flux2Flex.node');
	const { Flux2FlexApi } = await import('../../../credentials/Flux2FlexApi.credentials');
	const nodeType = new Flux2Flex();
	const credentialType = new Flux2FlexApi();
	return {
		nodeTypes: { [nodeTypePrefix + nodeType.description.name]: nodeType },
		credentialTypes: { [credentialType.name]: credentialType },
	};
}

async function loadBuilt(directory: string): Promise<LoadedPackage> {
	const loader = new PackageDirectoryLoader(directory);
	await loader.loadAll();
	return {
		nodeTypes: Object.fromEntries(
			Object.entries(loader.nodeTypes).map(([name, { type }]) => [
				`${loader.packageName}.${name}`,
				type,
			]),
		),
		credentialTypes: Object.fromEntries(
			Object.entries(loader.credentialTypes).map(([name, { type }]) => [name, type]),
		),
	};
}

/**
 * Loads this package.
 *
 * @param directory a built package, loaded as n8n loads it; by default the TypeScript sources
 */
export async function loadPackage(directory = builtPackage): Promise<LoadedPackage> {
	return directory === undefined ? await loadSource() : await loadBuilt(directory);
}
