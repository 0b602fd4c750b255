import { LazyPackageDirectoryLoader } from 'n8n-core';
import type {
	ICredentialDataDecryptedObject,
	ICredentialType,
	INodeType,
	IVersionedNodeType,
} from 'n8n-workflow';
import { dirname } from 'node:path';

import type { StoredCredential, WorkflowJson } from '../../support/harness';

const prefix = 'n8n-nodes-base.';

/** It hands the workflow's pinned items on; n8n's own would hand on one empty item. */
const standIn = `${prefix}manualTrigger`;

let loading: Promise<LazyPackageDirectoryLoader> | undefined;

/** n8n's own nodes, loaded as n8n loads them: each when it is first asked for. */
async function load(): Promise<LazyPackageDirectoryLoader> {
	const loader = new LazyPackageDirectoryLoader(
		dirname(require.resolve('n8n-nodes-base/package.json')),
	);
	await loader.loadAll();
	return loader;
}

/** n8n's own node types that a workflow uses, by full name. */
export async function n8nNodesOf({
	nodes,
}: WorkflowJson): Promise<Record<string, INodeType | IVersionedNodeType>> {
	const loader = await (loading ??= load());
	const types = new Set(nodes.map(({ type }) => type));
	return Object.fromEntries(
		[...types]
			.filter((type) => type.startsWith(prefix) && type !== standIn)
			.map((type) => [type, loader.getNode(type.slice(prefix.length)).type]),
	);
}

/**
 * A credential of one of n8n's own types, with what a user would have typed in.
 *
 * @throws Error when n8n has no such type
 */
export async function n8nCredential(
	name: string,
	data: ICredentialDataDecryptedObject,
): Promise<StoredCredential> {
	const loader = await (loading ??= load());
	const typeNamed = (typeName: string) => loader.getCredential(typeName).type;
	const ancestors = ({ extends: parents = [] }: ICredentialType): ICredentialType[] =>
		parents.map(typeNamed).flatMap((parent) => [...ancestors(parent), parent]);
	const type = typeNamed(name);
	return { type, parentTypes: ancestors(type), data };
}
