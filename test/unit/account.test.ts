import { blackForestLabs } from '../../nodes/Flux2Flex/services/blackForestLabs';
import { novita } from '../../nodes/Flux2Flex/services/novita';
import type { Service } from '../../nodes/Flux2Flex/services/service';
import { mayGetKey } from '../../nodes/Flux2Flex/services/account';

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
	['https://bfl.ai.example.com/', false],
	['https://evilbfl.ai/', false],
	['https://example.com/?host=api.bfl.ai', false],
	['https://api.bfl.ai@example.com/', false],
	['https://api.bfl.ai\\@example.com/', true],
	['https://example.com\\@api.bfl.ai/', false],
	['ftp://api.bfl.ai/', false],
	['api.bfl.ai', false],
	['', false],
])("the key at the service's own address, for %s: %p", (address, expected) => {
	expect(mayGetKey(account(blackForestLabs, 'https://api.bfl.ai'), address)).toBe(expected);
});

test.each([
	['http://127.0.0.1:5680/v1/get_result?id=1', true],
	['http://127.0.0.1:5680/other', true],
	['https://api.eu.bfl.ai/v1/get_result?id=1', true],
	['http://127.0.0.1:5681/flux', false],
	['http://localhost:5680/flux', false],
	['https://127.0.0.1:5680/flux', false],
	['http://user@127.0.0.1:5680/flux', false],
])('the key at a gateway, for %s: %p', (address, expected) => {
	expect(mayGetKey(account(blackForestLabs, 'http://127.0.0.1:5680/flux'), address)).toBe(expected);
});

test('a service without a domain of its own has one host', () => {
	const own = account(novita, 'https://api.novita.ai');
	expect(mayGetKey(own, 'https://api.novita.ai/v3')).toBe(true);
	expect(mayGetKey(own, 'https://eu.novita.ai/v3')).toBe(false);
	expect(mayGetKey(own, 'https://x.undefined/v3')).toBe(false);
});
