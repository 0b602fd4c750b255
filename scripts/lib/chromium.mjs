import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { installPackages, isRoot } from './debian.mjs';
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
	// Elsewhere the package of this name is another one, or only a pointer to a snap.
	if (isRoot() && isDebian()) await installPackages(['chromium'], report, advice);
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
