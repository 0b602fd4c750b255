import { execa } from 'execa';
import { chown } from 'node:fs/promises';
import { join } from 'node:path';
import { host } from '../../../../scripts/lib/ports.mjs';
import { UserFacingError } from '../../../../scripts/lib/user-facing-error.mjs';
import { isRoot, program } from '../../../../scripts/lib/debian.mjs';
import { RestartableServer } from './restartable.mjs';

/** The database user, and the database every cluster has. */
export const databaseUser = 'n8n';
export const databaseName = 'postgres';

/** PostgreSQL refuses to run as root; Debian's package brings this account. */
const systemUser = 'postgres';

/**
 * A new PostgreSQL for this run only: it listens on this machine and trusts whoever connects.
 *
 * @param {{ port: number, folder: string, logFile: string }} options `folder`: empty, with nothing
 *   above it that only root may enter
 * @returns {Promise<RestartableServer>}
 */
export async function startPostgresql({ port, folder, logFile }) {
	const asSystemUser = isRoot() ? await becoming(systemUser, folder) : [];
	const data = join(folder, 'data');
	const [first, ...commandLine] = [
		...asSystemUser,
		program('initdb'),
		...['--pgdata', data, '--username', databaseUser],
		...['--auth', 'trust', '--encoding', 'UTF8', '--no-locale', '--no-sync'],
	];
	// In a folder that the other account may enter.
	await execa(first, commandLine, { cwd: folder });
	const postgresql = new RestartableServer({
		name: 'PostgreSQL',
		port,
		folder,
		logFile,
		commandLine: [
			...asSystemUser,
			program('postgres'),
			...['-D', data, '-h', host, '-p', String(port), '-k', folder],
			// A worker keeps up to two connections, and each process some of its own.
			...['-c', 'max_connections=200'],
		],
		endSignal: 'SIGINT',
		isReady: async () => {
			const { exitCode } = await execa(
				program('pg_isready'),
				['--host', host, '--port', String(port), '--quiet'],
				{ reject: false },
			);
			return exitCode === 0;
		},
	});
	await postgresql.start();
	return postgresql;
}

/**
 * @param {string} user
 * @param {string} folder will belong to the user
 * @returns {Promise<string[]>} the start of a command line that runs the rest as this user
 */
async function becoming(user, folder) {
	const ask = async (/** @type {string} */ option) => {
		const { stdout, exitCode } = await execa('id', [option, user], { reject: false });
		if (exitCode !== 0) {
			throw new UserFacingError(
				`PostgreSQL does not run as root, and there is no user "${user}". Run this as another user.`,
			);
		}
		return Number(stdout);
	};
	const userId = await ask('-u');
	const groupId = await ask('-g');
	await chown(folder, userId, groupId);
	// setpriv becomes the program: signals reach PostgreSQL itself.
	return ['setpriv', `--reuid=${userId}`, `--regid=${groupId}`, '--clear-groups'];
}
