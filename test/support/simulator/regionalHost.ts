import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { FastifyInstance } from 'fastify';

/** The second address of a server. */
export interface RegionalHost {
	/** Without a path. */
	origin: string;
	close(): Promise<void>;
}

/**
 * Serves the same routes at another port, which makes another origin: enough for a client to see
 * that its key leaves the address it was given.
 */
export async function listenAgain(server: FastifyInstance, host: string): Promise<RegionalHost> {
	const again = createServer((request, response) => server.routing(request, response));
	await new Promise<void>((resolve, reject) => {
		again.once('error', reject).listen(0, host, resolve);
	});
	const { port } = again.address() as AddressInfo;
	return {
		origin: `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${port}`,
		async close() {
			again.closeAllConnections();
			await new Promise((resolve) => again.close(resolve));
		},
	};
}
