import { parseArgs } from 'node:util';
import { accountsFrom, credentialsFor, simulatorKey } from '../lib/accounts.mjs';
import { readExamples } from '../lib/examples.mjs';
import { N8nClient, owner } from '../lib/n8n-client.mjs';
import { ensureN8n, n8nIsInstalled, n8nVersion } from '../lib/n8n-installation.mjs';
import { startN8n } from '../lib/n8n-process.mjs';
import { buildWhenStale, installAsCommunityPackage, pack } from '../lib/package-tarball.mjs';
import { logFileOf, userFolderOfThisClone } from '../lib/paths.mjs';
import { saveImages } from '../lib/images.mjs';
import { freePort, requireFreePort } from '../lib/ports.mjs';
import { developed, rebuildOnSave } from '../lib/reload.mjs';
import { runSteps } from '../lib/progress.mjs';
import { claim, temporaryUserFolder } from '../lib/user-folder.mjs';
import { startSimulator } from '../lib/simulator-process.mjs';
import { firstLine, UserFacingError } from '../lib/user-facing-error.mjs';

const usage = `npm start -- [--once] [--watch] [--port N]

  --once     run the example workflow, write its image to output/ and end
  --watch    build and load the node again whenever its code is saved; npm run dev
  --port N   where n8n listens; default 5678 (or N8N_PORT), with --once a free one

BFL_API_KEY, NOVITA_API_KEY, JIEKOU_API_KEY: use the real services (this costs money) instead of the simulator.`;

/**
 * `npm start`: the node in a real n8n, with an account, a credential and the examples.
 *
 * @param {string[]} commandLine
 * @param {import('../lib/run-command.mjs').Control} control
 * @returns {Promise<number>} exit code
 */
export async function run(commandLine, control) {
	const options = parseCommandLine(commandLine);
	if (options.help) {
		console.log(usage);
		return 0;
	}
	// Before the long steps, not after them.
	if (options.port !== undefined) await requireFreePort(options.port);

	const session = await prepare(options);
	if (options.once) {
		for (const path of session.images) console.log(`Image: ${path}`);
		return 0;
	}
	control.exitOnInterruptWith(0);
	if (options.watch) rebuildOnSave(session.installed);
	console.log(summary(session));
	await session.n8n.ended;
	throw new UserFacingError(`n8n has ended by itself. Its log: ${session.n8n.logFile}`);
}

/** @param {string[]} commandLine */
function parseCommandLine(commandLine) {
	let values;
	try {
		({ values } = parseArgs({
			args: commandLine,
			options: {
				once: { type: 'boolean', default: false },
				watch: { type: 'boolean', default: false },
				port: { type: 'string' },
				help: { type: 'boolean', default: false },
			},
		}));
	} catch (error) {
		throw new UserFacingError(`${firstLine(error)} See npm start -- --help`);
	}
	const wanted = values.port ?? process.env.N8N_PORT ?? (values.once ? undefined : '5678');
	const port = wanted === undefined ? undefined : Number(wanted);
	if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65536)) {
		throw new UserFacingError(`"${wanted}" is no port. Give a number from 1 to 65535.`);
	}
	return { once: values.once, watch: values.watch, help: values.help, port };
}

/**
 * @param {{ once: boolean, watch: boolean, port?: number }} options
 * @returns {Promise<Session>}
 *
 * @typedef {object} Session
 * @property {import('../lib/n8n-process.mjs').RunningN8n} n8n
 * @property {string} installed the folder of the package in n8n
 * @property {string[]} images paths
 * @property {boolean} simulated
 */
async function prepare({ once, watch, port }) {
	const userFolder = once ? await temporaryUserFolder() : userFolderOfThisClone();
	await claim(userFolder);
	const accounts = accountsFrom(process.env);
	const session = /** @type {Session} */ ({ simulated: accounts.length === 0 });
	/** @type {import('../lib/n8n-installation.mjs').N8nInstallation} */
	let installation;
	/** @type {N8nClient} */
	let client;
	/** @type {import('../lib/n8n-client.mjs').Workflow} */
	let first;

	await runSteps([
		{
			title: 'Build the node',
			run: async ({ title }) => {
				if (!(await buildWhenStale())) title('Build the node: nothing has changed');
			},
		},
		{
			title: n8nIsInstalled()
				? `Find n8n ${n8nVersion} in the cache`
				: `Install n8n ${n8nVersion} into the cache (only this time)`,
			run: async ({ line }) => {
				installation = await ensureN8n(line);
			},
		},
		{
			title: 'Pack the node and install it in n8n',
			run: async () => {
				const tarball = await pack(userFolder);
				session.installed = await installAsCommunityPackage(tarball.path, userFolder);
			},
		},
		{
			title: 'Start the simulator of the service',
			skip: () =>
				!session.simulated && `Simulator: not needed, there is a key for ${accounts[0]?.title}`,
			run: async () => {
				const apiKey = simulatorKey();
				const { url } = await startSimulator({
					port: await freePort(),
					apiKey,
					// Long enough to watch the node wait, short enough not to be waited for.
					queueMilliseconds: 500,
					processingMilliseconds: 1500,
				});
				accounts.push({ service: 'novita', title: 'Simulator', apiKey, baseUrl: url });
			},
		},
		{
			title: 'Start n8n',
			run: async () => {
				session.n8n = await startN8n({
					installation,
					userFolder,
					port: port ?? (await freePort()),
					logFile: logFileOf(once ? 'n8n-once' : 'n8n-start'),
					...(watch && developed),
				});
			},
		},
		{
			title: 'Set up the account, the credential and the example workflows',
			run: async () => {
				client = new N8nClient(session.n8n.url);
				await client.signIn();
				const credential = await storeInOrder(credentialsFor(accounts), (each) =>
					client.putCredential(each),
				);
				first = await storeInOrder(await readExamples(credential), (workflow) =>
					client.ensureWorkflow(workflow),
				);
			},
		},
		{
			title: 'Run the first example',
			run: async ({ title }) => {
				// A real service asks money for each image: one is enough.
				const earlier = once ? undefined : await client.latestSuccess(first.id);
				if (earlier) title('Run the first example: has been done before');
				session.images = await saveImages(client, earlier ?? (await client.run(first)));
			},
		},
	]);
	return session;
}

/**
 * @template T, R
 * @param {T[]} values stored one after the other, so that n8n lists them in this order
 * @param {(value: T) => Promise<R>} store
 * @returns {Promise<R>} the first of what was stored
 */
async function storeInOrder(values, store) {
	const stored = [];
	for (const value of values) stored.push(await store(value));
	const [first] = stored;
	if (first === undefined) throw new Error('There is nothing to store');
	return first;
}

/** @param {Session} session */
function summary({ n8n, images, simulated }) {
	return `
  n8n        ${n8n.url}
  E-mail     ${owner.email}
  Password   ${owner.password}
  Service    ${simulated ? 'simulator (images are drawn here, nothing is paid)' : 'the real one: every image is paid for'}
  Image    ${images.join(', ')}

  Open the workflow "Flux 2 Flex: text to image" and its executions. Ctrl-C ends n8n${simulated ? ' and the simulator' : ''}.
`;
}
