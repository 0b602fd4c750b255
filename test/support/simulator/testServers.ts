import { once } from 'node:events';
import type { RequestListener, Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Simulator, SimulatorOptions } from './index';
import { startSimulator } from './index';

const simulators: Simulator[] = [];
const servers: Server[] = [];

/** Starts a simulator that is closed when the test has ended. */
export async function start(options?: SimulatorOptions): Promise<Simulator> {
	const simulator = await startSimulator(options);
	simulators.push(simulator);
	return simulator;
}

/** The address of a server that answers like this until the test has ended. */
export async function listen(answer: RequestListener): Promise<string> {
	const server = createServer(answer);
	servers.push(server);
	await once(server.listen(0, '127.0.0.1'), 'listening');
	return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Looks again until something holds, for as long as jest lets the test run. */
export async function until(holds: () => boolean): Promise<void> {
	while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

afterEach(async () => {
	await Promise.all(simulators.splice(0).map(async (simulator) => await simulator.close()));
	for (const server of servers.splice(0)) {
		server.closeAllConnections();
		server.close();
	}
});
