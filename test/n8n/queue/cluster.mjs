import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { credentialType } from '../../../scripts/lib/examples.mjs';
import { Execution, N8nClient } from '../../../scripts/lib/n8n-client.mjs';
import { ensureN8n } from '../../../scripts/lib/n8n-installation.mjs';
import { startN8n } from '../../../scripts/lib/n8n-process.mjs';
import { installAsCommunityPackage, pack } from '../../../scripts/lib/package-tarball.mjs';
import { logFileOf, userFolderOfThisClone } from '../../../scripts/lib/paths.mjs';
import { freePort, host } from '../../../scripts/lib/ports.mjs';
import { isShuttingDown, onShutdown, shutDown } from '../../../scripts/lib/shutdown.mjs';
import { temporaryUserFolder } from '../../../scripts/lib/user-folder.mjs';
import { waitUntil } from '../../../scripts/lib/wait-until.mjs';
import { databaseName, databaseUser, startPostgresql } from './servers/postgresql.mjs';
import { startRedis } from './servers/redis.mjs';
import { Service } from './service.mjs';

/**
 * How n8n finds out that a worker has died, in milliseconds, and n8n's own values. The tests use
 * shorter ones, so that they need not wait for minutes.
 */
export const lockSettings = {
	QUEUE_WORKER_LOCK_DURATION: { tests: 10_000, default: 60_000 },
	QUEUE_WORKER_LOCK_RENEW_TIME: { tests: 1_000, default: 10_000 },
	QUEUE_WORKER_STALLED_INTERVAL: { tests: 2_000, default: 30_000 },
};

/** Executions a worker runs at a time. n8n's own default is 10, and it warns below 5. */
export const concurrency = 5;

/**
 * Milliseconds a task takes: at the quick service, at the one that leaves time for a fault, and at the
 * one whose tasks end when a test says so.
 */
export const taskMilliseconds = { quick: 4_000, slow: 15_000, late: 24 * 60 * 60 * 1000 };

/** The states of an execution that n8n itself will not change any more. */
const finalStates = ['success', 'error', 'crashed', 'canceled'];

/**
 * Redis, PostgreSQL, an n8n main process and a webhook processor, each with the packed node, and three
 * simulators. Workers are started by the tests. Nothing of it is left after `stop`.
 *
 * @returns {Promise<Cluster>}
 */
export async function startCluster() {
	// Each of some fifteen processes is ended when this one ends.
	process.setMaxListeners(30);
	const [shared, redisFolder, postgresqlFolder] = [
		await temporaryUserFolder(),
		await temporaryUserFolder(),
		await temporaryUserFolder(),
	];
	const redis = await startRedis({
		port: await freePort(),
		folder: redisFolder,
		logFile: logOf('redis'),
	});
	const postgresql = await startPostgresql({
		port: await freePort(),
		folder: postgresqlFolder,
		logFile: logOf('postgresql'),
	});
	const tarball = await pack(shared);
	await installAsCommunityPackage(tarball.path, shared);

	const webhookPort = await freePort();
	const cluster = new Cluster({
		installation: await ensureN8n(() => {}),
		shared,
		redis,
		postgresql,
		webhookPort,
		quick: await Service.start({ processingMilliseconds: taskMilliseconds.quick }),
		slow: await Service.start({ processingMilliseconds: taskMilliseconds.slow }),
		late: await Service.start({ processingMilliseconds: taskMilliseconds.late }),
	});
	await cluster.startMainAndWebhook();
	return cluster;
}

/** What the tests talk to. */
export class Cluster {
	/** @type {Map<string, import('../../../scripts/lib/n8n-process.mjs').RunningN8n>} */
	workers = new Map();

	/** @type {Array<import('../../../scripts/lib/n8n-process.mjs').RunningN8n>} of whatever command */
	#started = [];

	/** Takes the registration of `#endAtOnce` back. */
	#forget = () => {};

	/**
	 * @param {object} parts
	 * @param {import('../../../scripts/lib/n8n-installation.mjs').N8nInstallation} parts.installation
	 * @param {string} parts.shared the user folder whose community packages all processes use
	 * @param {import('./servers/restartable.mjs').RestartableServer} parts.redis
	 * @param {import('./servers/restartable.mjs').RestartableServer} parts.postgresql
	 * @param {number} parts.webhookPort
	 * @param {Service} parts.quick
	 * @param {Service} parts.slow
	 * @param {Service} parts.late
	 */
	constructor({ installation, shared, redis, postgresql, webhookPort, quick, slow, late }) {
		this.installation = installation;
		this.shared = shared;
		this.redis = redis;
		this.postgresql = postgresql;
		this.webhookPort = webhookPort;
		this.quick = quick;
		this.slow = slow;
		this.late = late;
		this.environment = {
			EXECUTIONS_MODE: 'queue',
			N8N_ENCRYPTION_KEY: randomBytes(24).toString('hex'),
			DB_TYPE: 'postgresdb',
			DB_POSTGRESDB_HOST: host,
			DB_POSTGRESDB_PORT: String(postgresql.port),
			DB_POSTGRESDB_USER: databaseUser,
			DB_POSTGRESDB_DATABASE: databaseName,
			QUEUE_BULL_REDIS_HOST: host,
			QUEUE_BULL_REDIS_PORT: String(redis.port),
			N8N_DEFAULT_BINARY_DATA_MODE: 'database',
			// Seconds a worker has to finish what it runs when it is asked to end. n8n's own default is 30.
			N8N_GRACEFUL_SHUTDOWN_TIMEOUT: '60',
			OFFLOAD_MANUAL_EXECUTIONS_TO_WORKERS: 'true',
			N8N_WEBHOOK_URL: `http://localhost:${webhookPort}/`,
			...Object.fromEntries(
				Object.entries(lockSettings).map(([name, { tests }]) => [name, String(tests)]),
			),
		};
	}

