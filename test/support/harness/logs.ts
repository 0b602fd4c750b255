import { AsyncLocalStorage } from 'node:async_hooks';

import type { Logger } from './coreDependencies';

/** One line written to n8n's log. */
export interface LogEntry {
	level: 'debug' | 'info' | 'warn' | 'error';
	message: string;
	metadata: object;
}

/** What a run wrote, by writer. */
export interface Logs {
	/** Through `this.logger`: the node under test. */
	node: LogEntry[];
	/** Through `LoggerProxy` and the error reporter: the engine. */
	engine: LogEntry[];
}

const currentLogs = new AsyncLocalStorage<Logs>();

function loggerOf(writer: keyof Logs): Logger {
	const write =
		(level: LogEntry['level']) =>
		(message: string, metadata: object = {}) => {
			currentLogs.getStore()?.[writer].push({ level, message, metadata });
		};
	const logger = {
		debug: write('debug'),
		info: write('info'),
		warn: write('warn'),
		error: write('error'),
		scoped: () => logger,
	} as unknown as Logger;
	return logger;
}

/** Stands in for the logger nodes see as `this.logger`. */
export const nodeLogger = loggerOf('node');

/** Stands in for the logger the engine writes to. */
export const engineLogger = loggerOf('engine');

/** Runs `work` and hands it the logs that fill up while it runs; runs side by side keep apart. */
export async function withLogs<T>(work: (logs: Logs) => Promise<T>): Promise<T> {
	const logs: Logs = { node: [], engine: [] };
	return await currentLogs.run(logs, async () => await work(logs));
}
