import type { IConnections, IDataObject, INode } from 'n8n-workflow';

import type { RunOptions, WorkflowJson } from '../support/harness';
import { findTestedService } from '../support/services';
import { loadBaseNodes } from './baseNodes';

/** Who can run in the benchmark. */
export type ContestantName = 'ours' | 'oneByOne' | 'httpNodes';

/** How the contestants are set up in a case. */
export interface ContestantSettings {
	/** The node's option 'Max Concurrent Tasks'; default as a user finds it. */
	maxConcurrentTasks?: number;
	/** Seconds of the Wait node in the loop of HTTP Request nodes; undefined = no loop is needed. */
	waitSeconds?: number;
}

/** Where the contestants come from, and whom they talk to. */
export interface Surroundings {
	serviceUrl: string;
	/** Whose dialect they speak, as in the credential. */
	serviceId: string;
	/** This package as built; undefined = from its source. */
	packageFolder?: string;
	/** The folder of n8n-nodes-base. */
	baseNodesFolder: string;
}

export interface Contestant {
	run: Omit<RunOptions, 'input'>;
	/** The node whose items, over all its runs, are the images. */
	lastNode: string;
	keepsOrder: boolean;
}

/** The prompt of an item, counted from 0. */
export function promptOf(itemIndex: number): string {
	return `image ${itemIndex}`;
}

const START = 'Start';
const NODE = 'Flux 2 Flex';
const API_KEY = 'simulator-key';

/** Sets a contestant up as a user would. */
export function contestant(
	name: ContestantName,
	settings: ContestantSettings,
	surroundings: Surroundings,
): Contestant {
	if (name === 'httpNodes') return httpNodes(settings, surroundings);
	// What others do: the next item's task is only submitted when the last one has ended.
	const maxConcurrentTasks = name === 'oneByOne' ? 1 : settings.maxConcurrentTasks;
	return ours({ ...(maxConcurrentTasks && { maxConcurrentTasks }) }, surroundings);
}

function ours(
	options: IDataObject,
	{ serviceUrl, serviceId, packageFolder }: Surroundings,
): Contestant {
	return {
		run: {
			mode: 'trigger',
			packageDirectory: packageFolder,
			credentials: { service: serviceId, apiKey: API_KEY, baseUrl: serviceUrl },
			workflow: workflow(
				[
					start(),
					node(NODE, 'n8n-nodes-flux-2-flex.flux2Flex', 1, {
						operation: 'submitAndWait',
						prompt: '={{ $json.prompt }}',
						options,
					}),
				],
				[[START, NODE]],
			),
		},
		lastNode: NODE,
		keepsOrder: true,
	};
}

/**
 * Submit, Wait, ask, If: back to Wait or on to the download. Without a wait the calls alone, one
 * node each: the leanest that these nodes can be.
 */
function httpNodes(
	{ waitSeconds }: ContestantSettings,
	{ serviceUrl, serviceId, baseNodesFolder }: Surroundings,
): Contestant {
	const { key, submit, poll } = findTestedService(serviceId);
	const { fields } = poll;
	// What comes from the submit and what comes back from the loop.
	const asks = poll.requests(`{{ $json.${submit.taskId} ?? $json.${fields.taskId} }}`);
	const results = asks.slice(1).map((): string => 'Result');
	const { nodeTypes, headerAuth } = loadBaseNodes(baseNodesFolder);
	const calls = [
		start(),
		httpRequest('Submit', {
			...withKey,
			method: 'POST',
			url: serviceUrl + submit.address({ prompt: '' }).path,
			sendBody: true,
			specifyBody: 'json',
			jsonBody: '={{ { prompt: $json.prompt } }}',
		}),
		...asks.map(({ path, query }, index) =>
			httpRequest(index === 0 ? 'Ask' : 'Result', {
				...withKey,
				url: `=${serviceUrl}${path}`,
				sendQuery: true,
				queryParameters: {
					parameters: Object.entries(query).map(([name, value]) => ({ name, value: `=${value}` })),
				},
			}),
		),
		httpRequest('Download', {
			url: `={{ $json.${fields.imageUrl} }}`,
			options: { response: { response: { responseFormat: 'file' } } },
		}),
	];
	const loop = [
		node('Wait', 'n8n-nodes-base.wait', 1.1, { amount: waitSeconds ?? 0, unit: 'seconds' }),
		node('Is Finished', 'n8n-nodes-base.if', 2.2, {
			conditions: {
				combinator: 'and',
				options: { caseSensitive: true, leftValue: '', typeValidation: 'strict', version: 2 },
				conditions: [
					{
						leftValue: `={{ $json.${fields.status} }}`,
						rightValue: poll.succeeded,
						operator: { type: 'string', operation: 'equals' },
					},
				],
			},
		}),
	];
	return {
		run: {
			mode: 'trigger',
			nodeTypes,
			otherCredentials: {
				httpHeaderAuth: {
					type: headerAuth,
					data: { name: key.header, value: key.value(API_KEY) },
				},
			},
			workflow:
				waitSeconds === undefined
					? workflow(calls, [
							[START, 'Submit'],
							['Submit', 'Ask'],
							...inARow('Ask', ...results, 'Download'),
						])
					: workflow(
							[...calls, ...loop],
							[
								[START, 'Submit'],
								['Submit', 'Wait'],
								['Wait', 'Ask'],
								['Ask', 'Is Finished'],
								['Is Finished', results[0] ?? 'Download', 'Wait'],
								...inARow(...results, 'Download'),
							],
						),
		},
		lastNode: 'Download',
		keepsOrder: false,
	};
}

const withKey = { authentication: 'genericCredentialType', genericAuthType: 'httpHeaderAuth' };

function start(): INode {
	return node(START, 'n8n-nodes-base.manualTrigger', 1, {});
}

function httpRequest(name: string, parameters: IDataObject): INode {
	return {
		...node(name, 'n8n-nodes-base.httpRequest', 4.2, parameters),
		...('authentication' in parameters && {
			credentials: { httpHeaderAuth: { id: 'httpHeaderAuth', name: 'httpHeaderAuth' } },
		}),
	};
}

function node(name: string, type: string, typeVersion: number, parameters: IDataObject): INode {
	return {
		id: name,
		name,
		type,
		typeVersion,
		position: [0, 0],
		parameters: parameters as INode['parameters'],
	};
}

/** One after the other. */
function inARow(...names: string[]): Array<[from: string, to: string]> {
	return names.slice(1).map((name, index) => [names[index] ?? '', name]);
}

/** @param wires a node and the nodes after it, one for each of its outputs */
function workflow(nodes: INode[], wires: Array<[from: string, ...to: string[]]>): WorkflowJson {
	const connections: IConnections = {};
	for (const [from, ...to] of wires) {
		connections[from] = { main: to.map((name) => [{ node: name, type: 'main', index: 0 }]) };
	}
	return { nodes, connections };
}
