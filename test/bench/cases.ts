import type { ContestantName, ContestantSettings } from './contestants';
import type { Measurement } from './measurement';
import type { ServiceSettings } from './simulatorProcess';

/** Something that is measured, for all contestants alike. */
export interface BenchmarkCase {
	/** For `--only`. */
	name: string;
	title: string;
	/** For the chart. */
	shortTitle?: string;
	itemCount: number;
	service: ServiceSettings;
	settings: ContestantSettings;
	/** Who takes part; with a number of items where fewer tell enough. */
	contestants: Array<{ name: ContestantName; measuredItems?: number }>;
	/** Whether the workflow of HTTP Request nodes is known to stop: then it is no fault. */
	stopsHttpNodes?: boolean;
	/** How often it is measured, to keep the calmest round; default once. */
	rounds?: number;
	targets: Target[];
	/** A line under the figures. */
	note?: string;
}

/** What our node must reach. */
export interface Target {
	label: string;
	value: (ours: Measurement) => number;
	limit: number | ((others: Measurement[]) => number | undefined);
}

const MEBIBYTE = 1024 * 1024;

/** What a service with a mind of its own takes. */
const ABOUT_2_SECONDS = { median: 2000, spread: 0.3 };
/** What a user would set for tasks of about this length. */
const WAIT_SECONDS = 2;

const service = { durations: ABOUT_2_SECONDS, imageBytes: 100_000 };

const ours = { name: 'ours' } as const;
const httpNodes = { name: 'httpNodes' } as const;
/** It needs minutes for what it does ten at a time as well: more of the same. */
const oneByOne = { name: 'oneByOne', measuredItems: 10 } as const;

const ratioAtMost = (limit: number): Target => ({
	label: 'ratio to the best possible schedule',
	value: ({ ratio = Infinity }) => ratio,
	limit,
});
const pollsAtMost = (limit: number): Target => ({
	label: 'polls per task',
	value: ({ pollsPerTask }) => pollsPerTask,
	limit,
});
const refusedAtMost = (limit: number): Target => ({
	label: 'refused submits per task',
	value: ({ refusedPerTask }) => refusedPerTask,
	limit,
});

function growthCase(itemCount: number): BenchmarkCase {
	return {
		name: `no-limit-${itemCount}`,
		title: `${count(itemCount)}, no limit`,
		itemCount,
		service,
		settings: { maxConcurrentTasks: 1000, waitSeconds: WAIT_SECONDS },
		contestants: [
			ours,
			{ ...oneByOne, measuredItems: Math.min(itemCount, oneByOne.measuredItems) },
			httpNodes,
		],
		targets: itemCount === 100 ? [ratioAtMost(1.1), pollsAtMost(4)] : [],
	};
}

function limitCase(name: string, title: string, limits: Partial<ServiceSettings>): BenchmarkCase {
	return {
		name,
		title: `100 items, the service allows ${title}`,
		shortTitle: title,
		itemCount: 100,
		service: { ...service, ...limits },
		settings: { maxConcurrentTasks: 100, waitSeconds: WAIT_SECONDS },
		contestants: [ours, oneByOne, httpNodes],
		stopsHttpNodes: true,
		targets: [ratioAtMost(1.15), refusedAtMost(1)],
	};
}

function count(items: number): string {
	return items === 1 ? '1 item' : `${items.toLocaleString('en')} items`;
}

/** Sizes of the same case, to show how cost grows. */
export const growthCases = [1, 10, 100, 1000].map(growthCase);

/** What limits do to a hundred items. */
const limitCases = [
	{
		name: '20-in-flight',
		title: "100 items, 20 in flight (the node's default)",
		shortTitle: '20 in flight',
		itemCount: 100,
		service,
		settings: { maxConcurrentTasks: 20 },
		contestants: [ours, oneByOne],
		targets: [ratioAtMost(1.15), pollsAtMost(5)],
		note: 'HTTP Request nodes have no such limit to set.',
	},
	limitCase('24-active', '24 active tasks', { maxActiveTasks: 24 }),
	limitCase('24-active-retry-after', '24 active, Retry-After', {
		maxActiveTasks: 24,
		retryAfter: true,
	}),
	limitCase('10-a-second', '10 submits a second', { maxSubmitsPerSecond: 10 }),
];

/** The cases of a hundred items that the chart compares. */
export const hundredItemCases: BenchmarkCase[] = [
	{ ...growthCase(100), shortTitle: 'no limit' },
	...limitCases,
];

/** Everything that is measured, in this order. */
export const cases: BenchmarkCase[] = [
	...growthCases,
	...limitCases,
	{
		name: 'instant-1000',
		title: '1,000 items, tasks end at once',
		itemCount: 1000,
		service: { ...service, durations: { median: 0, spread: 0 }, imageBytes: 10_000 },
		settings: {},
		contestants: [ours, { ...oneByOne, measuredItems: 50 }, httpNodes],
		rounds: 2,
		targets: [
			{
				label: 'processor milliseconds per item, against the HTTP Request nodes',
				value: ({ cpuPerItem }) => cpuPerItem,
				limit: (others) => others.find(({ contestant }) => contestant === 'httpNodes')?.cpuPerItem,
			},
			{
				label: 'requests per item',
				value: ({ requestsPerItem }) => requestsPerItem,
				limit: 3,
			},
		],
		note: 'HTTP Request nodes: the three calls without Wait and If. The calmer of two rounds.',
	},
	{
		name: 'images-150',
		title: '150 images of 8 MiB, filesystem mode',
		itemCount: 150,
		service: { ...service, imageBytes: 8 * MEBIBYTE },
		settings: { waitSeconds: WAIT_SECONDS },
		contestants: [ours, httpNodes],
		targets: [
			{
				label: 'growth of resident memory in MiB',
				value: ({ memoryGrowth }) => memoryGrowth / MEBIBYTE,
				limit: 100,
			},
		],
		note: 'Our node has 20 in flight, HTTP Request nodes all 150: each has its own best schedule.',
	},
	{
		name: 'one-item-10s',
		title: '1 item, a task of 10 seconds',
		itemCount: 1,
		service: { ...service, durations: { median: 10_000, spread: 0 } },
		settings: { waitSeconds: WAIT_SECONDS },
		contestants: [ours, httpNodes],
		targets: [
			{ label: 'milliseconds of lag', value: ({ meanLag }) => meanLag, limit: 1000 },
			pollsAtMost(8),
		],
		note: `HTTP Request nodes: a Wait of ${WAIT_SECONDS} seconds happens to fit 10 exactly; on average it is a second late.`,
	},
];
