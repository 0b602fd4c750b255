import { strangerOf } from '../../nodes/Flux2Flex/transport/stranger';

const words = (body: unknown, headers: Record<string, string> = {}, status = 403) =>
	strangerOf({ status, headers, body }, ['sk-secret-key']).words;

const circle: { self?: unknown } = {};
circle.self = circle;

test.each<[string, unknown, string]>([
	['a text', 'error code: 1010', 'error code: 1010'],
	['several lines', ' Access\r\n\tdenied \u0007 here\n', 'Access denied here'],
	[
		'a page',
		'<!DOCTYPE html><html><head><title>Just a moment…</title><style>a { b: c }</style></head><body><script>f("<b>")</script><h1>Checking</h1></body></html>',
		'Just a moment… Checking',
	],
	['a page that was cut off', '<html><body>Sign in<script>var a = 1', 'Sign in'],
	['a page with space before it', '\n <p>Sign in</p>', 'Sign in'],
	['a text with a tag in it', 'blocked <b>', 'blocked <b>'],
	['a page with a tag that was cut off', '<p>Sign in<a href="', 'Sign in'],
	['what cannot be written', circle, ''],
	['cells of a page', '<td>Sign</td><td>in<script>f()</script>now</td>', 'Sign in now'],
	['JSON', { message: 'no Route matched' }, '{"message":"no Route matched"}'],
	['nothing', '', ''],
	['no body', undefined, ''],
])('of %s the readable words are told, in one line', (_name, body, expected) => {
	expect(words(body)).toBe(expected);
});

test('no more than 200 characters are told', () => {
	expect(words('x'.repeat(200))).toBe('x'.repeat(200));
	expect(words('x'.repeat(201))).toBe(`${'x'.repeat(199)}…`);
});

test('of a redirect its target is told, without what a login page is told in its address', () => {
	const location = 'https://user:word@login.example.com/start?token=secret#top';
	expect(words('<html>Moved</html>', { location }, 302)).toBe(
		'redirect to https://login.example.com/start',
	);
	expect(words('', { location }, 300)).toBe('redirect to https://login.example.com/start');
	expect(words('moved', { location }, 403)).toBe('moved');
	expect(words('moved', {}, 302)).toBe('moved');
});

test('the key is not among the words, not even in the address of a redirect', () => {
	expect(words('bad key sk-secret-key')).toBe('bad key [redacted]');
	expect(words('', { location: 'https://a.example/sk-secret-key/x' }, 307)).toBe(
		'redirect to https://a.example/[redacted]/x',
	);
});
