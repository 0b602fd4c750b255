import { randomBytes } from 'node:crypto';
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ensureN8n } from '../../../scripts/lib/n8n-installation.mjs';
import { startN8n } from '../../../scripts/lib/n8n-process.mjs';
import { logFileOf, userFolderOfThisClone } from '../../../scripts/lib/paths.mjs';
import { freePort, host } from '../../../scripts/lib/ports.mjs';
import { isShuttingDown, onShutdown, shutDown } from '../../../scripts/lib/shutdown.mjs';
import { temporaryUserFolder } from '../../../scripts/lib/user-folder.mjs';
import { TestedN8n, userFolderWithNode } from '../shared/n8n.mjs';
import { Service } from '../shared/service.mjs';
import { until } from '../shared/until.mjs';
import { databaseName, databaseUser, startPostgresql } from './servers/postgresql.mjs';
import { startRedis } from './servers/redis.mjs';

/** Executions a worker runs at a time. n8n's own default is 10, and it warns below 5. */
export const concurrency = 5;

/**
 * Milliseconds a task takes: at the quick service, at the one that leaves time for a fault, and at the
 * one whose tasks end when a test says so.
 */
export const taskMilliseconds = { quick: 4_000, slow: 15_000, late: 24 * 60 * 60 * 1000 };

/** Settings of every process that do not depend on the run. */
const settings = {
	EXECUTIONS_MODE: 'queue',
	DB_TYPE: 'postgresdb',
	DB_POSTGRESDB_HOST: host,
	DB_POSTGRESDB_USER: databaseUser,
	DB_POSTGRESDB_DATABASE: databaseName,
	QUEUE_BULL_REDIS_HOST: host,
	N8N_DEFAULT_BINARY_DATA_MODE: 'database',
	OFFLOAD_MANUAL_EXECUTIONS_TO_WORKERS: 'true',
	// Seconds a worker has to finish what it runs when it is asked to end. n8n's own default is 30.
	N8N_GRACEFUL_SHUTDOWN_TIMEOUT: '60',
	// How n8n finds out that a worker has died, in milliseconds. Its own values are 60,000, 10,000 and
	// 30,000: the tests need not wait for minutes.
	QUEUE_WORKER_LOCK_DURATION: '10000',
	QUEUE_WORKER_LOCK_RENEW_TIME: '1000',
	QUEUE_WORKER_STALLED_INTERVAL: '2000',
	// Only a worker listens to these; they tell when it is ready.
	QUEUE_HEALTH_CHECK_ACTIVE: 'true',
	N8N_WORKER_SERVER_ADDRESS: host,
};

/**
 * @typedef {import('../../../scripts/lib/n8n-process.mjs').RunningN8n} RunningN8n
 * @typedef {Awaited<ReturnType<typeof startParts>>} Parts
 */

/**
 * Redis, PostgreSQL, an n8n main process and a webhook processor, each with the packed node, and three
 * simulators. Workers are started by the tests. Nothing of it is left after `stop`.
 */
export async function startCluster() {
	// Each of some fifteen processes is ended when this one ends.
	process.setMaxListeners(30);
	const processes = new Processes(await startParts());
	const webhookPort = await freePort();
	processes.environment.N8N_WEBHOOK_URL = `http://localhost:${webhookPort}/`;
	// The database is made by the main process; the others come after it.
	const main = await processes.start('main', ['start']);
	const n8n = await TestedN8n.signedIn(main.url);
	const webhook = await processes.start('webhook', ['webhook'], webhookPort);
	return new Cluster(processes, { main, webhook, n8n });
}

/** All that is there before n8n starts. */
async function startParts() {
	const server = async (/** @type {string} */ name) => ({
		port: await freePort(),
		folder: await temporaryUserFolder(),
		logFile: logOf(name),
	});
	return {
		redis: await startRedis(await server('redis')),
		postgresql: await startPostgresql(await server('postgresql')),
		installation: await ensureN8n(() => {}),
		/** The user folder whose community packages all processes use. */
		shared: await userFolderWithNode(),
		quick: await Service.start({ processingMilliseconds: taskMilliseconds.quick }),
		slow: await Service.start({ processingMilliseconds: taskMilliseconds.slow }),
		late: await Service.start({ processingMilliseconds: taskMilliseconds.late }),
	};
}

/** The processes of n8n. */
class Processes {
	/** @type {RunningN8n[]} */
	#started = [];

	/** Takes the registration of `#endAtOnce` back. */
	#forget = () => {};

	/** @param {Parts} parts */
	constructor(parts) {
		this.parts = parts;
		/** @type {Record<string, string>} */
		this.environment = {
			...settings,
			N8N_ENCRYPTION_KEY: randomBytes(24).toString('hex'),
			DB_POSTGRESDB_PORT: String(parts.postgresql.port),
			QUEUE_BULL_REDIS_PORT: String(parts.redis.port),
		};
	}

