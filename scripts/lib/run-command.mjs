// Node builtins only: this runs on a fresh clone, before anything is installed.
import { ensureDependencies } from './dependencies.mjs';
import { isShuttingDown, shutDown, shutDownOnSignals } from './shutdown.mjs';
import { UserFacingError } from './user-facing-error.mjs';

/** 128 + SIGINT, what shells give for an interrupted command. */
const interrupted = 130;

/**
 * Installs what is missing, then runs a command and ends the process with its exit code. Failures
 * become one line on standard error.
 *
 * @param {() => Promise<{ run: (commandLine: string[], control: Control) => Promise<number> }>} load
 *   imports the command; called when the dependencies are there
 * @param {string[]} commandLine what follows the command's name
 *
 * @typedef {object} Control
 * @property {(exitCode: number) => void} exitOnInterruptWith from now on Ctrl-C gives this exit code
 */
export async function runCommand(load, commandLine) {
	let exitCodeOfInterruption = interrupted;
	shutDownOnSignals(() => exitCodeOfInterruption);
	try {
		await ensureDependencies();
		const { run } = await load();
		const exitCode = await run(commandLine, {
			exitOnInterruptWith: (code) => (exitCodeOfInterruption = code),
		});
		if (isShuttingDown()) return;
		await shutDown();
		process.exit(exitCode);
	} catch (error) {
		// What we end ourselves may fail on its way out; that is no news.
		if (isShuttingDown()) return;
		report(error);
		await shutDown();
		process.exit(1);
	}
}

/** @param {unknown} error */
function report(error) {
	if (error instanceof UserFacingError) {
		console.error(`\nError: ${error.message}`);
	} else {
		const message = error instanceof Error ? error.message : String(error);
		console.error(`\nUnexpected error: ${message.split('\n')[0]}`);
	}
	if (process.env.DEBUG) console.error(error);
}
