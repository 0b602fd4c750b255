import * as fc from 'fast-check';

import {
	describeSizeRule,
	isValidSize,
	nearestSize,
	parseSize,
} from '../../nodes/Flux2Flex/images/imageSize';

const bySide = { minSide: 256, maxSide: 1536, multipleOf: 1, maxPixels: 1536 * 1536 };
const byArea = { minSide: 64, maxSide: 65_536, multipleOf: 16, maxPixels: 2048 * 2048 };

test.each([
	['1024*768', 1024, 768],
	['1024x768', 1024, 768],
	['1024X768', 1024, 768],
	['1024×768', 1024, 768],
	[' 1024 * 768\n', 1024, 768],
	['1024 × 768', 1024, 768],
	['0256*01536', 256, 1536],
	['1*1', 1, 1],
])('The text %p is a size', (text, width, height) => {
	expect(parseSize(text)).toEqual({ width, height });
});

test.each([
	'',
	'1024',
	'1024*',
	'*768',
	'1024**768',
	'1024*768*3',
	'1024/768',
	'1024,768',
	'1024:768',
	'1024.5*768',
	'-1024*768',
	'1e3*768',
	'0x400*768',
	'1024*768px',
	'auto',
	'custom',
	'１０２４*７６８',
	`${'9'.repeat(400)}*768`,
])('The text %p is no size', (text) => {
	expect(parseSize(text)).toBeUndefined();
});

test.each([
	[255, false],
	[256, true],
	[257, true],
	[1000, true],
	[1536, true],
	[1537, false],
	[1024.5, false],
	[0, false],
	[-1024, false],
	[NaN, false],
	[Infinity, false],
])('A side of %p pixels is allowed = %p', (side, expected) => {
	expect(isValidSize({ width: side, height: 1024 }, bySide)).toBe(expected);
	expect(isValidSize({ width: 1024, height: side }, bySide)).toBe(expected);
});

test.each([
	[64, 64, true],
	[48, 64, false],
	[2048, 2048, true],
	[2064, 2048, false],
	[4096, 1024, true],
	[1024, 1000, false],
	[65_536, 64, true],
	[65_536, 80, false],
])(
	'A size of %p × %p, where the area and multiples count, is allowed = %p',
	(width, height, expected) => {
		expect(isValidSize({ width, height }, byArea)).toBe(expected);
	},
);

test('The rules of a size are told in words', () => {
	expect(describeSizeRule(bySide)).toBe('from 256 to 1536 pixels');
	expect(describeSizeRule(byArea)).toBe(
		'of 64 pixels or more in multiples of 16, 4 megapixels together',
	);
});

test.each([
	['255*1537', bySide, '256*1536'],
	['1*1', bySide, '256*256'],
	['0*0', bySide, '256*256'],
	['999999*1', bySide, '1536*256'],
	// Twice as large in both directions: of the same shape.
	['4096*4096', byArea, '2048*2048'],
	['3840*2160', byArea, '2720*1536'],
	['1000*1000', byArea, '1008*1008'],
	['1048*1056', byArea, '1056*1056'],
	['10*20', byArea, '64*64'],
	['999999*1', byArea, '65536*64'],
	['1*999999', byArea, '64*65536'],
])('The nearest size to %s under %j is %s, which is made', (wanted, rule, nearest) => {
	const size = nearestSize(parseSize(wanted)!, rule);
	expect(`${size.width}*${size.height}`).toBe(nearest);
	expect(isValidSize(size, rule)).toBe(true);
});

test('The nearest size is always one that is made', () => {
	fc.assert(
		fc.property(fc.nat(999_999), fc.nat(999_999), (width, height) => {
			for (const rule of [bySide, byArea]) {
				expect(isValidSize(nearestSize({ width, height }, rule), rule)).toBe(true);
			}
		}),
	);
});
