import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRunning } from './processes.mjs';
import { onShutdown } from './shutdown.mjs';
import { UserFacingError } from './user-facing-error.mjs';

/**
 * Two n8n on one database damage it: the folder belongs to this process until it ends.
 *
 * @param {string} userFolder
 * @throws {UserFacingError} when another start uses it
 */
export async function claim(userFolder) {
	await mkdir(userFolder, { recursive: true });
	const note = join(userFolder, 'process-id');
	const processId = Number(await readFile(note, 'utf8').catch(() => ''));
	if (processId !== process.pid && isRunning(processId)) {
		throw new UserFacingError(
			`npm start is already running for this folder (process ${processId}). End it first, or use npm start -- --once beside it.`,
		);
	}
	await writeFile(note, String(process.pid));
	onShutdown(async () => await rm(note, { force: true }));
}

/**
 * A new n8n for one run, which leaves the one of `npm start` alone.
 *
 * @returns {Promise<string>} a folder that is removed when the command ends
 */
export async function temporaryUserFolder() {
	const folder = await mkdtemp(join(tmpdir(), 'n8n-flux-2-flex-'));
	onShutdown(async () => await rm(folder, { recursive: true, force: true, maxRetries: 3 }));
	return folder;
}
