// Node builtins only: this also installs the dependencies, when no other module is there yet.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { onShutdown } from './shutdown.mjs';
import { UserFacingError } from './user-facing-error.mjs';

/**
 * Runs npm to its end.
 *
 * @param {string[]} commandLine what follows `npm` on a command line
 * @param {object} options
 * @param {string} options.folder the folder npm works in
 * @param {string} options.purpose what fails when npm fails, e.g. 'Installing n8n'
 * @param {string} [options.node] path of the Node that npm and what it starts run on
 * @returns {Promise<string>} what npm printed on standard output
 * @throws {UserFacingError} when npm ends with an error; its message names the network if that is why
 */
export async function runNpm(commandLine, { folder, purpose, node = process.execPath }) {
	const result = await collect(commandLine, { folder, node });
	if (result.exitCode === 0) return result.standardOutput;
	throw new UserFacingError(`${purpose} failed: ${explain(result.standardError)}`, {
		cause: result.standardError + result.standardOutput,
	});
}

/**
 * Installations without a network would try every package again and again, for many minutes. This
 * tells within seconds, with npm's own registry and proxy settings.
 *
 * @param {string} folder
 * @param {string} purpose what cannot be done without a network
 * @throws {UserFacingError} when the registry cannot be reached
 */
export async function requireRegistry(folder, purpose) {
	const { exitCode, standardError } = await collect(
		['ping', '--fetch-retries=1', '--fetch-retry-mintimeout=1000', '--fetch-timeout=20000'],
		{ folder, node: process.execPath },
	);
	// Any answer will do: some registries know no ping.
	if (exitCode !== 0 && networkFault.test(standardError)) {
		throw new UserFacingError(`${purpose} failed: ${explain(standardError)}`);
	}
}

/**
 * @param {string[]} commandLine
 * @param {{ folder: string, node: string }} options
 * @returns {Promise<{ exitCode: number, standardOutput: string, standardError: string }>}
 */
function collect(commandLine, { folder, node }) {
	const cli = npmCli();
	const [command, leading] = cli ? [node, [cli]] : ['npm', []];
	return new Promise((resolvePromise, reject) => {
		const child = spawn(command, [...leading, ...commandLine], {
			cwd: folder,
			env: environmentFor(node),
			stdio: ['ignore', 'pipe', 'pipe'],
			// Only a shell starts npm.cmd on Windows.
			shell: !cli && process.platform === 'win32',
		});
		const forget = onShutdown(() => void child.kill('SIGTERM'));
		let standardOutput = '';
		let standardError = '';
		child.stdout.on('data', (chunk) => (standardOutput += chunk));
		child.stderr.on('data', (chunk) => (standardError += chunk));
		child.on('error', (error) => {
			forget();
			reject(new UserFacingError(`npm could not be started: ${error.message}`, { cause: error }));
		});
		child.on('close', (exitCode) => {
			forget();
			resolvePromise({ exitCode: exitCode ?? 1, standardOutput, standardError });
		});
	});
}

/**
 * npm's own file, so that it can run on a Node of our choice. npm tells it to what it starts; beside
 * the running Node it lies where the installers put it.
 *
 * @returns {string | undefined}
 */
function npmCli() {
	const beside = dirname(process.execPath);
	return [
		process.env.npm_execpath,
		join(beside, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
		join(beside, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
	].find((path) => path?.endsWith('npm-cli.js') && existsSync(path));
}

/**
 * `npm start` hands its settings for this package to all it starts. They would speak for the other
 * folders, too: `ignore-scripts` of our `.npmrc` would keep sqlite3 from being built.
 *
 * @param {string} node
 */
function environmentFor(node) {
	const kept = Object.entries(process.env).filter(
		([name]) =>
			!/^npm_(package|lifecycle|command)/.test(name) &&
			!/^npm_config_(ignore_scripts|local_prefix|global_prefix|prefix|workspace|once|port)$/.test(
				name,
			),
	);
	const environment = Object.fromEntries(kept);
	const pathName = Object.keys(environment).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
	environment[pathName] = [dirname(node), environment[pathName]].filter(Boolean).join(delimiter);
	return environment;
}

const networkFault =
	/\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|ERR_SOCKET_TIMEOUT|FETCH_ERROR)\b/;

/** @param {string} standardError */
function explain(standardError) {
	const fault = networkFault.exec(standardError);
	if (fault) {
		return `the npm registry cannot be reached (${fault[1]}). Check the network connection or the proxy settings and try again.`;
	}
	if (/\bENOSPC\b/.test(standardError)) return 'the disk is full.';
	const lines = standardError
		.split('\n')
		.map((line) => line.replace(/^npm (error|ERR!)\s*/, '').trim())
		.filter((line) => line && !/^(code|npm warn|A complete log)/i.test(line));
	return lines[0] ?? 'npm gave no reason.';
}
