import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import packageJson from '../../package.json';
import { codeOf, readPage, repository } from './markdown';

/** A path of this repository in backticks: it begins with one of these, or is a file at the top. */
const PATH =
	/^(\.?\/)?((\.ci|\.github|credentials|docs|examples|icons|nodes|scripts|test)\/[\w./-]*|[A-Z]+\.md|[\w.-]+\.(json|js|mjs))$/;

const node = 'nodes/Flux2Flex';
const rooms = readdirSync(join(repository, node), { withFileTypes: true })
	.filter((entry) => entry.isDirectory())
	.map(({ name }) => name);

/** In CONTRIBUTING.md the rooms of the node go without the folder they are in. */
const inRepository = (path: string) =>
	rooms.includes(path.split('/')[0] ?? '') ? `${node}/${path}` : path;

describe.each(['CONTRIBUTING.md', 'SECURITY.md', 'README.md', 'docs/README.md'])(
	'In %s,',
	(path) => {
		const code = codeOf(readPage(path));

		test('every path it names exists', () => {
			const paths = code.map(inRepository).filter((text) => PATH.test(text));
			expect(paths.filter((name) => !existsSync(join(repository, name)))).toEqual([]);
		});

		test('every npm script it names exists', () => {
			const scripts = code.flatMap((text) => /^npm run ([\w:]+)/.exec(text)?.[1] ?? []);
			expect(scripts.filter((name) => !Object.hasOwn(packageJson.scripts, name))).toEqual([]);
		});
	},
);

test('CONTRIBUTING.md names many paths, so the search works', () => {
	const code = codeOf(readPage('CONTRIBUTING.md'));
	const paths = code.map(inRepository).filter((text) => PATH.test(text));
	expect(paths.length).toBeGreaterThan(30);
	expect(paths).toContain('nodes/Flux2Flex/run/retryRules.ts');
});
