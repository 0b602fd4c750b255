import { growthCases, hundredItemCases } from './cases';
import type { ContestantName } from './contestants';
import type { Measurement } from './measurement';
import { contestantTitles } from './printing';
import { logScale, markerAt, style, text, type Box, type Scale } from './svg';

const WIDTH = 840;
const HEIGHT = 400;
const growthBox: Box = { left: 66, right: 372, top: 112, bottom: 350 };
const limitsBox: Box = { left: 576, right: 800, top: 112, bottom: 350 };

const contestants: ContestantName[] = ['ours', 'httpNodes', 'oneByOne'];

type Results = ReadonlyMap<string, Measurement[]>;

/** The chart of a full run: how time grows with the items, and what limits do to it. */
export function chartOf(results: Results): string {
	const parts = [
		`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="Benchmark: time by number of items, and time under limits compared with the best possible schedule">`,
		style,
		`<rect class="card" x="0.5" y="0.5" width="${WIDTH - 1}" height="${HEIGHT - 1}" rx="10"/>`,
		legend(),
		...growthPanel(results),
		...limitsPanel(results),
		'</svg>',
	];
	return `${parts.join('\n')}\n`;
}

function legend(): string {
	const places = [24, 138, 302];
	return contestants
		.map((name, index) => {
			const x = places[index] ?? 0;
			const label = text(x + 12, 34, contestantTitles[name], name === 'ours' ? 'strong' : 'label');
			return markerAt(name, x, 30) + label;
		})
		.join('\n');
}

/** Time by number of items, both on logarithmic scales. */
function growthPanel(results: Results): string[] {
	const { left, top, right, bottom } = growthBox;
	const x = logScale([1, 1000], [left, right]);
	const y = logScale([1, 6000], [bottom, top]);
	const ticks = { '1 s': 1, '10 s': 10, '1 min': 60, '10 min': 600, '1 h': 3600 };
	return [
		text(24, 74, 'Time by number of items', 'title'),
		text(24, 92, 'no limit, tasks of about 2 s; dashed: extrapolated', 'small'),
		...Object.entries(ticks).map(
			([label, seconds]) =>
				`<path class="grid" d="M${left} ${y(seconds)}H${right}"/>` +
				text(left - 8, y(seconds) + 4, label, 'small end'),
		),
		...growthCases.map(({ itemCount }) =>
			text(x(itemCount), bottom + 20, itemCount.toLocaleString('en'), 'small middle'),
		),
		text((left + right) / 2, bottom + 38, 'items', 'small middle'),
		// The most important one on top.
		...[...contestants].reverse().map((name) => growthLine(name, results, x, y)),
	];
}

function growthLine(name: ContestantName, results: Results, x: Scale, y: Scale): string {
	const points = growthCases.flatMap((growthCase) => {
		const measurement = measurementIn(results, growthCase.name, name);
		if (measurement === undefined || measurement.failure !== undefined) return [];
		const { itemCount, measuredItems, wall } = measurement;
		const isMeasured = itemCount === measuredItems;
		return [{ x: x(itemCount), y: y(wall / 1000), isMeasured }];
	});
	const segments = points.slice(1).map((to, index) => {
		const from = points[index] ?? to;
		const dashes = to.isMeasured ? '' : ' dashed';
		return `<path class="line ${name}${dashes}" d="M${from.x} ${from.y}L${to.x} ${to.y}"/>`;
	});
	return [...segments, ...points.map((point) => markerAt(name, point.x, point.y))].join('');
}

/** The ratio to the best possible schedule, case by case, on a logarithmic scale. */
function limitsPanel(results: Results): string[] {
	const { left, top, right, bottom } = limitsBox;
	const x = logScale([1, 100], [left, right]);
	const rowHeight = (bottom - top) / hundredItemCases.length;
	return [
		text(412, 74, '100 items: times the best possible schedule', 'title'),
		text(412, 92, 'as the limits and the durations of the tasks permit it; 1 = best', 'small'),
		...[1, 2, 5, 10, 20, 50, 100].map(
			(ratio) =>
				`<path class="grid" d="M${x(ratio)} ${top}V${bottom}"/>` +
				text(x(ratio), bottom + 20, `${ratio}×`, 'small middle'),
		),
		...hundredItemCases.map((hundredItems, index) => {
			const y = top + rowHeight * (index + 0.5);
			const marks = contestants.map((name) => {
				const measurement = measurementIn(results, hundredItems.name, name);
				return measurement === undefined ? '' : ratioMark(measurement, x, y);
			});
			return (
				text(left - 14, y + 4, hundredItems.shortTitle ?? hundredItems.title, 'label end') +
				marks.join('')
			);
		}),
	];
}

function ratioMark(measurement: Measurement, x: Scale, y: number): string {
	const { contestant: name, ratio = 1, failure, lostTasks } = measurement;
	if (failure !== undefined) {
		const note = `stopped, ${lostTasks} paid tasks lost`;
		return text(x(1), y + 19, note, `small text-${name}`);
	}
	const number = ratio.toFixed(ratio < 10 ? 2 : 0);
	// Ours and the next are close: one above, one below. The third has room beside it.
	const label =
		name === 'oneByOne'
			? text(x(ratio) + 10, y + 4, number, `small text-${name}`)
			: text(x(ratio), y + (name === 'ours' ? -9 : 19), number, `small middle text-${name}`);
	return markerAt(name, x(ratio), y) + label;
}

function measurementIn(
	results: Results,
	caseName: string,
	contestant: ContestantName,
): Measurement | undefined {
	return results.get(caseName)?.find((measurement) => measurement.contestant === contestant);
}
