import { parseAnswer } from '../../nodes/Flux2Flex/transport/parseAnswer';

const parse = (text: string) => parseAnswer(text, ['sk-secret-key']);

test('a byte order mark before the JSON does no harm', () => {
	expect(parse('\uFEFF{"task_id":"a"}')).toEqual({ task_id: 'a' });
});

test.each([
	['a task id', '{"task_id":1610521604143693812}', { task_id: '1610521604143693812' }],
	['a negative number', '{"a":-1610521604143693812}', { a: '-1610521604143693812' }],
	['in a list', '[1610521604143693812, 1]', ['1610521604143693812', 1]],
	['with space around it', '{ "a" : 1610521604143693812 }', { a: '1610521604143693812' }],
	['the largest that is exact anyway', '{"a":9007199254740991}', { a: '9007199254740991' }],
])('a whole number too long to be exact becomes text: %s', (_name, text, expected) => {
	expect(parse(text)).toEqual(expected);
});

test.each([
	['a short number', '{"a":123456789012345}', { a: 123456789012345 }],
	['a fraction', '{"a":0.12345678901234567}', { a: Number('0.12345678901234567') }],
	['a long fraction', '{"a":12345678901234567.5}', { a: Number('12345678901234567.5') }],
	['an exponent', '{"a":1e10}', { a: 1e10 }],
	['digits within a text', '{"a":"x 1610521604143693812, y"}', { a: 'x 1610521604143693812, y' }],
	[
		'digits after an escaped quote',
		String.raw`{"a":"x\":1610521604143693812"}`,
		{ a: 'x":1610521604143693812' },
	],
	['digits in a name', '{"1610521604143693812":1}', { '1610521604143693812': 1 }],
])('everything else stays what it is: %s', (_name, text, expected) => {
	expect(parse(text)).toEqual(expected);
});

test.each(['{"a":1610521604143693812', '"1610521604143693812', '1610521604143693812"', '{"a\\'])(
	'what is no JSON is handed on as it came: %s',
	(text) => expect(parse(text)).toBe(text),
);
