import { parseAnswer } from '../../nodes/Flux2Flex/transport/parseAnswer';

const KEY = 'sk-secret-key';
const parse = (text: string) => parseAnswer(text, [KEY]);

test.each<[string, string, unknown]>([
	['JSON with space around it', ' \n[1]\n', [1]],
	['JSON after a byte order mark', '\uFEFF{"task_id":"a"}', { task_id: 'a' }],
	['a byte order mark within a text', '{"a":"b\uFEFF"}', { a: 'b\uFEFF' }],
	['null', 'null', null],
	['a number', '7', 7],
	['a short number in a field', '{"a":123456789012345}', { a: 123456789012345 }],
	['a fraction', '{"a":0.12345678901234567}', { a: Number('0.12345678901234567') }],
	['a long fraction', '{"a":12345678901234567.5}', { a: Number('12345678901234567.5') }],
	['an exponent', '{"a":1e10}', { a: 1e10 }],
	['a long exponent', '{"a":1234567890123456e2}', { a: 1234567890123456e2 }],
	['digits within a text', '{"a":"x 1610521604143693812, y"}', { a: 'x 1610521604143693812, y' }],
	[
		'digits after an escaped quote',
		String.raw`{"a":"x\":1610521604143693812"}`,
		{ a: 'x":1610521604143693812' },
	],
	['digits in a name', '{"1610521604143693812":1}', { '1610521604143693812': 1 }],
])('an answer is read as what it is: %s', (_name, text, expected) => {
	expect(parse(text)).toEqual(expected);
});

test.each([
	['a task id', '{"task_id":1610521604143693812}', { task_id: '1610521604143693812' }],
	['a negative number', '{"a":-1610521604143693812}', { a: '-1610521604143693812' }],
	['in a list', '[1610521604143693812, 1]', ['1610521604143693812', 1]],
	['with space around it', '{ "a" : 1610521604143693812 }', { a: '1610521604143693812' }],
	['the largest that is exact anyway', '{"a":9007199254740991}', { a: '9007199254740991' }],
	[
		'after a text, and before one',
		'{"b":"x","a":1610521604143693812,"c":"y"}',
		{ a: '1610521604143693812', b: 'x', c: 'y' },
	],
])('a whole number too long to be exact becomes text: %s', (_name, text, expected) => {
	expect(parse(text)).toEqual(expected);
});

test.each([
	'',
	'<html>Bad gateway</html>',
	'{"a":1610521604143693812',
	'"1610521604143693812',
	'1610521604143693812"',
	'{"a\\',
])('what is no JSON is handed on as it came: %s', (text) => {
	expect(parse(text)).toBe(text);
});

const poison = '{"__proto__":{"polluted":1},"a":{"__proto__":{"polluted":1},"b":2}}';

test.each([
	['letter by letter', poison],
	['in escapes', poison.replaceAll('__proto__', '\\u005f_prot\\u006f__')],
])('a poisonous key, written %s, is gone', (_how, text) => {
	const body = parse(text) as Record<string, unknown>;
	expect(body).toEqual({ a: { b: 2 } });
	expect(Object.keys(body)).toEqual(['a']);
	expect((Object.assign({}, body, body.a) as { polluted?: unknown }).polluted).toBeUndefined();
});

const echo = JSON.stringify({
	message: `bad key ${KEY}`,
	[KEY]: [KEY],
	other: { [KEY]: 7, a: null },
});

test.each([
	['letter by letter', echo],
	['in escapes', echo.replaceAll('-', '\\u002d')],
])('a key that the service repeats %s is cut out of texts and names', (_how, text) => {
	expect(parse(text)).toEqual({
		message: 'bad key [redacted]',
		'[redacted]': ['[redacted]'],
		other: { '[redacted]': 7, a: null },
	});
});

test('a key that the service repeats in a page is cut out', () => {
	expect(parse(`<html>${KEY}</html>`)).toBe('<html>[redacted]</html>');
});
