import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server of its own for a test file. Its listener may be changed by every test. */
export function useServer() {
	const state = { url: '', listener: (() => {}) as RequestListener };
	const server = createServer((request, response) => state.listener(request, response));
	beforeAll(async () => {
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	});
	afterAll(async () => {
		server.closeAllConnections();
		await new Promise((resolve) => server.close(resolve));
	});
	return state;
}
