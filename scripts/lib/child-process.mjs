import { execa } from 'execa';
import { onShutdown } from './shutdown.mjs';

/** Milliseconds a process has to end by itself before it is killed. */
const patience = 8000;

/**
 * Starts a server process that ends with this one, and with it everything it starts itself.
 *
 * @param {string} file
 * @param {string[]} commandLine
 * @param {import('execa').Options} options
 * @returns {{ child: import('execa').ResultPromise, kill: () => Promise<void> }}
 *   `child` settles and never rejects when the process has ended; `kill` gives it no time to clean up
 */
export function startServer(file, commandLine, options) {
	const ownGroup = process.platform !== 'win32';
	const child = execa(file, commandLine, {
		stdin: 'ignore',
		...options,
		reject: false,
		// In a group of its own a Ctrl-C in the terminal reaches it through us only, in our order,
		// and the whole group can be ended at once.
		detached: ownGroup,
		cleanup: false,
		// Whoever asks the process to end gives it the time it needs; `stop` has a limit of its own.
		forceKillAfterDelay: false,
	});
	let hasEnded = false;
	const signal = (/** @type {NodeJS.Signals} */ name) => {
		try {
			if (ownGroup && child.pid) process.kill(-child.pid, name);
			else child.kill(name);
		} catch {
			// The group has already gone.
		}
	};
	const killAtExit = () => signal('SIGKILL');
	process.on('exit', killAtExit);

	const stop = async () => {
		if (!hasEnded) {
			signal('SIGTERM');
			const force = setTimeout(() => signal('SIGKILL'), patience);
			await child;
			clearTimeout(force);
		}
		// What it started may outlive it.
		signal('SIGKILL');
		process.off('exit', killAtExit);
	};
	const kill = async () => {
		if (!hasEnded) signal('SIGKILL');
		process.off('exit', killAtExit);
		await child;
	};
	const forget = onShutdown(stop);
	void child.then(() => {
		hasEnded = true;
		forget();
	});
	return { child, kill };
}
