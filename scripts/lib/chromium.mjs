import { execa } from 'execa';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { UserFacingError } from './user-facing-error.mjs';

/** Names under which Chromium and the browsers built on it are installed. */
const executableNames = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Where installers put it without telling the PATH. */
const usualPlaces = [
	'/Applications/Chromium.app/Contents/MacOS/Chromium',
	'/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
	'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

const advice =
	'Install Chromium or Google Chrome (on Debian and Ubuntu: sudo apt-get install chromium), or set CHROMIUM_PATH to the executable of one.';

/**
 * The browser of the tests in n8n's editor. `CHROMIUM_PATH` names another one than that on the PATH.
 *
 * @returns {string | undefined} path of its executable, when there is one
 * @throws {UserFacingError} when `CHROMIUM_PATH` leads nowhere
 */
export function findChromium() {
	const chosen = process.env.CHROMIUM_PATH;
	if (chosen) {
		if (existsSync(chosen)) return chosen;
		throw new UserFacingError(`There is no browser at CHROMIUM_PATH (${chosen}).`);
	}
	const onPath = (process.env.PATH ?? '')
		.split(delimiter)
		.filter(Boolean)
		.flatMap((folder) => executableNames.map((name) => join(folder, name)));
	return [...onPath, ...usualPlaces].find(existsSync);
}

/**
 * Finds the browser; as root on Debian installs its package when it is missing.
 *
 * @param {(line: string) => void} report shows what it is at
 * @returns {Promise<string>} path of its executable
 * @throws {UserFacingError} when there is none and it cannot be installed
 */
export async function ensureChromium(report) {
	const found = findChromium();
	if (found) return found;
	if (process.getuid?.() === 0 && isDebian()) {
		report('installing the package chromium …');
		await aptGet('update');
		await aptGet('install', '--yes', '--no-install-recommends', 'chromium');
	}
	const installed = findChromium();
	if (!installed) throw new UserFacingError(`The tests in the editor need a browser. ${advice}`);
	return installed;
}

function isDebian() {
	try {
		return /^ID=["']?debian["']?$/m.test(readFileSync('/etc/os-release', 'utf8'));
	} catch {
		return false;
	}
}

/** @param {string[]} commandLine */
async function aptGet(...commandLine) {
	await execa('apt-get', commandLine, {
		stdin: 'ignore',
		env: { DEBIAN_FRONTEND: 'noninteractive' },
	}).catch((error) => {
		throw new UserFacingError(`Chromium could not be installed with apt-get. ${advice}`, {
			cause: error,
		});
	});
}
