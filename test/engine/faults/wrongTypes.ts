import { fieldOf, resultRequest, withField, type TestedService } from '../../support/services';
import { changed } from './answers';
import type { FaultInCall } from './faultRow';

/** One of each kind of value that JSON has, and some that trip up careless code. */
const VALUES: unknown[] = [
	null,
	true,
	-1,
	1e300,
	'text',
	'',
	[],
	[null],
	[[['nested']]],
	{},
	{ toString: null, valueOf: null },
	{ length: 3 },
];

/** The first answer about a task has the next of the values in the field, later ones are true. */
function wrongAtFirst({ poll }: TestedService, field: string, values: unknown[]) {
	const seen = new Set<unknown>();
	return changed((result) => {
		// Not every result names its task, but all have its image.
		const { pathname } = new URL(String(fieldOf(result, poll.fields.imageUrl)));
		if (seen.has(pathname)) return result;
		seen.add(pathname);
		return withField(result, field, values[seen.size - 1]);
	});
}

/** For every field of a result a run with as many items, and so tasks, as there are wrong values. */
export function wrongTypeRows(service: TestedService): FaultInCall[] {
	const { allFields, meansNoImage } = service.poll;
	return allFields.map((field) => {
		const values = VALUES.filter((value) => !meansNoImage(field, value));
		const items = values.length;
		const fault = wrongAtFirst(service, field, values);
		const { call } = resultRequest(service, '');
		return {
			call,
			happens: `a wrong type in ${field} (${items} kinds)`,
			times: 1,
			items,
			faults: () => [{ call, times: Infinity, fault }],
			expected: { billed: items, images: items, requests: [items, 2 * items] },
		};
	});
}
