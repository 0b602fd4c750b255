import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { ICredentialType, INodeType } from 'n8n-workflow';

/** n8n's own nodes that the benchmark needs. */
export interface BaseNodes {
	/** By full name. */
	nodeTypes: Record<string, INodeType>;
	headerAuth: ICredentialType;
}

/** @param folder of n8n-nodes-base, as the real n8n has it installed */
export function loadBaseNodes(folder: string): BaseNodes {
	const requireFromPackage = createRequire(join(folder, 'package.json'));
	const create = <Type>(path: string, name: string): Type => {
		const exported = requireFromPackage(`./dist/${path}.js`) as Record<string, new () => Type>;
		const Constructor = exported[name];
		if (Constructor === undefined) throw new Error(`n8n-nodes-base has no ${name}`);
		return new Constructor();
	};
	const nodeType = (name: string) => create<INodeType>(`nodes/${name}/${name}.node`, name);
	return {
		nodeTypes: {
			'n8n-nodes-base.httpRequest': nodeType('HttpRequest'),
			'n8n-nodes-base.if': nodeType('If'),
			'n8n-nodes-base.wait': nodeType('Wait'),
		},
		headerAuth: create('credentials/HttpHeaderAuth.credentials', 'HttpHeaderAuth'),
	};
}
