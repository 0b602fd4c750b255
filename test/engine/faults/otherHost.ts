import {
	createServer,
	type IncomingHttpHeaders,
	type IncomingMessage,
	type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

/** A server that is not the service: it must never hear of the key. */
export interface OtherHost {
	url: string;
	/** What came in. */
	requests: Array<{ url: string; headers: IncomingHttpHeaders; body: string }>;
	/** Whether a client is still connected. */
	isBusy(): boolean;
	/** Bytes that were handed to connections which are closed by now. */
	bytesSent(): number;
	close(): Promise<void>;
}

type Route = (response: ServerResponse, search: string, request: IncomingMessage) => void;

const MEGABYTE = 1_000_000;
const CHUNK = Buffer.alloc(64 * 1024, 'p');

/** Sends the start and then as many bytes as fit through the line, up to `left`. */
function pour(response: ServerResponse, start: Buffer, left: number): void {
	response.write(start);
	const more = () => {
		while (left > 0 && !response.destroyed) {
			const chunk = left < CHUNK.length ? CHUNK.subarray(0, left) : CHUNK;
			left -= chunk.length;
			if (!response.write(chunk)) return;
		}
		response.end();
	};
	response.on('drain', more);
	more();
}

/** What the host serves, by the start of the path; anything else is not found. */
function routesOf(image: Buffer): Record<string, Route> {
	const large = 100 * MEGABYTE;
	return {
		'/image.png': (response) => response.writeHead(200, { 'content-type': 'image/png' }).end(image),
		/** 100 MB; `?announced` gives them a Content-Length. */
		'/large.png': (response, search) => {
			if (search === '?announced') response.setHeader('content-length', large);
			response.writeHead(200, { 'content-type': 'image/png' });
			pour(response, image, large - image.length);
		},
		/** Compressed where that is welcome, under the length of what it was before. */
		'/compressed.png': (response, _search, { headers }) => {
			const isWelcome = String(headers['accept-encoding']).includes('gzip');
			if (isWelcome) response.setHeader('content-encoding', 'gzip');
			response.writeHead(200, { 'content-type': 'image/png', 'content-length': image.length });
			response.end(isWelcome ? gzipSync(image) : image);
		},
		'/endless.png': (response) => {
			response.writeHead(200, { 'content-type': 'image/png' });
			pour(response, image, Infinity);
		},
		'/refusal.png': (response) => {
			response.writeHead(403, { 'content-type': 'text/plain' });
			pour(response, CHUNK, Infinity);
		},
		/** An image of 60 MB that takes 60 KB on the way. */
		'/bomb.png': (response) => {
			const bomb = gzipSync(Buffer.concat([image, Buffer.alloc(60 * MEGABYTE)]));
			response.writeHead(200, { 'content-type': 'image/png', 'content-encoding': 'gzip' });
			response.end(bomb);
		},
		/** Services in place of the service. */
		'/endless-service/': (response) => {
			response.writeHead(200, { 'content-type': 'application/json' });
			pour(response, Buffer.from('{"task_id": "'), Infinity);
		},
		'/bomb-service/': (response) => {
			const bomb = gzipSync(Buffer.concat([Buffer.from('{"a":"'), Buffer.alloc(20 * MEGABYTE)]));
			response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
			response.end(bomb);
		},
		'/login': (response) =>
			response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Sign in</html>'),
		'/circle': (response) => response.writeHead(302, { location: '/circle' }).end(),
		/** Redirects to the address after the question mark. */
		'/go': (response, search) =>
			response.writeHead(302, { location: decodeURIComponent(search.slice(1)) }).end(),
	};
}

/** Starts it. */
export async function startOtherHost(image: Buffer): Promise<OtherHost> {
	const requests: OtherHost['requests'] = [];
	const routes = Object.entries(routesOf(image));
	let bytesSent = 0;
	let connections = 0;

	function answer(request: IncomingMessage, response: ServerResponse): void {
		const { url = '', headers } = request;
		const record = { url, headers, body: '' };
		requests.push(record);
		request.setEncoding('utf8').on('data', (text: string) => (record.body += text));
		const { pathname, search } = new URL(url, 'http://other.host');
		const route = routes.find(([start]) => pathname.startsWith(start))?.[1];
		if (route) route(response, search, request);
		else response.writeHead(404).end();
	}

	const server = createServer(answer);
	server.on('connection', (socket) => {
		connections++;
		socket.on('close', () => {
			connections--;
			bytesSent += socket.bytesWritten;
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		requests,
		isBusy: () => connections > 0,
		bytesSent: () => bytesSent,
		async close() {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}
