import {
	NodeHelpers,
	type INodeType,
	type INodeTypes,
	type IVersionedNodeType,
} from 'n8n-workflow';

import { toolTwin } from './toolTwin';

const toolSuffix = 'Tool';

/** The node types a workflow may use, with a tool twin for each that is asked for by `…Tool`. */
export class NodeTypeRegistry implements INodeTypes {
	private readonly toolTwins = new Map<string, INodeType>();

	constructor(private readonly nodeTypes: Record<string, INodeType | IVersionedNodeType>) {}

	getByName(name: string): INodeType | IVersionedNodeType {
		const nodeType = this.nodeTypes[name];
		if (nodeType === undefined) {
			throw new Error(`Unknown node type '${name}': hand it over in the option 'nodeTypes'`);
		}
		return nodeType;
	}

	getByNameAndVersion(name: string, version?: number): INodeType {
		if (name in this.nodeTypes || !name.endsWith(toolSuffix)) {
			return NodeHelpers.getVersionedNodeType(this.getByName(name), version);
		}
		const key = `${name} ${version}`;
		const twin =
			this.toolTwins.get(key) ??
			toolTwin(this.getByNameAndVersion(name.slice(0, -toolSuffix.length), version));
		this.toolTwins.set(key, twin);
		return twin;
	}

	getKnownTypes() {
		return {};
	}
}
