import { isDeepStrictEqual } from 'node:util';

import nock from 'nock';

import { testCredential } from '../support/harness';
import { testedServices, type Json } from '../support/services';
import { useServer } from './serving';
import { useSimulator } from './workflows';

const simulator = useSimulator();
const gateway = useSimulator({ basePath: '/gateway' });
const elsewhere = useServer();

afterEach(() => nock.cleanAll());
afterAll(() => nock.restore());

const ok = { status: 'OK', message: 'Connection successful!' };
const failed = { status: 'Error', message: expect.stringMatching(/\S/) as string };

describe.each(testedServices)('The test of a credential for $displayName', (service) => {
	const { key, credentialTest } = service;
	const test = async (data: object) => await testCredential({ ...data, service: service.id });

	it('passes with a good key', async () => {
		expect(await test(simulator.credentials)).toEqual(ok);
	});

	it.each(['another-key', ''])('fails with the bad key %j', async (apiKey) => {
		expect(await test({ ...simulator.credentials, apiKey })).toEqual(failed);
	});

	it('costs nothing and asks once', async () => {
		await test(simulator.credentials);
		expect(simulator.tasks).toEqual([]);
		expect(simulator.requests.map(({ method, call }) => [method, call])).toEqual([
			['GET', credentialTest.call],
		]);
		expect(simulator.requests[0]?.headers[key.header]).toBe(key.value('simulator-key'));
	});

	it.each(['', '/', ' '])('honours a base URL with a path and %j at its end', async (end) => {
		const { apiKey, baseUrl } = gateway.credentials;
		expect(await test({ apiKey, baseUrl: `${baseUrl}${end}` })).toEqual(ok);
		expect(gateway.requests[0]?.path).toBe(`/gateway${credentialTest.path}`);
	});

	it.each([
		['blanks around it', ' simulator-key\n'],
		['a zero-width space', 'simulator\u200b-key'],
		['smart quotes', '\u201csimulator-key\u201d'],
		['the scheme of its header', 'Bearer simulator-key'],
	])('takes a key with %s, as the node does', async (_, apiKey) => {
		expect(await test({ ...simulator.credentials, apiKey })).toEqual(ok);
	});

	it('takes an answer with a byte order mark before its JSON', async () => {
		const { status, body } = service.credentialTest;
		elsewhere.listener = (_request, response) =>
			response.writeHead(status).end(`\uFEFF${JSON.stringify(body)}`);
		expect(await test({ apiKey: 'any', baseUrl: elsewhere.url })).toEqual(ok);
	});

	it('fails where nobody listens', async () => {
		expect(await test({ apiKey: 'any', baseUrl: 'http://127.0.0.1:1' })).toEqual(failed);
	});

	it.each<[string, number, Record<string, string>, string]>([
		['a web page', 200, { 'content-type': 'text/html' }, '<!DOCTYPE html><html></html>'],
		['a missing page', 404, { 'content-type': 'text/html' }, '<html>Not Found</html>'],
		['a missing route', 404, {}, '404 page not found'],
		['a missing route in JSON', 404, {}, '{"message":"Not Found"}'],
		[
			'a missing route in an envelope',
			404,
			{},
			'{"code":404,"reason":"API_NOT_FOUND","message":"route not found"}',
		],
		['a missing route of another framework', 404, {}, '{"detail":"Not Found"}'],
		['a route that a gateway lacks', 404, {}, '{"message":"no Route matched with those values"}'],
		['a number as its status', 404, {}, '{"status":404,"error":"Not Found","path":"/"}'],
		['a short word as its status', 404, {}, '{"status":"error","message":"no route"}'],
		['the words of HTTP as its status', 404, {}, '{"status":"Not Found"}'],
		['an empty object', 404, {}, '{}'],
		['a captive portal', 200, {}, '{"ok":true}'],
		['a list', 200, {}, '[]'],
		['null', 200, {}, 'null'],
		['nothing', 200, {}, ''],
		['nothing, as 204', 204, {}, ''],
		['a number', 200, {}, '7'],
		["somebody else's task", 404, {}, '{"code":404,"message":"not found"}'],
		['a redirect', 302, { location: 'https://example.com/' }, ''],
		['a failure', 500, {}, '{"code":500,"reason":"GET_RESULT_FAILED"}'],
		['a proxy that is down', 502, {}, 'Bad Gateway'],
		['a method that is not allowed', 405, {}, ''],
		['a service that is gone', 410, {}, ''],
	])('fails where the address answers with %s', async (_, status, headers, body) => {
		elsewhere.listener = (_request, response) => response.writeHead(status, headers).end(body);
		expect(await test({ apiKey: 'any', baseUrl: elsewhere.url })).toEqual(failed);
	});

	it('does not take the key along a redirect', async () => {
		elsewhere.listener = (request, response) =>
			response.writeHead(302, { location: `${simulator.url}${request.url}` }).end();
		await test({ apiKey: 'simulator-key', baseUrl: elsewhere.url });
		expect(simulator.requests).toEqual([]);
	});
});

describe.each(testedServices)('The test at the own address of $displayName', (service) => {
	const { id, defaultBaseUrl, key, credentialTest, refusals } = service;
	const apiKey = 'recorded-key';

	/** The free call, at the address that nobody had to enter. */
	const asked = (headers: Record<string, string> = {}) =>
		nock(defaultBaseUrl, { reqheaders: headers }).persist().get(credentialTest.path).query(true);

	it('asks there, with the key', async () => {
		const { status, body } = credentialTest;
		asked({ [key.header]: key.value(apiKey) }).reply(status, body);
		expect(await testCredential({ service: id, apiKey })).toEqual(ok);
	});

	const bad = refusals.filter(
		// A call that needs no model is not refused for want of one, and what refuses other calls may be
		// what a good key is answered with here.
		({ means, simulated, status, body }) =>
			means === 'badKey' ||
			(means === 'routeNotFound' &&
				simulated &&
				!isDeepStrictEqual([status, body], [credentialTest.status, credentialTest.body])),
	);
	it.each(bad)('fails where it is refused with $name', async ({ status, body }) => {
		asked().reply(status, body as Json);
		expect(await testCredential({ service: id, apiKey })).toEqual(failed);
	});
});

it.each<Record<string, string>>([{}, { service: '' }, { service: 'other' }])(
	'The test of a credential with %j asks nobody and says what is missing',
	async (chosen) => {
		const credentials = { apiKey: 'recorded-key', baseUrl: elsewhere.url, ...chosen };
		let calls = 0;
		elsewhere.listener = (_request, response) => {
			calls++;
			response.end('{}');
		};
		expect(await testCredential(credentials)).toEqual({
			status: 'Error',
			message: "Choose a 'Service'",
		});
		expect(calls).toBe(0);
	},
);

it('The test of a credential does not decide by the service of the one before', async () => {
	for (const { id, credentialTest } of [...testedServices, ...[...testedServices].reverse()]) {
		elsewhere.listener = (_request, response) =>
			response.writeHead(credentialTest.status).end(JSON.stringify(credentialTest.body));
		const credentials = { service: id, apiKey: 'any', baseUrl: elsewhere.url };
		expect(await testCredential(credentials)).toEqual(ok);
		elsewhere.listener = (_request, response) =>
			response.writeHead(credentialTest.status).end('{"ok":true}');
		expect(await testCredential(credentials)).toEqual(failed);
	}
});
