import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import {
	createServer as createTcpServer,
	type AddressInfo,
	type Server,
	type Socket,
} from 'node:net';
import { dirname } from 'node:path';
import { NodeApiError, type INode, type JsonObject } from 'n8n-workflow';

import { readConnectionFault } from '../../nodes/Flux2Flex/transport/connectionFault';

/** The HTTP client that n8n's helpers use, as n8n-core finds it. */
const { axios } = ((path: string) => {
	// eslint-disable-next-line @typescript-eslint/no-require-imports
	const client = require(path) as { post: (...options: unknown[]) => Promise<unknown> };
	return { axios: client };
})(require.resolve('axios', { paths: [dirname(require.resolve('n8n-core'))] }));

const node = { name: 'Flux', type: 'flux2Flex' } as INode;

/** As `httpRequestWithAuthentication` throws it. */
const wrapped = (error: unknown) => new NodeApiError(node, error as JsonObject);

async function faultOf(url: string, options: object = {}): Promise<unknown> {
	try {
		await axios.post(url, { prompt: 'x' }, { proxy: false, timeout: 3000, ...options });
	} catch (error) {
		return error;
	}
	throw new Error('The call succeeded');
}

async function withServer<Value>(
	server: Server,
	use: (port: number) => Promise<Value>,
): Promise<Value> {
	const sockets = new Set<Socket>();
	server.on('connection', (socket: Socket) => {
		sockets.add(socket);
		socket.on('error', () => {});
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	try {
		return await use((server.address() as AddressInfo).port);
	} finally {
		server.close();
		for (const socket of sockets) socket.destroy();
	}
}

const closedPort = async () => await withServer(createTcpServer(), async (port) => port);
const http = (listener: RequestListener) => createServer(listener);

describe('a real fault of the network', () => {
	const faults: Array<[name: string, fault: () => Promise<unknown>, expected: object]> = [
		[
			'connection refused at every address of a host',
			async () =>
				await faultOf(`http://localhost:${await closedPort()}/`, {
					lookup: (_host: string, _options: object, done: (...result: unknown[]) => void) =>
						done(null, [
							{ address: '127.0.0.1', family: 4 },
							{ address: '127.0.0.2', family: 4 },
						]),
				}),
			{ kind: 'notSent', temporary: true, cause: 'ECONNREFUSED' },
		],
		[
			'no such host',
			async () =>
				await faultOf('http://nowhere.invalid/', {
					lookup: (_host: string, _options: object, done: (...result: unknown[]) => void) =>
						done(
							Object.assign(new Error('getaddrinfo ENOTFOUND nowhere.invalid'), {
								code: 'ENOTFOUND',
								syscall: 'getaddrinfo',
							}),
						),
				}),
			{ kind: 'notSent', temporary: true, cause: 'ENOTFOUND' },
		],
		[
			'no answer in time',
			async () =>
				await withServer(
					http(() => {}),
					async (port) => await faultOf(`http://127.0.0.1:${port}/`, { timeout: 20 }),
				),
			{ kind: 'lost', cause: 'ECONNABORTED' },
		],
		[
			'an answer that is not HTTP',
			async () =>
				await withServer(
					createTcpServer((socket) => {
						socket.once('data', () => socket.end('220 mail.example.com ESMTP\r\n\r\n'));
					}),
					async (port) => await faultOf(`http://127.0.0.1:${port}/`),
				),
			{ kind: 'lost' },
		],
		[
			'an address that is none',
			async () => await faultOf('http://[/'),
			{ kind: 'notSent', temporary: false },
		],
	];

	test.each(faults)('is told for what it is: %s', async (_name, fault, expected) => {
		const error = await fault();
		expect(readConnectionFault(error)).toMatchObject(expected);
		expect(readConnectionFault(wrapped(error))).toMatchObject(expected);
		expect(readConnectionFault(wrapped(wrapped(error)))).toMatchObject(expected);
	});
});

const systemError = (code: string, syscall?: string) =>
	Object.assign(new Error(`${syscall} ${code}`), { code, syscall, errno: -1 });

/** An error of the HTTP client around one of the system. */
const clientError = (cause: Error & { code: string }) =>
	Object.assign(new Error(cause.message, { cause }), { name: 'AxiosError', code: cause.code });

const there = { connecting: false, secureConnecting: false };
const settingUpTls = { connecting: false, secureConnecting: true };
const onTheWay = [{ connecting: true }, { secureConnecting: true }, null];
const brokenTls = [
	'ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC',
	'ERR_SSL_WRONG_VERSION_NUMBER',
	'ERR_SSL_BAD_RECORD_TYPE',
	'ERR_SSL_CIPHER_OPERATION_FAILED',
	'EPROTO',
];
const every = <First, Second>(firsts: First[], seconds: Second[]) =>
	firsts.flatMap((first) => seconds.map((second) => [first, second] as const));

/** A code of the system, with what it was doing and the socket, where they are known. */
type Ending = [code: string, syscall?: string, socket?: object | null];

describe.each<[which: string, expected: object, endings: Ending[]]>([
	[
		'not sent, and worth another try,',
		{ kind: 'notSent', temporary: true },
		[
			['ECONNREFUSED', 'connect'],
			['ENOTFOUND', 'getaddrinfo'],
			['EAI_AGAIN', 'getaddrinfo'],
			['EHOSTUNREACH', 'connect'],
			['ENETUNREACH', 'connect'],
			['EADDRNOTAVAIL', 'connect'],
			['ETIMEDOUT', 'connect'],
			['EMFILE', 'connect'],
			// Of several attempts to connect, Node tells only the code.
			['ECONNREFUSED'],
			['ENOTFOUND'],
			['EAI_AGAIN'],
			...every(['ECONNRESET', 'ECONNABORTED', 'ETIMEDOUT'], onTheWay).map(
				([code, socket]): Ending => [code, undefined, socket],
			),
		],
	],
	[
		'not sent, and not worth another try,',
		{ kind: 'notSent', temporary: false },
		[
			['CERT_HAS_EXPIRED'],
			['DEPTH_ZERO_SELF_SIGNED_CERT'],
			['SELF_SIGNED_CERT_IN_CHAIN'],
			['UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
			['UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
			['ERR_TLS_CERT_ALTNAME_INVALID'],
			['ERR_INVALID_URL'],
			['ERR_INVALID_CHAR'],
			['ERR_UNESCAPED_CHARACTERS'],
			...brokenTls.map((code): Ending => [code, undefined, settingUpTls]),
		],
	],
	[
		'perhaps sent, and so not sent again,',
		{ kind: 'lost' },
		[
			['ECONNRESET', 'read'],
			['ECONNRESET'],
			['EPIPE', 'write'],
			['ETIMEDOUT', 'read'],
			['ETIMEDOUT'],
			['ECONNABORTED'],
			['ERR_CANCELED'],
			['ERR_NETWORK'],
			['ERR_BAD_RESPONSE'],
			['ERR_STREAM_PREMATURE_CLOSE'],
			['HPE_INVALID_CONSTANT'],
			['HPE_HEADER_OVERFLOW'],
			// A route that breaks down under an open connection; macOS says so when it falls asleep.
			['EHOSTUNREACH', 'read'],
			['ENETUNREACH', 'read'],
			['ENETDOWN', 'read'],
			['ENETDOWN', 'write'],
			...every(brokenTls, [there, undefined]).map(
				([code, socket]): Ending => [code, undefined, socket],
			),
		],
	],
])('%s is a request', (_which, expected, endings) => {
	test.each(endings.map((ending) => [ending]))('that ends with %j', ([code, syscall, socket]) => {
		const cause = systemError(code, syscall);
		// The HTTP client's error keeps the request, and with it the socket.
		const error = Object.assign(clientError(cause), { request: { socket } });
		for (const fault of [error, wrapped(error), ...(socket === undefined ? [cause] : [])]) {
			expect(readConnectionFault(fault)).toEqual({ ...expected, cause: code });
		}
	});
});

describe('a request that ends with', () => {
	test('a broken connection, after others could not be made, may have arrived', () => {
		const cause = systemError('ECONNREFUSED', 'connect');
		const error = Object.assign(systemError('ECONNRESET', 'read'), { cause });
		expect(readConnectionFault(clientError(error)).kind).toBe('lost');
	});

	test('broken TLS in a layer below, while it was being set up, will never be sent', () => {
		const cause = systemError('EPROTO');
		const error = Object.assign(clientError({ ...cause, message: '', code: 'ERR_NETWORK' }), {
			cause,
			request: { socket: settingUpTls },
		});
		expect(readConnectionFault(error)).toMatchObject({ kind: 'notSent', temporary: false });
	});

	test('a time-out of every address of a host was not sent', () => {
		const attempts = [systemError('ETIMEDOUT', 'connect'), systemError('ENETUNREACH', 'connect')];
		const all = Object.assign(new AggregateError(attempts, ''), { code: 'ETIMEDOUT' });
		expect(readConnectionFault(clientError(all))).toMatchObject({
			kind: 'notSent',
			temporary: true,
		});
	});

	test("a block by n8n's own policy was not sent", () => {
		const cause = Object.assign(new Error('The address 10.0.0.1 is blocked'), {
			name: 'SsrfBlockedIpError',
		});
		for (const fault of [cause, clientError(Object.assign(cause, { code: 'X' })), wrapped(cause)]) {
			expect(readConnectionFault(fault)).toEqual({
				kind: 'notSent',
				temporary: false,
				cause: 'The address 10.0.0.1 is blocked',
			});
		}
	});
});

test.each([
	'Proxy connection ended before receiving CONNECT response',
	'Proxy response (403) !== 200 when HTTP Tunneling',
])('a proxy that opened no tunnel let nothing through: %s', (message) => {
	const wrapped = Object.assign(new Error('no'), { cause: new Error(message) });
	expect(readConnectionFault(wrapped)).toEqual({
		kind: 'notSent',
		temporary: true,
		cause: 'the proxy let nothing through',
	});
});

describe('a request that ends with something nobody should throw', () => {
	const circle: { cause?: unknown; code: number } = { code: 7 };
	circle.cause = { cause: circle };
	let deep: object = systemError('ECONNRESET', 'read');
	for (let level = 0; level < 100_000; level++) deep = { cause: deep };

	test.each<[string, unknown]>([
		['nothing', undefined],
		['null', null],
		['a text', 'ECONNREFUSED'],
		['a number', 7],
		['a list', [systemError('ECONNREFUSED', 'connect')]],
		['an error without a code', new Error('something')],
		['codes of other types', { code: { name: 'x' }, syscall: 7, name: null }],
		['its own cause', circle],
		['attempts that are none', { errors: [null, 'x'] }],
		['a hundred thousand causes', deep],
	])('(%s) may have arrived', (_name, error) => {
		const fault = readConnectionFault(error);
		expect(fault.kind).toBe('lost');
		expect(fault.cause).toEqual(expect.stringMatching(/./));
	});
});
