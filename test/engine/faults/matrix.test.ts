import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { dialects } from '../../support/services';
import { matrix } from './matrix';
import { observeAll, type Observation } from './observe';
import { faultsPage } from './page';

let observations: Observation[];

beforeAll(async () => {
	observations = await observeAll(matrix, 12);
}, 600_000);

const titled = matrix.map((row, index) => ({
	index,
	service: row.service,
	title: `${row.happens} (${row.times === Infinity ? 'every time' : `${row.times}×`}${row.operation === 'getTaskResult' ? ', Get Task Result' : ''})`,
	call: row.call,
}));

const groups = dialects.flatMap((service) =>
	(['submit', 'poll', 'result', 'download'] as const)
		.map((call) => ({ service, call }))
		// Not every service has a call of its own for the result.
		.filter(({ call }) => titled.some((row) => row.service === service && row.call === call)),
);

describe.each(groups)('$service.displayName, $call', ({ service, call }) => {
	const rows = titled.filter((row) => row.service === service && row.call === call);
	it.each(rows)('$title', ({ index }) => {
		const seen = observations[index]!;
		const { expected } = seen.row;
		const text = [seen.message, seen.description].filter(Boolean).join('\n');

		// What the user sees.
		if (expected.sees === undefined) expect(text).toBe('');
		else expect(text).toMatch(expected.sees);

		// What is billed and what arrives.
		expect(seen.billed).toBe(expected.billed);
		expect(seen.images).toBe(expected.images);
		expect(seen.brokenFields).toEqual([]);

		// How often it was tried.
		const [least, most] = [expected.requests].flat() as [number, number?];
		expect(seen.requests).toBeGreaterThanOrEqual(least);
		expect(seen.requests).toBeLessThanOrEqual(most ?? least);
		expect(seen.heard).toBeLessThanOrEqual(seen.requests);
		if (expected.waits) expect(seen.firstWait).toBeGreaterThanOrEqual(expected.waits);

		// A paid task without an image is named, or told of where its id never arrived.
		if (seen.billed > 0 && seen.images === 0 && seen.otherItems === 0) {
			const isTold = seen.taskIds.some((id) => text.includes(id)) || text.includes('may exist');
			expect(isTold).toBe(true);
		}

		// Nobody but the service hears of the key.
		expect(seen.textsSearched).toBeGreaterThan(50);
		expect(seen.leaks).toEqual([]);
		expect(seen.strayed).toEqual([]);
		expect(seen.calledElsewhere).toEqual([]);
	});
});

/** Written instead of compared when this is set, see `scripts/commands/docs-faults.mjs`. */
const { WRITE_FAULTS_PAGE } = process.env;

it('docs/faults.md says what was seen', () => {
	const file = join(__dirname, '../../../docs/faults.md');
	const page = faultsPage(observations);
	if (WRITE_FAULTS_PAGE) writeFileSync(file, page);
	// Not equal? `npm run docs:faults` writes it anew.
	expect(readFileSync(file, 'utf8')).toBe(page);
});
