import { blackForestLabs } from '../../nodes/Flux2Flex/services/blackForestLabs';
import { novita } from '../../nodes/Flux2Flex/services/novita';
import type { Service } from '../../nodes/Flux2Flex/services/service';
import { cleanKey, mayGetKey } from '../../nodes/Flux2Flex/services/account';

const account = (service: Service, baseUrl: string) => ({
	service,
	baseUrl,
	apiKey: 'a-key',
	secrets: [],
	credentials: {},
});

test.each([
	['https://api.bfl.ai/v1/get_result?id=1', true],
	['https://api.eu2.bfl.ai/v1/get_result?id=1', true],
	['https://bfl.ai/', true],
	['https://API.BFL.AI/', true],
	['http://api.eu.bfl.ai/', false],
	['https://api.bfl.ai:8443/', false],
	['https://user@api.bfl.ai/', false],
	['https://user:word@api.bfl.ai/', false],
	['https://:word@api.bfl.ai/', false],
	['https://user@api.eu2.bfl.ai/', false],
	['https://:word@api.eu2.bfl.ai/', false],
	['https://bfl.ai.example.com/', false],
	['https://evilbfl.ai/', false],
	['https://example.com/?host=api.bfl.ai', false],
	['https://api.bfl.ai@example.com/', false],
	['https://api.bfl.ai\\@example.com/', true],
	['https://example.com\\@api.bfl.ai/', false],
	['ftp://api.bfl.ai/', false],
	['api.bfl.ai', false],
	['', false],
])('without a gateway, whether the key may go to %s is %p', (address, expected) => {
	expect(mayGetKey(account(blackForestLabs, 'https://api.bfl.ai'), address)).toBe(expected);
});

test.each([
	['http://127.0.0.1:5680/v1/get_result?id=1', true],
	['http://127.0.0.1:5680/other', true],
	['https://api.eu.bfl.ai/v1/get_result?id=1', false],
	['http://127.0.0.1:5681/flux', false],
	['http://localhost:5680/flux', false],
	['https://127.0.0.1:5680/flux', false],
	['http://user@127.0.0.1:5680/flux', false],
])('with a gateway, whether the key may go to %s is %p', (address, expected) => {
	expect(mayGetKey(account(blackForestLabs, 'http://127.0.0.1:5680/flux'), address)).toBe(expected);
});

test('a service without a domain of its own gets its key at one host alone', () => {
	const own = account(novita, 'https://api.novita.ai');
	expect(mayGetKey(own, 'https://api.novita.ai/v3')).toBe(true);
	expect(mayGetKey(own, 'https://eu.novita.ai/v3')).toBe(false);
	expect(mayGetKey(own, 'https://x.undefined/v3')).toBe(false);
});

test('a regional host as base URL is the service itself, so its other hosts get the key', () => {
	const own = account(blackForestLabs, 'https://api.eu.bfl.ai');
	expect(mayGetKey(own, 'https://api.us2.bfl.ai/v1/get_result?id=1')).toBe(true);
});

test.each([
	['nothing around it', 'sk-Ab_1.2:3/4+5==', 'sk-Ab_1.2:3/4+5=='],
	['white space around it', ' \tsk-abc\r\n', 'sk-abc'],
	['a line end within it', 'sk-a\nbc', 'sk-abc'],
	['a non-breaking space', 'sk-abc\u00a0', 'sk-abc'],
	['a zero-width space', 'sk-a\u200bbc', 'sk-abc'],
	['a soft hyphen', 'sk-a\u00adbc', 'sk-abc'],
	['a byte order mark', '\ufeffsk-abc', 'sk-abc'],
	['a mark of the writing direction', '\u200esk-abc\u202c', 'sk-abc'],
	['straight quotes', '"sk-abc"', 'sk-abc'],
	['single quotes', "'sk-abc'", 'sk-abc'],
	['smart quotes', '\u201csk-abc\u201d', 'sk-abc'],
	['low quotes', '\u201esk-abc\u201c', 'sk-abc'],
	['guillemets', '\u00absk-abc\u00bb', 'sk-abc'],
	['backticks', '`sk-abc`', 'sk-abc'],
	['the scheme of its header', 'Bearer sk-abc', 'sk-abc'],
	['a scheme in capitals', 'BEARER   sk-abc', 'sk-abc'],
	['the scheme of another service', 'key id:secret', 'id:secret'],
	['all at once', ' \u201cBearer\u200b \u2018sk-abc\u2019\u201d\n', 'sk-abc'],
	['a key that begins like a scheme', 'keyabc', 'keyabc'],
	['nothing', ' \u200b""\n', ''],
	['a space after a word like a scheme', 'sk-key abc', 'sk-keyabc'],
	['no text', 7, ''],
	['no value', undefined, ''],
])('a key that was pasted with %s is the key that was meant', (_name, entered, expected) => {
	expect(cleanKey(entered)).toBe(expected);
});
