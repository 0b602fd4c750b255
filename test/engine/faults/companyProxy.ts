import { createServer, type AddressInfo, type Socket } from 'node:net';

/** A way in which a company's proxy lets nothing through to an https address. */
export interface ClosedTunnel {
	/** The first label of the host that is asked for tells the proxy what to do. */
	host: string;
	/** In the words of `docs/faults.md`. */
	happens: string;
	/** HTTP status code, where it answers with one: n8n hands that on like the service's own. */
	status?: number;
	/** What the user is told of such an answer, as a pattern. */
	words?: string;
	act: (socket: Socket) => void;
}

const PAGE = '<html><title>Blocked by the company</title></html>';

const headOf = (status: number) =>
	`HTTP/1.1 ${status} No\r\nContent-Type: text/html\r\nContent-Length: ${PAGE.length}\r\nConnection: close\r\n\r\n`;

const refusedWith = (status: number): ClosedTunnel => ({
	host: `status${status}`,
	happens: `the company's proxy refuses the connection with ${status}`,
	status,
	words: '"Blocked by the company"',
	act: (socket) => socket.end(headOf(status) + PAGE),
});

/** Whatever it does, nothing of the request reaches the service. */
export const closedTunnels: ClosedTunnel[] = [
	...[403, 407, 502].map(refusedWith),
	{
		host: 'closes',
		happens: "the company's proxy closes the connection",
		act: (socket) => socket.end(),
	},
	{
		// n8n hands on only what came along with the head: its answer breaks off.
		host: 'late',
		happens: "the company's proxy refuses the connection with 403, and its page comes later",
		status: 403,
		words: '',
		act: (socket) => {
			socket.write(headOf(403));
			setTimeout(() => socket.end(PAGE), 50);
		},
	},
	{
		// Like a reset of the service's, but for the request, which never had a socket.
		host: 'resets',
		happens: "the company's proxy resets the connection",
		act: (socket) => socket.resetAndDestroy(),
	},
	{
		host: 'unreadable',
		happens: "the company's proxy gives an answer to the connection that cannot be read",
		act: (socket) => socket.end('HTTP/1.1 403 No\r\nblocked\r\n\r\n'),
	},
	{
		host: 'hollow',
		happens: "the company's proxy opens the connection and closes it at once",
		act: (socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n'),
	},
];

/** An address that can only be reached through the proxy. */
export const behindProxy = ({ host }: ClosedTunnel) => `https://${host}.service.invalid`;

/**
 * A company's proxy that opens no tunnel to any https address; n8n takes it from the environment.
 * Returns how to do without it again.
 */
export async function startCompanyProxy(): Promise<() => Promise<void>> {
	const server = createServer((socket) => {
		socket.on('error', () => {});
		socket.once('data', (data) => {
			const host = /^CONNECT (\w+)\./.exec(data.toString())?.[1];
			const tunnel = closedTunnels.find((one) => one.host === host) ?? refusedWith(403);
			tunnel.act(socket);
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { HTTPS_PROXY, NO_PROXY } = process.env;
	process.env.HTTPS_PROXY = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	process.env.NO_PROXY = '127.0.0.1,localhost';
	return async () => {
		restore({ HTTPS_PROXY, NO_PROXY });
		await new Promise((resolve) => server.close(resolve));
	};
}

function restore(environment: NodeJS.ProcessEnv): void {
	for (const [name, value] of Object.entries(environment)) {
		if (value === undefined) delete process.env[name];
		else process.env[name] = value;
	}
}
