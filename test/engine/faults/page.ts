import { dialects } from '../../support/services';
import type { FaultyCall } from '../../support/simulator';
import type { FaultRow } from './faultRow';
import type { Observation } from './observe';

interface Section {
	title: string;
	/** @param most requests that any line of the table took for one item */
	introduction: (most: number) => string;
	holds: (row: FaultRow) => boolean;
}

const isAboutTask = (call: FaultyCall) => call === 'poll' || call === 'result';

const sections: Section[] = [
	{
		title: 'Submit',
		introduction: () =>
			'The request that costs money. It is sent again only where there is no task for sure. Whenever a task may exist the node stops, says so, and leaves the choice to you: Retry On Fail and "Retry execution" do not send it again either.',
		holds: ({ call }) => call === 'submit',
	},
	{
		title: 'Asking for the result, in "Submit and Wait"',
		introduction: () =>
			'Asking is free, so it is asked again until the time under "Timeout" is over. What the service says for good ends the wait at once.',
		holds: ({ call, operation }) => isAboutTask(call) && operation !== 'getTaskResult',
	},
	{
		title: 'Asking for the result, in "Get Task Result"',
		introduction: (most) => `There is no time to wait here: it is asked ${most} times at most.`,
		holds: ({ call, operation }) => isAboutTask(call) && operation === 'getTaskResult',
	},
	{
		title: 'Downloading the image',
		introduction: (most) =>
			`${most} tries at most. Before each further one the node asks for the task again, because links expire and tasks stay. The task is paid for and is never submitted a second time.`,
		holds: ({ call }) => call === 'download',
	},
];

const HEADINGS = [
	'What happens',
	'How often',
	'What you see',
	'Billed tasks',
	'What arrives',
	'Sent again?',
];

/** The text of `docs/faults.md`: what was seen, not what was expected. */
export function faultsPage(observations: Observation[]): string {
	return `${[
		'# What happens when something goes wrong',
		'<!-- Written by `npm run docs:faults`. Do not edit: a test compares it with what the node does. -->',
		"Every line of this page was run: the node on n8n's engine, against a server that fails in just this way. The tables show what was seen.",
		`All of it was run in the dialect of each service: ${dialects.map(({ displayName }) => displayName).join(', ')}. The first table of a section holds what is the same at all of them, those below it what only one service answers, or where one differs. JieKou.AI speaks the dialect of Novita AI.`,
		[
			'- **How often** says how many requests in a row went wrong. After that all went well.',
			'- **What you see** is the message of the error and its cause. `<service>` stands for the name of the service, `<task>` for the ID of the task, `<address>` for the base URL. n8n shows more with it: the item and the way out.',
			'- **Billed tasks** counts what the service accepted.',
			'- **Sent again?** says how often the node repeated the request that went wrong.',
		].join('\n'),
		// Every row is tested for it.
		'In no line did the API key turn up in an error, a log, a hint or an item, or reach a host other than the service.',
		...sections.flatMap((section) => sectionOf(section, observations)),
	].join('\n\n')}\n`;
}

function sectionOf({ title, introduction, holds }: Section, observations: Observation[]): string[] {
	const seen = observations.filter(({ row }) => holds(row));
	const most = Math.max(...seen.map(({ requests, row: { items = 1 } }) => requests / items));
	const lines = dialects.map((service) =>
		seen.filter(({ row }) => row.service === service).map(cells),
	);
	const texts = lines.map((ofService) => new Set(ofService.map((line) => JSON.stringify(line))));
	const isShared = (line: string[]) => texts.every((set) => set.has(JSON.stringify(line)));
	const shared = (lines[0] ?? []).filter(isShared);
	const own = dialects.flatMap(({ displayName }, index) => {
		const left = (lines[index] ?? []).filter((line) => !isShared(line));
		return left.length === 0 ? [] : [`### ${displayName}`, table(merge(left))];
	});
	return [`## ${title}`, introduction(most), table(merge(shared)), ...own];
}

function cells(seen: Observation): string[] {
	const { row, billed } = seen;
	return [
		row.happens,
		howOften(row.times),
		whatYouSee(seen),
		String(billed),
		arrives(seen),
		again(seen),
	];
}

/** Lines that differ only in what happens become one. */
function merge(lines: string[][]): string[][] {
	const causes = new Map<string, string[]>();
	for (const [happens = '', ...outcome] of lines) {
		const key = JSON.stringify(outcome);
		causes.set(key, [...(causes.get(key) ?? []), happens]);
	}
	return [...causes].map(([key, happens]) => [happens.join('<br>'), ...JSON.parse(key)]);
}

function howOften(times: number): string {
	if (times === Infinity) return 'every time';
	return times === 1 ? 'once' : `${times} times`;
}

function whatYouSee({ row, message, description = '', taskIds }: Observation): string {
	if (message === undefined) return 'no error';
	const cause = description.includes('The service said: ')
		? SAID
		: /(?:Cause|Last answer): (.*)$/s.exec(description)?.[1];
	const text = message.replace(/ \[item \d+\]$/, '');
	const whole = cause === undefined ? `${text}.` : `${text}. Cause: ${cause}`;
	return withoutChance(whole.replaceAll(row.service.displayName, '<service>'), taskIds);
}

/** In place of the service's own words: they stand in the first column. */
const SAID = '<what the service said>';

/** Ids and addresses differ from run to run; what the service says stands in the first column. */
function withoutChance(text: string, taskIds: string[]): string {
	const plain = taskIds.reduce((shorter, id) => shorter.replaceAll(id, '<task>'), text);
	return plain
		.replace(/ ?Already paid for and not lost: .*$/s, '')
		.replace(/ ?The answer to the submit was lost for these items.*$/s, '')
		.replace(/https?:\/\/127\.0\.0\.1:\d+/g, '<address>')
		.replace(/(\w*_\w+: )?said by the service|HTTP status \d+\b(?!,)/g, SAID);
}

function arrives({ images, otherItems }: Observation): string {
	if (images > 1) return `all ${images} images`;
	if (images === 1) return 'the image';
	return otherItems > 0 ? 'the task ID' : 'nothing';
}

/** More repetitions than this are as many as the time allowed, and differ from run to run. */
const MANY = 10;

function again({ row, requests, message, otherItems }: Observation): string {
	const { items = 1 } = row;
	const repeated = requests - items;
	if (repeated === 0) return 'no';
	if (otherItems > 0 || message?.startsWith('The task was not finished within')) {
		return 'yes, until the time is over';
	}
	if (items > 1) return repeated === items ? 'yes, once each' : 'yes, once each where needed';
	const most = Math.max(...[row.expected.requests].flat());
	if (most - items > MANY) return 'yes, many times';
	return repeated === 1 ? 'yes, once' : `yes, ${repeated} times`;
}

/** A table as Prettier formats it. */
function table(rows: string[][]): string {
	const texts = [HEADINGS, ...rows.map((row) => row.map(escape))];
	const widths = HEADINGS.map((_, column) =>
		Math.max(...texts.map((row) => [...(row[column] ?? '')].length)),
	);
	const line = (row: string[]) =>
		`| ${row.map((text, column) => text + ' '.repeat((widths[column] ?? 0) - [...text].length)).join(' | ')} |`;
	const [heading = [], ...body] = texts;
	return [line(heading), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join(
		'\n',
	);
}

/** Text that Markdown leaves alone, in the way Prettier writes it. */
function escape(text: string): string {
	return text
		.replace(/\s+/g, ' ')
		.replace(/[\\|*[\]]/g, '\\$&')
		.replace(/<(?!br>)/g, '\\<')
		.trim();
}
