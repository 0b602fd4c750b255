import { execa } from 'execa';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parseEnv } from 'node:util';
import { parseDocument } from 'yaml';
import { ensureN8n, n8nVersion } from '../../../scripts/lib/n8n-installation.mjs';
import { repository } from '../../../scripts/lib/paths.mjs';
import { shutDown } from '../../../scripts/lib/shutdown.mjs';
import { temporaryUserFolder } from '../../../scripts/lib/user-folder.mjs';

const folder = join(repository, 'docs', 'queue-mode');
const text = readFileSync(join(folder, 'docker-compose.yml'), 'utf8');
const example = parseEnv(readFileSync(join(folder, '.env.example'), 'utf8'));

/** `${NAME}`, `${NAME:-default}`, `${NAME:?message}`; `$$` is a dollar sign. */
const variable = /(?<!\$)\$\{([A-Z0-9_]+)(?::([-?])([^}]*))?\}/g;

/** @param {string} value */
const interpolate = (value) =>
	String(value).replace(
		variable,
		(_, name, kind, fallback) => example[name] || (kind === '-' ? fallback : `some ${name}`),
	);

const document = parseDocument(text, { merge: true, strict: true });
const { services, volumes } = document.toJS();
const n8nServices = ['main', 'worker', 'webhook'];
const environmentOf = (/** @type {string} */ name) =>
	Object.fromEntries(
		Object.entries(services[name].environment).map(([key, value]) => [key, interpolate(value)]),
	);

/**
 * @param {Record<string, string>} environment
 * @returns {Promise<{ known: string[], complaints: string[] }>} what n8n itself makes of it
 */
async function readByN8n(environment) {
	const { node, folder: installation } = await ensureN8n(() => {});
	const { stdout } = await execa(
		node,
		[join(repository, 'test', 'n8n', 'queue', 'n8n-settings.cjs'), installation],
		{
			extendEnv: false,
			env: { PATH: process.env.PATH, ...environment, N8N_USER_FOLDER: await temporaryUserFolder() },
		},
	);
	return JSON.parse(stdout.slice(stdout.lastIndexOf('{"known"')));
}

describe('docs/queue-mode/docker-compose.yml', () => {
	after(async () => await shutDown());

	it('is YAML without errors and warnings', () => {
		assert.deepEqual([...document.errors, ...document.warnings], []);
	});

	it('uses the n8n that the tests run on', () => {
		for (const name of [...n8nServices, 'install-node']) {
			assert.equal(services[name].image, `docker.n8n.io/n8nio/n8n:${n8nVersion}`, name);
		}
	});

	it('names every variable in .env.example, and no other', () => {
		const used = new Set([...text.matchAll(variable)].map(([, name]) => name));
		assert.deepEqual([...used].sort(), Object.keys(example).sort());
	});

	it('installs the version of this package', () => {
		const { version } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'));
		assert.equal(example.FLUX_2_FLEX_VERSION, version);
	});

	it('refers to services and volumes that are there', () => {
		for (const [name, { depends_on: needs = {}, volumes: mounts = [] }] of Object.entries(
			services,
		)) {
			for (const needed of Object.keys(needs)) assert.ok(services[needed], `${name}: ${needed}`);
			for (const mount of mounts) assert.ok(mount.split(':')[0] in volumes, `${name}: ${mount}`);
		}
	});

	it('gives every n8n process the same packages and the same settings', () => {
		for (const name of n8nServices) {
			assert.deepEqual(services[name].volumes, ['nodes:/home/node/.n8n/nodes:ro'], name);
			assert.deepEqual(environmentOf(name), environmentOf('main'), name);
		}
	});

	it('lets workers finish: the container waits longer than n8n, and n8n longer than the node', () => {
		const grace = Number.parseInt(services.worker.stop_grace_period, 10);
		const n8n = Number(environmentOf('worker').N8N_GRACEFUL_SHUTDOWN_TIMEOUT);
		const node = 600;
		assert.ok(grace > n8n && n8n > node, `${grace} s, ${n8n} s, ${node} s`);
	});

	describe(`its settings, as n8n ${n8nVersion} reads them`, () => {
		/** @type {Awaited<ReturnType<typeof readByN8n>>} */
		let answer;
		before(async () => {
			answer = await readByN8n(environmentOf('main'));
		});

		it('are all known to n8n', () => {
			const unknown = Object.keys(environmentOf('main')).filter(
				(name) => !answer.known.includes(name),
			);
			assert.deepEqual(unknown, []);
		});

		it('have valid values', () => {
			assert.deepEqual(answer.complaints, []);
		});

		it('would be refused if they were not', async () => {
			const { known, complaints } = await readByN8n({
				EXECUTIONS_MODE: 'queues',
				EXECUTIONS_DATA_MAX_AGE: 'three days',
				N8N_DEFAULT_BINARY_DATA_MODE: 'postgres',
			});
			assert.equal(complaints.length, 3, complaints.join('\n'));
			assert.ok(!known.includes('QUEUE_WORKER_MAX_STALLED_COUNT'));
		});
	});
});
