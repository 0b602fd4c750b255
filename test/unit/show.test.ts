import { show } from '../../nodes/Flux2Flex/values/show';

const circle: { itself?: unknown } = {};
circle.itself = circle;

test.each<[unknown, string]>([
	['a cat', '"a cat"'],
	[7, '7'],
	[NaN, 'NaN'],
	[Infinity, 'Infinity'],
	[7n, '7'],
	[true, 'true'],
	[null, 'null'],
	[undefined, 'not defined'],
	[{ a: [1] }, '{"a":[1]}'],
	[new Date(NaN), 'Invalid Date'],
	[new Date(0), String(new Date(0))],
	[() => {}, 'not defined'],
	[circle, 'something that cannot be shown'],
	[{ a: 7n }, 'something that cannot be shown'],
])('%p is shown as %s', (value, expected) => {
	expect(show(value)).toBe(expected);
});

test('a value that is long is cut', () => {
	expect(show('x'.repeat(1000))).toBe(`"${'x'.repeat(76)}…`);
	expect(show('x'.repeat(78))).toBe(`"${'x'.repeat(78)}"`);
});
