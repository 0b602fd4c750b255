import {
	NodeOperationError,
	type IDataObject,
	type IExecuteFunctions,
	type INode,
} from 'n8n-workflow';

import type { VirtualService } from './virtualService';

export interface VirtualContextOptions {
	service: VirtualService;
	/** Parameters of the node; a function gives those of an item. */
	parameters: IDataObject | ((itemIndex: number) => IDataObject);
	itemCount?: number;
	continueOnFail?: boolean;
	/** The node's context; hand the same one to a second run to play Retry On Fail. */
	nodeContext?: IDataObject;
	cancelSignal?: AbortSignal;
}

/** Just as much of n8n as the node uses, for runs on virtual time. Engine tests cover the rest. */
export function virtualContext({
	service,
	parameters,
	itemCount = 1,
	continueOnFail = false,
	nodeContext = {},
	cancelSignal,
}: VirtualContextOptions): IExecuteFunctions & { hints: string[]; logLines: string[] } {
	const node = { name: 'Flux', type: 'n8n-nodes-flux-2-flex.flux2Flex' } as INode;
	const hints: string[] = [];
	const logLines: string[] = [];
	const context = {
		hints,
		logLines,
		getNode: () => node,
		getContext: () => nodeContext,
		getInputData: () => Array.from({ length: itemCount }, () => ({ json: {} })),
		getCredentials: async () => ({
			service: service.dialect.id,
			apiKey: 'virtual-key',
			baseUrl: '',
		}),
		getExecutionCancelSignal: () => cancelSignal,
		continueOnFail: () => continueOnFail,
		isToolExecution: () => false,
		addExecutionHints: ({ message }: { message: string }) => hints.push(message),
		logger: {
			debug: (message: string, details: unknown) =>
				logLines.push(`${message} ${JSON.stringify(details)}`),
		},
		getNodeParameter: (name: string, itemIndex: number, fallback?: unknown) => {
			const values = typeof parameters === 'function' ? parameters(itemIndex) : parameters;
			// As lodash has it, a null is a value.
			const value = values[name] === undefined ? fallback : values[name];
			if (value === undefined) throw new NodeOperationError(node, `No parameter ${name}`);
			return value;
		},
		helpers: {
			httpRequest: service.request,
			httpRequestWithAuthentication: async (_type: string, request: never) =>
				await service.request(request),
			prepareBinaryData: async (
				body: AsyncIterable<Uint8Array>,
				fileName: string,
				mimeType: string,
			) => {
				const chunks: Uint8Array[] = [];
				for await (const chunk of body) chunks.push(chunk);
				return { data: Buffer.concat(chunks).toString('base64'), fileName, mimeType };
			},
		},
	};
	return context as unknown as IExecuteFunctions & { hints: string[]; logLines: string[] };
}
