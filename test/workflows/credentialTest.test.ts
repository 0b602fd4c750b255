import nock from 'nock';

import { testCredential } from '../harness';
import envelopes from './payloads/errors.json';
import { useServer } from './serving';
import { useSimulator } from './workflows';

const simulator = useSimulator();
const gateway = useSimulator({ basePath: '/gateway' });
const elsewhere = useServer();

const services = ['novita', 'jieKou'] as const;

afterEach(() => nock.cleanAll());
afterAll(() => nock.restore());

const ok = { status: 'OK', message: 'Connection successful!' };
const failed = { status: 'Error', message: expect.stringMatching(/\S/) as string };

describe.each(services)('the test of a credential for %s', (service) => {
	const test = async (data: object) => await testCredential({ service, ...data });

	it('passes with a good key', async () => {
		expect(await test(simulator.credentials)).toEqual(ok);
	});

	it('fails with a bad key', async () => {
		expect(await test({ ...simulator.credentials, apiKey: 'another-key' })).toEqual(failed);
	});

	it('fails without a key', async () => {
		expect(await test({ ...simulator.credentials, apiKey: '' })).toEqual(failed);
	});

	it('costs nothing and asks once', async () => {
		await test(simulator.credentials);
		expect(simulator.tasks).toEqual([]);
		expect(simulator.requests.map(({ method, call }) => [method, call])).toEqual([
			['GET', service === 'novita' ? 'balance' : 'poll'],
		]);
		expect(simulator.requests[0]?.headers.authorization).toBe('Bearer simulator-key');
	});

	it.each(['', '/', ' '])('honours a base URL with a path and %j at its end', async (end) => {
		const { apiKey, baseUrl } = gateway.credentials;
		expect(await test({ apiKey, baseUrl: `${baseUrl}${end}` })).toEqual(ok);
		expect(gateway.requests[0]?.path).toMatch(/^\/gateway\/(v3|openapi)\//);
	});

	it('takes a key with blanks around it, as the node does', async () => {
		expect(await test({ ...simulator.credentials, apiKey: ' simulator-key\n' })).toEqual(ok);
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

describe("the service's own address", () => {
	const bad = envelopes.map(({ status, body }) => ({ status, body, reason: body.reason }));

	it('of Novita AI is asked for the balance', async () => {
		nock('https://api.novita.ai', { reqheaders: { authorization: 'Bearer recorded-key' } })
			.get('/openapi/v1/billing/balance/detail')
			.reply(200, { availableBalance: '123', cashBalance: '123' });
		expect(await testCredential({ service: 'novita', apiKey: 'recorded-key' })).toEqual(ok);
	});

	it('is that of Novita AI by default', async () => {
		nock('https://api.novita.ai').get('/openapi/v1/billing/balance/detail').reply(200, {});
		expect(await testCredential({ apiKey: 'recorded-key' })).toEqual(ok);
	});

	it.each(bad.filter(({ status }) => status === 401))(
		'of Novita AI refuses: $reason',
		async ({ status, body }) => {
			nock('https://api.novita.ai')
				.persist()
				.get('/openapi/v1/billing/balance/detail')
				.reply(status, body);
			expect(await testCredential({ service: 'novita', apiKey: 'recorded-key' })).toEqual(failed);
		},
	);

	it('of JieKou.AI is asked for a task that does not exist', async () => {
		nock('https://api.highwayapi.ai', { reqheaders: { authorization: 'Bearer recorded-key' } })
			.get('/v3/async/task-result')
			.query(({ task_id: taskId }) => typeof taskId === 'string' && taskId !== '')
			.reply(404, { code: 404, reason: 'TASK_NOT_FOUND', message: 'task not found' });
		expect(await testCredential({ service: 'jieKou', apiKey: 'recorded-key' })).toEqual(ok);
	});

	it.each(bad.filter(({ reason }) => reason !== 'NOT_ENOUGH_BALANCE'))(
		'of JieKou.AI refuses: $reason',
		async ({ status, body }) => {
			nock('https://api.highwayapi.ai')
				.persist()
				.get('/v3/async/task-result')
				.query(true)
				.reply(status, body);
			expect(await testCredential({ service: 'jieKou', apiKey: 'recorded-key' })).toEqual(failed);
		},
	);
});
