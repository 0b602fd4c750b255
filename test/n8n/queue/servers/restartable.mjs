import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { startServer } from '../../../../scripts/lib/child-process.mjs';
import { UserFacingError } from '../../../../scripts/lib/user-facing-error.mjs';
import { waitUntil } from '../../../../scripts/lib/wait-until.mjs';

/** Milliseconds a database has to come up. */
const startTimeout = 60_000;

/** A server that can be ended and started again on the same port and data. */
export class RestartableServer {
	/** @type {ReturnType<typeof startServer> | undefined} */
	#running;

	/**
	 * @param {object} options
	 * @param {string} options.name for messages
	 * @param {number} options.port
	 * @param {string[]} options.commandLine program first
	 * @param {string} options.folder the one it works in
	 * @param {string} options.logFile
	 * @param {NodeJS.Signals} options.endSignal makes it end in good order, without waiting for clients
	 * @param {() => Promise<boolean>} options.isReady
	 */
	constructor(options) {
		this.options = options;
		this.port = options.port;
	}

	/** @throws {UserFacingError} when the server ends or does not answer in time */
	async start() {
		const { name, commandLine, folder, logFile, isReady } = this.options;
		await mkdir(dirname(logFile), { recursive: true });
		const [program = '', ...rest] = commandLine;
		const running = startServer(program, rest, { cwd: folder, all: true, buffer: false });
		this.#running = running;
		running.child.all?.pipe(createWriteStream(logFile, { flags: 'a' }));
		let hasEnded = false;
		void running.child.then(() => (hasEnded = true));
		await waitUntil(
			async () => {
				if (hasEnded) throw new UserFacingError(`${name} ended. Its log: ${logFile}`);
				return await isReady();
			},
			{
				timeout: startTimeout,
				interval: 100,
				onTimeout: () => new UserFacingError(`${name} did not answer. Its log: ${logFile}`),
			},
		);
	}

	/** Ends the server in good order. */
	async end() {
		this.#running?.child.kill(this.options.endSignal);
		await this.#running?.child;
	}

	/** @returns {Promise<number>} milliseconds for which it was away */
	async restart() {
		const started = Date.now();
		await this.end();
		await this.start();
		return Date.now() - started;
	}
}
