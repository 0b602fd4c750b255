import type { INodePropertyOptions } from 'n8n-workflow';

import { Flux2FlexApi } from '../../credentials/Flux2FlexApi.credentials';
import { describeSizeRule } from '../../nodes/Flux2Flex/images/imageSize';
import { findService } from '../../nodes/Flux2Flex/services/registry';
import { plainText, readPage, tablesOf } from './markdown';

const choices = new Flux2FlexApi().properties.find(({ name }) => name === 'service')
	?.options as INodePropertyOptions[];
const table = tablesOf(readPage('README.md')).find(({ section }) => section === 'Services');

/** A row of the table of services, by its first cell. */
function row(title: string): string[] {
	const cells = table?.rows.find(([first]) => plainText(first) === title);
	return cells?.map(plainText) ?? [];
}

test('The table of services has a column for every one in the credential', () => {
	const names = choices.map(({ name }) => name);
	expect(table?.headings.slice(1).sort()).toEqual([...names].sort());
});

test.each(choices)(
	'The table of services has the address, reference images, sizes and options of $name',
	(choice) => {
		const service = findService(choice.value);
		const column = table?.headings.indexOf(choice.name) ?? -1;
		expect(row('Address')[column]).toBe(service?.defaultBaseUrl);
		expect(row('Reference images')[column]).toBe(`up to ${service?.maxReferenceImages}`);

		expect(row('Sizes')[column]).toBe(`sides ${describeSizeRule(service!.size)}`);

		const labels = service!.ownOptions.map(({ displayName }) =>
			displayName.replace(` (${choice.name})`, '').toLowerCase(),
		);
		const documented = row('Own options')[column]?.split(', ').sort();
		expect(documented).toEqual(labels.length === 0 ? ['none'] : labels.sort());
	},
);
