import { connect, createServer, type Socket } from 'node:net';

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
			server.removeAllListeners('error').once('error', reject).listen(port, '127.0.0.1', resolve);
		});
	};
	const port = await listenSomewhere(listen);
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

/**
 * Below all ports that systems give out by themselves: no other server, of a test that runs beside
 * this one, gets the port while the gate is closed.
 */
async function listenSomewhere(listen: (port: number) => Promise<void>): Promise<number> {
	for (let attempt = 1; attempt <= 10; attempt++) {
		const port = 20_000 + Math.floor(Math.random() * 10_000);
		const isListening = await listen(port).then(
			() => true,
			() => false,
		);
		if (isListening) return port;
	}
	throw new Error('No port is free for a gate');
}
