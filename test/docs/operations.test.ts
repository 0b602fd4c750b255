import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import { Flux2Flex } from '../../nodes/Flux2Flex/Flux2Flex.node';
import { plainText, readPage, tablesOf } from './markdown';

const { properties } = new Flux2Flex().description;

const operations = (
	properties.find(({ name }) => name === 'operation')?.options as INodePropertyOptions[]
).map(({ name, value }) => ({
	name,
	value: String(value),
	page: readPage(`docs/${name.toLowerCase().replaceAll(' ', '-')}.md`),
}));

function isShownFor(operation: string, { displayOptions }: INodeProperties): boolean {
	const shown = displayOptions?.show?.operation ?? displayOptions?.show?.['/operation'];
	return shown === undefined || shown.includes(operation);
}

/** A default in the words of the pages. */
function inWords({ default: value, options }: INodeProperties): string {
	const choice = (options as INodePropertyOptions[] | undefined)?.find(
		(option) => option.value === value,
	);
	if (choice !== undefined) return choice.name;
	if (typeof value === 'boolean') return value ? 'on' : 'off';
	if (value === '' || (typeof value === 'object' && value !== null)) return '–';
	return String(value);
}

function formOf(operation: string, entries: INodeProperties[]) {
	return entries
		.filter((entry) => isShownFor(operation, entry))
		.map((entry) => ({ label: entry.displayName, default: inWords(entry) }));
}

const fields = properties.filter(({ name }) => name !== 'operation' && name !== 'options');
const options = properties.find(({ name }) => name === 'options')?.options as INodeProperties[];

describe.each(operations)('The page of $name', ({ value, page }) => {
	/** Labels and defaults of all tables whose first column has this heading. */
	const documented = (heading: string) =>
		tablesOf(page)
			.filter(({ headings }) => headings[0] === heading)
			.flatMap(({ rows }) =>
				rows.map(([label, byDefault]) => ({
					label: plainText(label),
					default: plainText(byDefault),
				})),
			);

	test('has every field of the form, in its order, with its default', () => {
		expect(documented('Field')).toEqual(formOf(value, fields));
	});

	test('has every option, with its default', () => {
		const byLabel = (one: { label: string }, other: { label: string }) =>
			one.label.localeCompare(other.label);
		expect(documented('Option').sort(byLabel)).toEqual(formOf(value, options).sort(byLabel));
	});
});
