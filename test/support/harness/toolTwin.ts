import { deepCopy, type INodeProperties, type INodeType } from 'n8n-workflow';

/**
 * The `…Tool` twin n8n makes of a node that is usable as a tool, to be connected to an AI agent.
 * Follows `convertNodeToAiTool` in n8n's `tool-generation/ai-tools.ts`, which is not in n8n-core.
 *
 * @throws Error when the node is not usable as a tool
 */
export function toolTwin(nodeType: INodeType): INodeType {
	const { usableAsTool, ...description } = deepCopy(nodeType.description);
	if (!usableAsTool) throw new Error(`'${description.name}' cannot be used as a tool`);
	if (typeof usableAsTool === 'object') Object.assign(description, usableAsTool.replacements);

	const names = description.properties.map(({ name }) => name);
	if (!names.includes('toolDescription')) {
		const hasChoice = names.includes('resource') || names.includes('operation');
		description.properties.unshift(...descriptionProperties(description.description, hasChoice));
	}
	return Object.create(nodeType, {
		description: {
			value: {
				...description,
				name: `${description.name}Tool`,
				displayName: `${description.displayName} Tool`,
				inputs: [],
				outputs: ['ai_tool'],
			},
		},
	}) as INodeType;
}

function descriptionProperties(description: string, hasChoice: boolean): INodeProperties[] {
	const toolDescription: INodeProperties = {
		displayName: 'Description',
		name: 'toolDescription',
		type: 'string',
		default: description,
		required: true,
	};
	if (!hasChoice) return [toolDescription];
	return [
		{
			displayName: 'Tool Description',
			name: 'descriptionType',
			type: 'options',
			options: [
				{ name: 'Set Automatically', value: 'auto' },
				{ name: 'Set Manually', value: 'manual' },
			],
			default: 'auto',
		},
		{ ...toolDescription, displayOptions: { show: { descriptionType: ['manual'] } } },
	];
}
