import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startServer } from './child-process.mjs';
import { repository } from './paths.mjs';
import { host } from './ports.mjs';
import { UserFacingError } from './user-facing-error.mjs';

/** Milliseconds the simulator has to come up. */
const startTimeout = 30_000;

/**
 * Starts the stand-in for the services (see test/support/simulator).
 *
 * @param {object} options
 * @param {number} options.port
 * @param {string} options.apiKey the only key it lets in
 * @param {number} [options.queueMilliseconds] how long each task is queued
 * @param {number} [options.processingMilliseconds] how long each task is worked on
 * @param {number} [options.webhookRetryMilliseconds] pause between two tries of a webhook
 * @returns {Promise<{ url: string }>}
 * @throws {UserFacingError} when it does not come up
 */
export async function startSimulator({
	port,
	apiKey,
	queueMilliseconds = 0,
	processingMilliseconds = 0,
	webhookRetryMilliseconds = 1000,
}) {
	const { child } = startServer(
		process.execPath,
		[
			...['--import', 'tsx', join('test', 'support', 'simulator', 'cli.ts')],
			...['--host', host, '--port', String(port), '--api-key', apiKey],
			...['--queue-milliseconds', String(queueMilliseconds)],
			...['--processing-milliseconds', String(processingMilliseconds)],
			...['--webhook-retry-milliseconds', String(webhookRetryMilliseconds)],
		],
		{ cwd: repository, all: true, buffer: false },
	);
	let lastLine = '';
	const url = await new Promise((resolve, reject) => {
		const fail = (/** @type {string} */ reason) =>
			reject(new UserFacingError(`The simulator did not start: ${reason} ${lastLine}`.trim()));
		const timer = setTimeout(() => fail('no answer in time.'), startTimeout);
		const output = /** @type {import('node:stream').Readable} */ (child.all);
		createInterface({ input: output }).on('line', (line) => {
			lastLine = line || lastLine;
			const address = parseAddress(line);
			if (address) {
				clearTimeout(timer);
				resolve(address);
			}
		});
		void child.then((result) => {
			clearTimeout(timer);
			fail(result.shortMessage ?? '');
		});
	});
	return { url };
}

/** @param {string} line */
function parseAddress(line) {
	try {
		return JSON.parse(line).url;
	} catch {
		return undefined;
	}
}
