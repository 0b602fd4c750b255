import { blackForestLabs } from '../../nodes/Flux2Flex/services/blackForestLabs';
import { novita } from '../../nodes/Flux2Flex/services/novita';
import { isValidSize, parseSize, type ImageSize } from '../../nodes/Flux2Flex/images/imageSize';
import { formLabels } from '../unit/formLabels';
import { plainText, readPage, tablesOf } from './markdown';

const tables = tablesOf(readPage('docs/recipes.md'));

function rowsOf(section: string): string[][] {
	return tables
		.filter((table) => table.section === section)
		.flatMap(({ headings, rows }) =>
			rows.map((row) => (['Use', 'Image'].includes(headings[0] ?? '') ? row.map(plainText) : [])),
		);
}

function sizeIn(cells: string[]): ImageSize {
	const size = cells.map(parseSize).find((found) => found !== undefined);
	if (size === undefined) throw new Error(`no size in: ${cells.join(' | ')}`);
	return size;
}

describe('The sizes in the recipes:', () => {
	// The usual sizes of networks stand in the second cell, with their ratio behind.
	const rows = rowsOf('Sizes for networks and print').map(([use = '', ...cells]) => ({
		use,
		size: sizeIn(cells.slice(1)),
		preset: cells[2],
	}));

	test('there are many of them', () => expect(rows.length).toBeGreaterThan(12));

	test.each(rows)('that for $use is one the services make', ({ size, preset }) => {
		expect(isValidSize(size, blackForestLabs.size)).toBe(true);
		// Only the second table, without presets, is for one service.
		if (preset !== undefined) expect(isValidSize(size, novita.size)).toBe(true);
	});

	const presets = rows.filter(({ preset = 'by expression' }) => preset !== 'by expression');

	test.each(presets)(
		'that for $use is the size of its preset, which exists',
		({ size, preset }) => {
			expect(formLabels).toContain(preset);
			expect(preset).toContain(`(${size.width} × ${size.height})`);
		},
	);
});

describe('The prices in the recipes:', () => {
	const rows = rowsOf('What it costs').map(([image = '', references = '', credits, price]) => ({
		size: sizeIn([image]),
		references: Number.parseInt(references, 10) || 0,
		credits: Number(credits),
		price: Number(price?.slice(1)),
	}));

	test('there are several of them', () => expect(rows.length).toBeGreaterThan(5));

	test.each(rows)(
		'that of $size.width × $size.height with $references references is by the formula',
		(row) => {
			const megapixels = (row.size.width * row.size.height) / 1024 ** 2;
			const credits = 5 + (Math.max(1, megapixels) - 1) * 5 + row.references * 5;
			expect(row.credits).toBeCloseTo(credits, 2);
			expect(row.price).toBeCloseTo(credits / 100, 4);
		},
	);
});
