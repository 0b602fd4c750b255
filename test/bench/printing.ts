import type { BenchmarkCase } from './cases';
import type { ContestantName } from './contestants';
import type { Measurement } from './measurement';

export const contestantTitles: Record<ContestantName, string> = {
	ours: 'Flux 2 Flex',
	oneByOne: 'one item after the other',
	httpNodes: 'HTTP Request nodes',
};

const MEBIBYTE = 1024 * 1024;

interface Column {
	title: string;
	/** Undefined where the figure means nothing. */
	value: (measurement: Measurement) => number | undefined;
	decimals: number;
	/** Whether it says something of a workflow that stopped, too. */
	ofStopped?: boolean;
}

const columns: Column[] = [
	{ title: 'wall s', value: ({ wall }) => wall / 1000, decimals: 1 },
	{ title: '× best', value: ({ ratio }) => ratio, decimals: 2 },
	{ title: 'polls/task', value: ({ pollsPerTask }) => pollsPerTask, decimals: 2 },
	{ title: 'requests/item', value: ({ requestsPerItem }) => requestsPerItem, decimals: 2 },
	{ title: 'lag ms', value: ({ meanLag }) => meanLag, decimals: 0 },
	{
		title: 'refused/task',
		value: ({ refusedPerTask }) => refusedPerTask,
		decimals: 2,
		ofStopped: true,
	},
	{ title: 'CPU ms/item', value: ({ cpuPerItem }) => cpuPerItem, decimals: 1 },
	{ title: 'memory + MiB', value: inMebibytes('memoryGrowth'), decimals: 0 },
	{ title: 'peak MiB', value: inMebibytes('memoryPeak'), decimals: 0 },
];

/** The figures of a case, as a table. */
export function tableOf(measurements: Measurement[]): string {
	const rows = [
		['', ...columns.map(({ title }) => title)],
		...measurements.map((measurement) => [
			contestantTitles[measurement.contestant],
			...columns.map((column) => cellOf(column, measurement)),
		]),
	];
	return aligned(rows);
}

/** Rows of as many cells each, under each other. */
export function aligned(rows: string[][]): string {
	const widths = (rows[0] ?? []).map((_, index) =>
		Math.max(...rows.map((row) => width(row[index]))),
	);
	return rows
		.map((row) =>
			row
				.map((cell, index) => {
					const room = ' '.repeat((widths[index] ?? 0) - width(cell));
					return index === 0 ? cell + room : room + cell;
				})
				.join('  '),
		)
		.map((line) => `  ${line.trimEnd()}`)
		.join('\n');
}

/** What the figures do not say: stopped workflows, extrapolations, faults. */
export function remarksOf({ note }: BenchmarkCase, measurements: Measurement[]): string[] {
	const remarks = measurements.flatMap((measurement) => {
		const { measuredItems, itemCount, failure, lostTasks, faults } = measurement;
		const title = contestantTitles[measurement.contestant];
		return [
			...(failure === undefined
				? []
				: [`${title}: stopped, ${lostTasks} paid tasks lost (${failure})`]),
			...(measuredItems === itemCount
				? []
				: [`${title}: measured with ${measuredItems} items, the time extrapolated`]),
			...faults.map((fault) => `${title}: BROKEN: ${fault}`),
		];
	});
	return note === undefined ? remarks : [...remarks, note];
}

/** Our figures against the targets. */
export function verdictsOf({ targets }: BenchmarkCase, measurements: Measurement[]): Verdict[] {
	const ours = measurements.find(({ contestant }) => contestant === 'ours');
	if (ours === undefined) return [];
	return targets.flatMap(({ label, value, limit: given }) => {
		const limit = typeof given === 'number' ? given : given(measurements);
		if (limit === undefined) return [];
		const reached = value(ours);
		const isMet = reached <= limit;
		const text = `${isMet ? '✓' : '✗'} ${label}: ${decimals(reached, 2)}, at most ${decimals(limit, 2)}`;
		return [{ isMet, text }];
	});
}

export interface Verdict {
	isMet: boolean;
	text: string;
}

function cellOf({ value, decimals: places, ofStopped }: Column, measurement: Measurement): string {
	const isMeaningful = ofStopped === true || measurement.failure === undefined;
	const figure = isMeaningful ? value(measurement) : undefined;
	return figure === undefined ? '–' : decimals(figure, places);
}

/** Memory of another number of items tells nothing. */
function inMebibytes(figure: 'memoryGrowth' | 'memoryPeak'): Column['value'] {
	return (measurement) =>
		measurement.measuredItems === measurement.itemCount
			? measurement[figure] / MEBIBYTE
			: undefined;
}

function decimals(value: number, places: number): string {
	return value.toLocaleString('en', {
		minimumFractionDigits: places,
		maximumFractionDigits: places,
	});
}

function width(text = ''): number {
	return [...text].length;
}
