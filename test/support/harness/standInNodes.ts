import type { INodeType, INodeTypeDescription } from 'n8n-workflow';

/** A node type that hands its input items on unchanged. */
export function passThroughNode(
	name: string,
	description: Partial<INodeTypeDescription> = {},
): INodeType {
	return {
		description: {
			name,
			displayName: name,
			group: ['transform'],
			version: 1,
			description: '',
			defaults: { name },
			inputs: ['main'],
			outputs: ['main'],
			properties: [],
			...description,
		},
		async execute() {
			return [this.getInputData()];
		},
	};
}

/** Stand-ins for the nodes of n8n-nodes-base that every workflow has; the package is a large one. */
export const standInNodes: Record<string, INodeType> = {
	'n8n-nodes-base.manualTrigger': passThroughNode('manualTrigger', {
		group: ['trigger'],
		inputs: [],
	}),
	'n8n-nodes-base.noOp': passThroughNode('noOp'),
	'n8n-nodes-base.stickyNote': passThroughNode('stickyNote', { inputs: [], outputs: [] }),
};