	/** The database is made by the main process; the others come after it. */
	async startMainAndWebhook() {
		this.main = await this.#start('main', ['start'], await freePort());
		this.n8n = new N8nClient(this.main.url);
		await this.n8n.signIn();
		this.webhook = await this.#start('webhook', ['webhook'], this.webhookPort);
	}

	/** @param {string} name new for each worker */
	async startWorker(name) {
		const worker = await this.#start(
			name,
			['worker', `--concurrency=${concurrency}`],
			await freePort(),
		);
		this.workers.set(name, worker);
	}

	/**
	 * Ends a worker as a crash of its machine does: no warning, no tidying up.
	 *
	 * @param {string} name
	 */
	async killWorker(name) {
		await this.workers.get(name).kill();
		this.workers.delete(name);
	}

	/**
	 * Kills the worker that an execution runs on.
	 *
	 * @param {string} executionId
	 */
	async killWorkerOf(executionId) {
		for (const name of [...this.workers.keys()]) {
			if ((await this.begunBy(name)).includes(executionId)) await this.killWorker(name);
		}
	}

	/** Waits until main and webhook processor answer again after a restart of what they need. */
	async recovered() {
		await this.until(async () => {
			const answers = await Promise.all(
				[this.main, this.webhook].map(({ url }) => fetch(`${url}/healthz/readiness`)),
			);
			return answers.every(({ ok }) => ok);
		}, 'n8n is ready again');
	}

	/**
	 * Asks a worker to end, as an update of its container does, and waits until it has ended.
	 *
	 * @param {string} name
	 */
	async endWorker(name) {
		const worker = this.workers.get(name);
		worker.requestEnd();
		await worker.ended;
		this.workers.delete(name);
	}

	/**
	 * @param {Service} service
	 * @returns {Promise<{ id: string, name: string }>} a stored credential for it
	 */
	async credential({ url, apiKey }) {
		return await this.n8n.putCredential({
			name: `queue ${url}`,
			type: credentialType,
			data: { service: 'novita', apiKey, baseUrl: url },
		});
	}

	/**
	 * Stores a workflow and switches its production webhook on; n8n does that a moment later.
	 *
	 * @param {{ name: string, nodes: any[] }} workflow
	 * @returns {Promise<{ id: string, nodes: any[] }>}
	 */
	async publish(workflow) {
		const stored = await this.n8n.ensureWorkflow(workflow);
		await this.n8n.rest(`/workflows/${stored.id}/activate`, {
			method: 'POST',
			body: { versionId: stored.versionId },
		});
		const [{ parameters }] = stored.nodes;
		await this.until(async () => {
			// n8n refuses GET, and names the method that a webhook it knows takes.
			const refusal = await fetch(`${this.webhook.url}/webhook/${parameters.path}`);
			return (await refusal.text()).includes('POST request');
		}, `the webhook ${parameters.path} is there`);
		return stored;
	}

	/**
	 * Starts an execution through the production webhook.
	 *
	 * @param {string} path
	 * @param {string[]} prompts
	 * @param {string} [url] of the process that takes the call; default the webhook processor
	 */
	async call(path, prompts, url = this.webhook.url) {
		const response = await fetch(`${url}/webhook/${path}`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({ prompts }),
		});
		if (!response.ok) throw new Error(`The webhook answered ${response.status}`);
	}

	/**
	 * @param {string} workflowId
	 * @returns {Promise<Array<{ id: string, status: string, startedAt: string, stoppedAt: string }>>}
	 *   without their data; n8n lists 100 at most
	 */
	async executions(workflowId) {
		const filter = encodeURIComponent(JSON.stringify({ workflowId }));
		const { results } = await this.n8n.rest(`/executions?filter=${filter}&limit=100`);
		return results;
	}

	/**
	 * @param {string} id
	 * @returns {Promise<Execution>} with its data
	 */
	async execution(id) {
		return new Execution(await this.n8n.rest(`/executions/${id}`));
	}

	/**
	 * What "Retry execution" of the list of executions does, with the workflow as it was.
	 *
	 * @param {string} id
	 * @returns {Promise<Execution>} the new one, ended
	 */
	async retry(id) {
		const { id: newId } = await this.n8n.rest(`/executions/${id}/retry`, {
			method: 'POST',
			body: { loadWorkflow: false },
		});
		return await this.until(async () => {
			const { status } = await this.n8n.rest(`/executions/${newId}`);
			return finalStates.includes(status) && (await this.execution(newId));
		}, `the retry of execution ${id} ended`);
	}

	/**
	 * Waits until a workflow has so many executions and none of them will change any more.
	 *
	 * @param {string} workflowId
	 * @param {number} count
	 * @param {number} [timeout] milliseconds
	 */
	async ended(workflowId, count, timeout = 180_000) {
		return await this.until(
			async () => {
				const all = await this.executions(workflowId);
				const over = all.filter(({ status }) => finalStates.includes(status));
				return over.length >= count && over.length === all.length && all;
			},
			`${count} executions ended`,
			timeout,
		);
	}

	/**
	 * @template T
	 * @param {() => Promise<T>} ask
	 * @param {string} what was waited for
	 * @param {number} [timeout] milliseconds
	 * @returns {Promise<T>} the first truthy answer
	 */
	async until(ask, what, timeout = 90_000) {
		return await waitUntil(ask, {
			timeout,
			onTimeout: () => new Error(`Not within ${timeout / 1000} s: ${what}`),
		});
	}

	/**
	 * Compares what n8n has stored with what the service serves.
	 *
	 * @param {Execution} execution
	 * @param {string} [node] default the last one
	 * @returns {Promise<string[]>} the task ids of the images that arrived whole
	 * @throws when an image is missing or differs
	 */
	async deliveredTasks(execution, node) {
		return await Promise.all(
			execution.items(node).map(async ({ json, binary }) => {
				const id = binary?.data?.id;
				if (!id?.startsWith('database:')) throw new Error(`Not in the database: ${id}`);
				const [stored, served] = await Promise.all([
					this.n8n.downloadBinary(binary.data),
					fetch(json.image_url).then(async (response) => Buffer.from(await response.arrayBuffer())),
				]);
				if (served.length < 1000 || sha256(stored) !== sha256(served)) {
					throw new Error(`${stored.length} bytes stored, ${served.length} served`);
				}
				return json.task_id;
			}),
		);
	}

	/**
	 * @param {string} name a worker, also one that has ended
	 * @returns {Promise<string[]>} the ids of the executions it has begun, as its log says
	 */
	async begunBy(name) {
		return await this.#executionsInLog(name, /Worker started execution (\d+)/g);
	}

	/**
	 * @param {string} name a worker
	 * @returns {Promise<string[]>} the ids of the executions it is through with, well or not
	 */
	async endedBy(name) {
		return await this.#executionsInLog(
			name,
			/Worker (?:finished|errored while running) execution (\d+)/g,
		);
	}

	/** Ends every process and removes their files. */
	async stop() {
		await shutDown();
	}

	/**
	 * @param {string} name
	 * @param {string[]} commandLine
	 * @param {number} port
	 */
	async #start(name, commandLine, port) {
		// After Ctrl-C the test that was running fails, and the next one would start anew.
		if (isShuttingDown()) throw new Error('This run is being ended');
		const n8n = await startN8n({
			installation: this.installation,
			userFolder: await this.#userFolderWithSharedPackages(),
			port,
			logFile: logOf(name),
			commandLine,
			environment: {
				...this.environment,
				// Only a worker listens to these; they tell when it is ready.
				QUEUE_HEALTH_CHECK_ACTIVE: 'true',
				QUEUE_HEALTH_CHECK_PORT: String(port),
				N8N_WORKER_SERVER_ADDRESS: host,
			},
		});
		this.#started.push(n8n);
		// What was registered last is ended first.
		this.#forget();
		this.#forget = onShutdown(async () => await this.#endAtOnce());
		return n8n;
	}

	/** Nothing here is worth the time n8n takes to end in good order, one process after the other. */
	async #endAtOnce() {
		await Promise.all(this.#started.map(async (n8n) => await n8n.kill()));
		await Promise.all([this.redis.end(), this.postgresql.end()]);
	}

	/**
	 * @param {string} name a worker, also one that has ended
	 * @param {RegExp} line its first group is the id
	 * @returns {Promise<string[]>}
	 */
	async #executionsInLog(name, line) {
		const log = await readFile(logOf(name), 'utf8');
		return [...log.matchAll(line)].map(([, id]) => id);
	}

	/**
	 * Every process has a folder of its own, and they share the one with the community packages: what
	 * docs/queue-mode/docker-compose.yml does with a volume.
	 */
	async #userFolderWithSharedPackages() {
		const folder = await temporaryUserFolder();
		await mkdir(join(folder, '.n8n'));
		await symlink(join(this.shared, '.n8n', 'nodes'), join(folder, '.n8n', 'nodes'));
		return folder;
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

/** @param {Buffer} bytes */
function sha256(bytes) {
	return createHash('sha256').update(bytes).digest('hex');
}
