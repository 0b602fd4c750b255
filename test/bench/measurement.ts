import { bestScheduleMilliseconds } from './bestSchedule';
import type { BenchmarkCase } from './cases';
import type { RunReport } from './contestantProcess';
import { promptOf, type ContestantName } from './contestants';
import type { ServiceReport } from './simulatorProcess';
import { taskDuration } from './taskDurations';

/** How a contestant did in a case. Times in milliseconds, memory in bytes. */
export interface Measurement {
	contestant: ContestantName;
	itemCount: number;
	/** Fewer than `itemCount` where the rest is worked out from them. */
	measuredItems: number;
	wall: number;
	/** To the best possible schedule; undefined where that takes no time. */
	ratio?: number;
	pollsPerTask: number;
	requestsPerItem: number;
	/** From a task's end to the arrival of the request that told of it. */
	meanLag: number;
	refusedPerTask: number;
	cpuPerItem: number;
	memoryGrowth: number;
	memoryPeak: number;
	/** Why the workflow stopped; the other figures then tell little. */
	failure?: string;
	/** Paid for, and no image came of it. */
	lostTasks: number;
	/** What must never be: lost items, double payments, wrong images. */
	faults: string[];
}

/** Puts together what the two processes saw. */
export function measurementOf(
	{ itemCount, service: settings, settings: { maxConcurrentTasks = 20 } }: BenchmarkCase,
	contestant: ContestantName,
	measuredItems: number,
	run: RunReport,
	service: ServiceReport,
): Measurement {
	const { tasks, requests } = service;
	const durations = tasks.map(({ acceptedAt, endsAt }) => endsAt - acceptedAt);
	const allDurations = Array.from({ length: itemCount }, (_, index) =>
		taskDuration(settings.durations, index + 1),
	);
	const scale = sum(durations) > 0 ? sum(allDurations) / sum(durations) : itemCount / measuredItems;
	const wall = measuredItems === itemCount ? run.wall : run.wall * scale;
	const best = bestScheduleMilliseconds(measuredItems === itemCount ? durations : allDurations, {
		places: Math.min(
			// Only our node has this setting; the loop of HTTP Request nodes is free of it.
			contestant === 'httpNodes' ? Infinity : maxConcurrentTasks,
			settings.maxActiveTasks ?? Infinity,
		),
		submitsPerSecond: settings.maxSubmitsPerSecond ?? Infinity,
	});
	const calls = (call: string) => requests.filter((request) => request.call === call);
	const delivered = new Set(run.images);
	return {
		contestant,
		itemCount,
		measuredItems,
		wall,
		ratio: best > 0 ? wall / best : undefined,
		pollsPerTask: calls('poll').length / tasks.length,
		requestsPerItem: requests.length / measuredItems,
		meanLag: meanLag(service),
		refusedPerTask: calls('submit').filter(({ status }) => status === 429).length / measuredItems,
		cpuPerItem: run.cpu / measuredItems,
		memoryGrowth: run.memoryPeak - run.memoryBefore,
		memoryPeak: run.memoryPeak,
		failure: run.failure,
		lostTasks: tasks.filter(({ prompt }) => !delivered.has(prompt)).length,
		faults: findFaults(measuredItems, run, service),
	};
}

/**
 * Of several rounds the one that took the least processor time: other work on the machine can only
 * add to it. What went wrong in any of them stays.
 */
export function calmestOf(rounds: Measurement[]): Measurement {
	const [calmest, ...others] = [...rounds].sort((a, b) => a.cpuPerItem - b.cpuPerItem);
	if (calmest === undefined) throw new Error('Nothing was measured');
	return {
		...calmest,
		failure: calmest.failure ?? others.find(({ failure }) => failure !== undefined)?.failure,
		faults: rounds.flatMap(({ faults }) => faults),
	};
}

function meanLag({ tasks, requests }: ServiceReport): number {
	const askedAt = new Map<string, number[]>();
	for (const { call, taskId, at } of requests) {
		if (call !== 'poll' || taskId === undefined) continue;
		askedAt.set(taskId, [...(askedAt.get(taskId) ?? []), at]);
	}
	const lags = tasks.flatMap(({ id, endsAt }) => {
		const times = askedAt.get(id) ?? [];
		// Nobody asks again after the end; the last one may have come in the very millisecond of it.
		const noticedAt = times.find((at) => at >= endsAt) ?? times.at(-1);
		return noticedAt === undefined ? [] : [Math.max(0, noticedAt - endsAt)];
	});
	return sum(lags) / Math.max(1, lags.length);
}

function findFaults(
	itemCount: number,
	{ images, failure, keepsOrder }: RunReport,
	{ tasks }: ServiceReport,
): string[] {
	const faults: string[] = [];
	const expected = Array.from({ length: itemCount }, (_, index) => promptOf(index));
	const paid = new Set(tasks.map(({ prompt }) => prompt));
	if (paid.size < tasks.length) faults.push(`paid ${tasks.length} times for ${paid.size} items`);
	// What a stopped workflow lost is told as such.
	if (failure !== undefined) return faults;
	const broken = images.filter((prompt) => prompt === null).length;
	if (broken > 0) faults.push(`${broken} images are broken`);
	const received = keepsOrder ? images : [...images].sort(byNumber);
	if (received.join() !== expected.join()) {
		faults.push(`${itemCount} items went in, and not exactly their images came out in order`);
	}
	return faults;
}

function byNumber(a: string | null, b: string | null): number {
	return (a ?? '').localeCompare(b ?? '', 'en', { numeric: true });
}

function sum(values: number[]): number {
	return values.reduce((total, value) => total + value, 0);
}
