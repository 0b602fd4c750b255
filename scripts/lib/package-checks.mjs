import {
	analyzePackage,
	SOURCE_FILE_PATTERNS,
} from '@n8n/scan-community-package/scanner/scanner.mjs';
import { pack, unpack } from './package-tarball.mjs';
import { repository } from './paths.mjs';
import { join } from 'node:path';

/** What the scan reads of a published package. */
const tarballPatterns = ['dist/**/*.js', 'index.js', 'package.json'];

/** What the package has to hold. */
const required = [
	'package.json',
	'README.md',
	'LICENSE',
	'index.js',
	'dist/nodes/Flux2Flex/Flux2Flex.node.js',
	'dist/nodes/Flux2Flex/Flux2Flex.node.json',
	'dist/credentials/Flux2FlexApi.credentials.js',
];

/** What it may hold. Everything else, such as tests, sources and source maps, is ballast. */
const allowed = [
	/^(package\.json|README\.md|LICENSE|index\.js)$/,
	/^dist\/(nodes|credentials)\/.+(?<!\.test)\.js$/,
	/^dist\/icons\/[^/]+\.svg$/,
	/^dist\/nodes\/.+\.node\.json$/,
	/^dist\/nodes\/.+\/__schema__\/.+\.json$/,
];

/** The official scan, as n8n runs it on the source of a package to verify. */
export async function scanSource() {
	return outcome(await analyzePackage(repository, SOURCE_FILE_PATTERNS));
}

/**
 * The official scan, as n8n runs it on what npm delivers.
 *
 * @param {string} folder an empty one
 */
export async function scanTarball(folder) {
	const { path } = await pack(folder);
	const unpacked = join(folder, 'package');
	await unpack(path, unpacked);
	return outcome(await analyzePackage(unpacked, tarballPatterns));
}

/** @param {string} folder an empty one */
export async function checkTarballContents(folder) {
	const { files } = await pack(folder);
	const complaints = [
		...required.filter((file) => !files.includes(file)).map((file) => `missing: ${file}`),
		...files
			.filter((file) => !allowed.some((pattern) => pattern.test(file)))
			.map((file) => `not wanted: ${file}`),
	];
	const icons = files.filter((file) => file.startsWith('dist/icons/'));
	if (icons.length < 2) complaints.push('missing: icons, a light and a dark one');
	return { ok: complaints.length === 0, output: complaints.join('\n') };
}

/** @param {{ passed: boolean, message?: string, details?: string }} result */
function outcome({ passed, message = '', details = '' }) {
	return { ok: passed, output: `${message}\n${details}` };
}
