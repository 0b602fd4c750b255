import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { startServer } from './child-process.mjs';
import { freePort, host } from './ports.mjs';
import { waitUntil } from './wait-until.mjs';
import { UserFacingError } from './user-facing-error.mjs';

/** Milliseconds n8n has to come up; the first start creates its database. */
const startTimeout = 180_000;

/**
 * @typedef {object} RunningN8n
 * @property {string} url
 * @property {string} logFile
 * @property {() => void} requestEnd lets n8n take the time it wants for what is running
 * @property {() => Promise<void>} kill ends all of it without warning, as a crash does
 * @property {Promise<void>} ended
 */

/**
 * Starts the real n8n and waits until it answers.
 *
 * @param {object} options
 * @param {import('./n8n-installation.mjs').N8nInstallation} options.installation
 * @param {string} options.userFolder n8n keeps its database, its binary data and its packages there
 * @param {number} options.port
 * @param {string} options.logFile gets what n8n prints
 * @param {Record<string, string>} [options.environment] further settings of n8n
 * @param {string[]} [options.nodeOptions] of the Node that runs n8n
 * @param {string[]} [options.commandLine] n8n's command: `start`, or `worker` or `webhook` of queue mode
 * @returns {Promise<RunningN8n>}
 * @throws {UserFacingError} when n8n ends or does not answer in time
 */
export async function startN8n({
	installation,
	userFolder,
	port,
	logFile,
	environment = {},
	nodeOptions = [],
	commandLine = ['start'],
}) {
	await mkdir(userFolder, { recursive: true });
	await mkdir(dirname(logFile), { recursive: true });
	const url = `http://localhost:${port}`;
	const line = [...nodeOptions, installation.n8n, ...commandLine];
	const { child, kill } = startServer(installation.node, line, {
		cwd: userFolder,
		env: {
			...inheritedEnvironment(),
			...quietEnvironment,
			N8N_USER_FOLDER: userFolder,
			N8N_ENCRYPTION_KEY: await encryptionKey(userFolder),
			N8N_PORT: String(port),
			N8N_LISTEN_ADDRESS: host,
			N8N_RUNNERS_BROKER_PORT: String(await freePort()),
			...environment,
		},
		extendEnv: false,
		all: true,
		buffer: false,
	});
	const log = createWriteStream(logFile);
	let lastLine = '';
	child.all?.pipe(log);
	child.all?.on('data', (chunk) => {
		lastLine = String(chunk).trim().split('\n').at(-1) || lastLine;
	});
	let hasEnded = false;
	const ended = child.then(() => void (hasEnded = true));

	await waitUntil(
		async () => {
			if (hasEnded) {
				throw new UserFacingError(`n8n ended while starting (${lastLine}). Its log: ${logFile}`);
			}
			return await answers(url, commandLine[0] === 'start');
		},
		{
			timeout: startTimeout,
			onTimeout: () =>
				new UserFacingError(
					`n8n did not answer within ${startTimeout / 1000} s. Its log: ${logFile}`,
				),
		},
	);
	return { url, logFile, kill, requestEnd: () => child.kill('SIGTERM'), ended };
}

/**
 * The settings route is among the last that n8n opens, after database and nodes. Workers and webhook
 * processors have none; they say that they are ready when they are.
 *
 * @param {string} url
 * @param {boolean} isMain
 */
async function answers(url, isMain) {
	try {
		const ready = await fetch(`${url}/healthz/readiness`);
		if (!isMain) return ready.ok;
		const settings = await fetch(`${url}/rest/settings`);
		const { data } = /** @type {{ data?: unknown }} */ (await settings.json());
		return ready.ok && settings.ok && data !== undefined;
	} catch {
		return false;
	}
}

/** n8n without anything that calls home or asks questions. */
const quietEnvironment = {
	NODE_ENV: 'production',
	N8N_HOST: 'localhost',
	N8N_SECURE_COOKIE: 'false',
	N8N_LOG_LEVEL: 'info',
	N8N_DEFAULT_BINARY_DATA_MODE: 'filesystem',
	N8N_DIAGNOSTICS_ENABLED: 'false',
	N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
	N8N_VERSION_NOTIFICATIONS_WHATS_NEW_ENABLED: 'false',
	N8N_DYNAMIC_BANNERS_ENABLED: 'false',
	N8N_HIRING_BANNER_ENABLED: 'false',
	N8N_TEMPLATES_ENABLED: 'false',
	N8N_PERSONALIZATION_ENABLED: 'false',
	N8N_LICENSE_AUTO_RENEW_ENABLED: 'false',
	N8N_AI_ENABLED: 'false',
	// Asks n8n's servers for a list as soon as it starts.
	N8N_DISABLED_MODULES: 'mcp-registry',
	// Packages that n8n has not verified, as this one before it is published.
	N8N_COMMUNITY_PACKAGES_ENABLED: 'true',
	N8N_UNVERIFIED_PACKAGES_ENABLED: 'true',
	// Seconds for running workflows to end when n8n is asked to.
	N8N_GRACEFUL_SHUTDOWN_TIMEOUT: '5',
};

/**
 * Everything but settings that were made for another n8n, for this Node or for npm, and the API keys,
 * which n8n gets in its credentials.
 */
function inheritedEnvironment() {
	const foreign =
		/^(N8N_|DB_|QUEUE_|EXECUTIONS_|CREDENTIALS_|WEBHOOK_URL$|NODE_|npm_|BFL_|NOVITA_|JIEKOU_)/;
	const kept = Object.entries(process.env).filter(([name]) => !foreign.test(name));
	const local = ['localhost', host];
	return {
		...Object.fromEntries(kept),
		// A proxy knows nothing of a simulator on this machine.
		NO_PROXY: [process.env.NO_PROXY ?? process.env.no_proxy, ...local].filter(Boolean).join(','),
	};
}

/**
 * The stored credentials can only be read with the key they were written with, so each user folder
 * keeps its own.
 *
 * @param {string} userFolder
 */
async function encryptionKey(userFolder) {
	const path = join(userFolder, 'encryption-key');
	try {
		return await readFile(path, 'utf8');
	} catch {
		const key = randomBytes(24).toString('hex');
		await writeFile(path, key, { mode: 0o600 });
		return key;
	}
}