	/**
	 * @param {string} name
	 * @param {string[]} commandLine
	 * @param {number} [port]
	 */
	async start(name, commandLine, port) {
		// After Ctrl-C the test that was running fails, and the next one would start anew.
		if (isShuttingDown()) throw new Error('This run is being ended');
		port ??= await freePort();
		const n8n = await startN8n({
			installation: this.parts.installation,
			userFolder: await this.#userFolderWithSharedPackages(),
			port,
			logFile: logOf(name),
			commandLine,
			environment: { ...this.environment, QUEUE_HEALTH_CHECK_PORT: String(port) },
		});
		this.#started.push(n8n);
		// What was registered last is ended first.
		this.#forget();
		this.#forget = onShutdown(async () => await this.#endAtOnce());
		return n8n;
	}

	/** Nothing here is worth the time n8n takes to end in good order, one process after the other. */
	async #endAtOnce() {
		const { redis, postgresql } = this.parts;
		await Promise.all(this.#started.map(async (n8n) => await n8n.kill()));
		await Promise.all([redis.end(), postgresql.end()]);
	}

	/**
	 * Every process has a folder of its own, and they share the one with the community packages: what
	 * docs/queue-mode/docker-compose.yml does with a volume.
	 */
	async #userFolderWithSharedPackages() {
		const folder = await temporaryUserFolder();
		await mkdir(join(folder, '.n8n'));
		await symlink(join(this.parts.shared, '.n8n', 'nodes'), join(folder, '.n8n', 'nodes'));
		return folder;
	}
}

/** What the tests talk to. */
export class Cluster {
	/** @type {Map<string, RunningN8n>} by name; those that run */
	workers = new Map();

	#processes;

	/**
	 * @param {Processes} processes
	 * @param {{ main: RunningN8n, webhook: RunningN8n, n8n: TestedN8n }} started
	 */
	constructor(processes, { main, webhook, n8n }) {
		this.#processes = processes;
		this.main = main;
		this.webhook = webhook;
		this.n8n = n8n;
		const { redis, postgresql, quick, slow, late } = processes.parts;
		/** Those that can be restarted. */
		this.servers = { Redis: redis, PostgreSQL: postgresql };
		this.services = { quick, slow, late };
	}

	/** @param {string} name new for each worker */
	async startWorker(name) {
		const commandLine = ['worker', `--concurrency=${concurrency}`];
		this.workers.set(name, await this.#processes.start(name, commandLine));
	}

	/**
	 * Ends a worker: asks it to, as an update of its container does, or kills it, as a crash of its
	 * machine does.
	 *
	 * @param {string} name
	 * @param {'ask' | 'kill'} how
	 */
	async endWorker(name, how) {
		const worker = this.workers.get(name);
		if (!worker) throw new Error(`There is no worker ${name}`);
		if (how === 'kill') await worker.kill();
		else worker.requestEnd();
		await worker.ended;
		this.workers.delete(name);
	}

	/**
	 * Kills the worker that an execution runs on.
	 *
	 * @param {string} executionId
	 */
	async killWorkerOf(executionId) {
		for (const name of [...this.workers.keys()]) {
			if ((await this.begunBy(name)).includes(executionId)) await this.endWorker(name, 'kill');
		}
	}

	/** Waits until main and webhook processor answer again after a restart of what they need. */
	async recovered() {
		await until(async () => {
			const answers = await Promise.all(
				[this.main, this.webhook].map(({ url }) => fetch(`${url}/healthz/readiness`)),
			);
			return answers.every(({ ok }) => ok);
		}, 'n8n is ready again');
	}

	/**
	 * @param {string} name a worker, also one that has ended
	 * @returns {Promise<string[]>} the ids of the executions it has begun, as its log says
	 */
	async begunBy(name) {
		return await executionsIn(name, /Worker started execution (\d+)/g);
	}

	/**
	 * @param {string} executionId
	 * @returns {Promise<boolean>} whether the worker that began it is through with it, well or not
	 */
	async isOverOnItsWorker(executionId) {
		const line = /Worker (?:finished|errored while running) execution (\d+)/g;
		const ids = [...this.workers.keys()].map((name) => executionsIn(name, line));
		return (await Promise.all(ids)).flat().includes(executionId);
	}

	/** Ends every process and removes their files. */
	async stop() {
		await shutDown();
	}
}

/**
 * The tests read the logs: those of another clone must not get in between.
 *
 * @param {string} name of the process
 */
function logOf(name) {
	return logFileOf(`queue-${basename(userFolderOfThisClone())}-${name}`);
}

/**
 * @param {string} name of a worker
 * @param {RegExp} line of its log; its first group is the id
 */
async function executionsIn(name, line) {
	return [...(await readFile(logOf(name), 'utf8')).matchAll(line)].map(([, id]) => id);
}
