import { execa } from 'execa';
import { host } from '../../../../scripts/lib/ports.mjs';
import { program } from '../../../../scripts/lib/debian.mjs';
import { RestartableServer } from './restartable.mjs';

/**
 * Redis with its append-only file on, so that the queue outlives a restart.
 *
 * @param {{ port: number, folder: string, logFile: string }} options
 * @returns {Promise<RestartableServer>}
 */
export async function startRedis({ port, folder, logFile }) {
	const redis = new RestartableServer({
		name: 'Redis',
		port,
		folder,
		logFile,
		commandLine: [
			program('redis-server'),
			...['--port', String(port), '--bind', host],
			...['--dir', folder, '--appendonly', 'yes', '--daemonize', 'no'],
		],
		endSignal: 'SIGTERM',
		isReady: async () => {
			const { stdout } = await execa(
				program('redis-cli'),
				['-h', host, '-p', String(port), 'ping'],
				{ reject: false },
			);
			return stdout === 'PONG';
		},
	});
	await redis.start();
	return redis;
}
