/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- test code never runs inside n8n */
import { createServer, type AddressInfo } from 'node:net';

/** How a proxy refuses to open a tunnel. */
export type TunnelRefusal = '403' | '407' | '502' | 'closes';

/** An address that can only be reached through the proxy, which refuses it like this. */
export const behindProxy = (refusal: TunnelRefusal) => `https://${refusal}.service.invalid`;

/**
 * A company's proxy that opens no tunnel to any https address; n8n takes it from the environment.
 * Returns how to do without it again.
 */
export async function startCompanyProxy(): Promise<() => Promise<void>> {
	const server = createServer((socket) => {
		socket.on('error', () => {});
		socket.once('data', (data) => {
			const refusal = /^CONNECT (\w+)\./.exec(data.toString())?.[1] ?? '403';
			const body = '<html><title>Blocked by the company</title></html>';
			const head = `HTTP/1.1 ${refusal} No\r\nContent-Type: text/html\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`;
			if (refusal === 'closes') socket.end();
			else socket.end(head + body);
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
