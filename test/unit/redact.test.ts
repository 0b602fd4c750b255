import { redact } from '../../nodes/Flux2Flex/transport/redact';

test.each([
	['once', 'key sk-12345 is wrong', 'key [redacted] is wrong'],
	['everywhere', 'sk-12345sk-12345,"sk-12345"', '[redacted][redacted],"[redacted]"'],
	['not at all', 'sk-1234 is another one', 'sk-1234 is another one'],
	['in no text', '', ''],
])('of a key that occurs %s nothing is left', (_name, text, expected) => {
	expect(redact(text, ['sk-12345'])).toBe(expected);
});

test('a key is a text, not a pattern', () => {
	expect(redact('abcdefg a.*c+(', ['a.*c+('])).toBe('abcdefg [redacted]');
	expect(redact('$& $1 secret', ['secret'])).toBe('$& $1 [redacted]');
});

test('a key of a few characters is left, since it would tear every answer to pieces', () => {
	expect(redact('{"task_id":"abcde"}', ['a'])).toBe('{"task_id":"abcde"}');
	expect(redact('{"task_id":"abcde"}', ['abcde'])).toBe('{"task_id":"abcde"}');
	expect(redact('{"task_id":"abcdef"}', ['abcdef'])).toBe('{"task_id":"[redacted]"}');
	expect(redact('{"task_id":"abcde"}', [''])).toBe('{"task_id":"abcde"}');
});

test('a key is replaced as it was sent and as it was entered', () => {
	expect(redact('sent sk-12345, entered “sk-12345”', ['sk-12345', '“sk-12345”'])).toBe(
		'sent [redacted], entered “[redacted]”',
	);
	expect(redact('entered sk-1\u200b2345', ['sk-12345', 'sk-1\u200b2345'])).toBe(
		'entered [redacted]',
	);
});
