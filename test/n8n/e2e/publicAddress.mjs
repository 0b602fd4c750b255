import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { freePort, host } from '../../../scripts/lib/ports.mjs';

/**
 * The address under which others reach an n8n: another one than n8n itself listens on, as behind a
 * reverse proxy.
 *
 * @param {() => string} n8nUrl asked at every connection
 * @returns {Promise<{ url: string, close: () => void }>}
 */
export async function startPublicAddress(n8nUrl) {
	const server = createServer((incoming) => {
		const onward = connect(Number(new URL(n8nUrl()).port), host);
		incoming.on('error', () => onward.destroy());
		onward.on('error', () => incoming.destroy());
		incoming.pipe(onward).pipe(incoming);
	});
	const port = await freePort();
	await once(server.listen(port, host), 'listening');
	return { url: `http://${host}:${port}`, close: () => server.close() };
}
