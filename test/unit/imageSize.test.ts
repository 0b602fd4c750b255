import { isValidSide, parseSize } from '../../nodes/Flux2Flex/tasks/imageSize';

test.each([
	['1024*768', 1024, 768],
	['1024x768', 1024, 768],
	['1024X768', 1024, 768],
	['1024×768', 1024, 768],
	[' 1024 * 768\n', 1024, 768],
	['1024 × 768', 1024, 768],
	['0256*01536', 256, 1536],
	['1*1', 1, 1],
])('%p is a size', (text, width, height) => {
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
])('%p is none', (text) => {
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
])('a side of %p pixels: allowed = %p', (side, expected) => {
	expect(isValidSide(side)).toBe(expected);
});
