/* eslint-disable @n8n/community-nodes/no-restricted-imports -- test code never runs inside n8n */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** An address in front of a server that can be closed, so that connections to it are refused. */
export interface Gate {
	url: string;
	open(): Promise<void>;
	close(): Promise<void>;
}

/** Starts an open gate in front of the server. */
export async function startGate(target: string): Promise<Gate> {
	const { hostname, port: targetPort } = new URL(target);
	const sockets = new Set<Socket>();
	const server = createServer((socket) => {
		const upstream = connect(Number(targetPort), hostname);
		for (const [from, to] of [
			[socket, upstream],
			[upstream, socket],
		] as const) {
			sockets.add(from);
			from.on('error', () => to.destroy()).on('close', () => to.destroy());
			from.pipe(to);
		}
	});
	const listen = async (port: number) => {
		await new Promise<void>((resolve, reject) => {
			server.once('error', reject).listen(port, '127.0.0.1', resolve);
		});
	};
	await listen(0);
	const { port } = server.address() as AddressInfo;
	return {
		url: `http://127.0.0.1:${port}`,
		async open() {
			if (!server.listening) await listen(port);
		},
		async close() {
			if (!server.listening) return;
			for (const socket of sockets) socket.destroy();
			sockets.clear();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}
