/** @typedef {() => void | Promise<void>} Stop */

/** @type {Set<Stop>} */
const stops = new Set();
let shuttingDown = /** @type {Promise<void> | undefined} */ (undefined);

/**
 * Registers what has to be ended when the command ends, however it ends.
 *
 * @param {Stop} stop may be called more than once
 * @returns {() => void} takes the registration back
 */
export function onShutdown(stop) {
	stops.add(stop);
	return () => stops.delete(stop);
}

/** Ends everything that was registered, the latest first. */
export function shutDown() {
	shuttingDown ??= (async () => {
		for (const stop of [...stops].reverse()) {
			try {
				await stop();
			} catch (error) {
				console.error(error instanceof Error ? error.message : error);
			}
		}
		stops.clear();
	})();
	return shuttingDown;
}

/** @returns {boolean} whether the command is on its way out, so that failures need no message */
export function isShuttingDown() {
	return shuttingDown !== undefined;
}

/**
 * Ends everything on Ctrl-C, on a request to terminate, and when the terminal or the parent process
 * has gone.
 *
 * @param {() => number} exitCode asked when the signal comes
 */
export function shutDownOnSignals(exitCode) {
	/** @param {string} reason */
	const leave = (reason) => {
		if (isShuttingDown()) return;
		// Whoever read what we print may have gone; that must not keep the rest from being ended.
		for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
		// Who pressed Ctrl-C knows why; in a log of CI the others would leave a riddle.
		if (reason !== 'SIGINT') console.error(`\nEnding: ${reason}.`);
		void shutDown().then(() => process.exit(exitCode()));
	};
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, leave);

	// A shell between npm and us may die of a signal without passing it on.
	const parent = process.ppid;
	setInterval(() => process.ppid !== parent && leave('the parent process has gone'), 1000).unref();
}
