import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';

import { builderHint, hints } from './description/guidance';
import { operation, operationNameExpression } from './description/operation';
import { options } from './description/options';
import { requestFields } from './description/request';
import { resultFields } from './description/result';
import { runOperation } from './operations/router';
import { CREDENTIAL_TYPE } from './services/account';

export class Flux2Flex implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Flux 2 Flex',
		name: 'flux2Flex',
		icon: { light: 'file:../../icons/flux2Flex.svg', dark: 'file:../../icons/flux2Flex.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: operationNameExpression,
		description: 'Generate and edit images with FLUX.2 [flex]',
		defaults: { name: 'Flux 2 Flex' },
		usableAsTool: true,
		builderHint,
		hints,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: CREDENTIAL_TYPE, required: true }],
		properties: [operation, ...requestFields, ...resultFields, options],
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return [await runOperation(this)];
	}
}
