import type { Token } from 'markdown-it';

import { readPage, tablesOf } from './markdown';
import { readMessages } from './messages';

const messages = readMessages();
const tables = tablesOf(readPage('docs/troubleshooting.md'));

/** A cell as the source has the message: what stands in italics there is put in at run time. */
function asInSource(cell: Token): string {
	let text = '';
	let depth = 0;
	for (const { type, content } of cell.children ?? []) {
		// Markdown has no mark for italics between a letter and a colon.
		if (type === 'em_open' || content === '<em>') text += depth++ === 0 ? '…' : '';
		else if (type === 'em_close' || content === '</em>') depth--;
		else if (depth === 0) text += content;
	}
	return text;
}

/** The first cells of all tables whose first column has this heading. */
function entries(heading: string): string[] {
	return tables
		.filter(({ headings }) => headings[0] === heading)
		.flatMap(({ rows }) => rows.map(([cell]) => asInSource(cell as Token)));
}

const kinds: Array<{ heading: string; inSource: Set<string>; atLeast: number }> = [
	{
		heading: 'Message',
		inSource: new Set([...messages.errors, ...messages.credentialTest]),
		atLeast: 45,
	},
	{ heading: 'Addition', inSource: messages.additions, atLeast: 3 },
	{ heading: 'Cause', inSource: messages.causes, atLeast: 17 },
	{ heading: 'Fault', inSource: messages.faults, atLeast: 6 },
	{ heading: 'Hint', inSource: messages.hints, atLeast: 2 },
];

describe.each(kinds)('The tables with the heading $heading:', ({ heading, inSource, atLeast }) => {
	const documented = entries(heading);

	test('the search in the source finds what belongs in them', () => {
		expect(inSource.size).toBeGreaterThanOrEqual(atLeast);
	});

	test('all that the node can say is explained', () => {
		expect([...inSource].filter((text) => !documented.includes(text))).toEqual([]);
	});

	test('all that is explained exists, and is explained once', () => {
		expect(documented.filter((text) => !inSource.has(text))).toEqual([]);
		expect(documented.filter((text, index) => documented.indexOf(text) !== index)).toEqual([]);
	});
});

test("Messages that are somebody else's words come from three places only", () => {
	expect(messages.foreign).toEqual([
		'nodes/Flux2Flex/run/item.ts',
		'nodes/Flux2Flex/run/item.ts',
		'nodes/Flux2Flex/run/problems.ts',
	]);
});

test('Every cell of the troubleshooting page has something in it', () => {
	const empty = tables.flatMap(({ section, rows }) =>
		rows.filter((row) => row.some(({ content }) => content.trim() === '')).map(() => section),
	);
	expect(empty).toEqual([]);
});
