import type { INode, INodeParameters, IWorkflowSettings } from 'n8n-workflow';

import type { WorkflowJson } from '../../support/harness';

/** What a node is and does; its name stands before it. */
type Step = Pick<INode, 'type' | 'typeVersion' | 'parameters'> & Partial<INode>;

/** Where an output leads: to a node's first input, or to another one. */
type Target = string | { node: string; index: number };

/** A node of n8n's own. */
export function n8nNode(type: string, typeVersion: number, parameters: INodeParameters = {}): Step {
	return { type: `n8n-nodes-base.${type}`, typeVersion, parameters };
}

/** A Flux 2 Flex node, which asks for its tasks quickly. */
export function flux(parameters: INodeParameters, settings: Partial<INode> = {}): Step {
	return {
		type: 'n8n-nodes-flux-2-flex.flux2Flex',
		typeVersion: 1,
		parameters: { options: { pollingInterval: 0.02 }, ...parameters },
		...settings,
	};
}

/** Reference images in a field of the item. */
export function filesIn(binaryPropertyName: string): INodeParameters {
	return { image: [{ source: 'binary', binaryPropertyName }] };
}

/** Edit Fields, which adds fields to items. */
export function editFields(fields: Record<string, string>): Step {
	const assignments = Object.entries(fields).map(([name, value]) => ({
		id: name,
		name,
		value,
		type: 'string',
	}));
	return n8nNode('set', 3.4, {
		includeOtherFields: true,
		assignments: { assignments },
		options: { stripBinary: false },
	});
}

/**
 * A workflow that starts by hand, with a node 'Start' that hands on the items of the run.
 *
 * @param steps the nodes by name, each behind the one before
 * @param branches the outputs of nodes that lead elsewhere
 */
export function workflow(
	steps: Record<string, Step>,
	branches: Record<string, Target[][]> = {},
	settings: IWorkflowSettings = {},
): WorkflowJson {
	const all = Object.entries({ Start: n8nNode('manualTrigger', 1), ...steps });
	const connections = all.map(([name], index) => {
		const next = all[index + 1];
		const outputs = branches[name] ?? (next ? [[next[0]]] : []);
		const main = outputs.map((targets) =>
			targets.map((target) => ({
				...(typeof target === 'string' ? { node: target, index: 0 } : target),
				type: 'main' as const,
			})),
		);
		return [name, { main }] as const;
	});
	return {
		nodes: all.map(([name, step], index) => ({
			id: name,
			name,
			position: [index * 240, 0],
			...step,
		})),
		connections: Object.fromEntries(connections),
		settings,
	};
}
