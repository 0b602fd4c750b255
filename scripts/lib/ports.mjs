import getPort from 'get-port';
import { createServer } from 'node:net';
import { UserFacingError } from './user-facing-error.mjs';

/** The one address everything listens on: nothing of this is meant for the network. */
export const host = '127.0.0.1';

/** @returns {Promise<number>} a port nobody listens on */
export async function freePort() {
	return await getPort({ host });
}

/**
 * @param {number} port
 * @throws {UserFacingError} when the port cannot be used
 */
export async function requireFreePort(port) {
	// Somebody who listens on all addresses is not in the way of 127.0.0.1 everywhere, but the browser
	// could reach either of the two: both are tried.
	for (const address of [host, undefined]) {
		const code = await tryToListen(port, address);
		if (code === 'EADDRINUSE') {
			throw new UserFacingError(
				`Port ${port} is taken. End what uses it, or choose another: npm start -- --port ${port + 1}`,
			);
		}
		if (code === 'EACCES') {
			throw new UserFacingError(
				`Port ${port} may not be used by this account. Choose another: npm start -- --port 5678`,
			);
		}
	}
}

/**
 * @param {number} port
 * @param {string | undefined} address undefined: all
 * @returns {Promise<string | undefined>} the error code, if it failed
 */
function tryToListen(port, address) {
	return new Promise((resolve) => {
		const server = createServer();
		server.once('error', (/** @type {NodeJS.ErrnoException} */ error) => resolve(error.code));
		server.listen({ port, host: address }, () => server.close(() => resolve(undefined)));
	});
}
