import { existsSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';

import { readPage, repository, repositoryFiles, type Page } from './markdown';

/** Hosts that pages may lead to: a new one is a decision, and a mistyped one fails here. */
const knownHosts = [
	'dashboard.bfl.ai',
	'docs.bfl.ai',
	'docs.jiekou.ai',
	'docs.n8n.io',
	'fal.ai',
	'github.com',
	'jiekou.ai',
	'keepachangelog.com',
	'n8n.io',
	'novita.ai',
	'replicate.com',
	'semver.org',
];

const files = repositoryFiles();
const pages = files.filter((path) => path.endsWith('.md')).map(readPage);
const pageAt = new Map(pages.map((page) => [page.path, page]));

interface Link {
	from: string;
	target: string;
}

const links = pages.flatMap(({ path, references }) =>
	references.map(({ target }) => ({ from: path, target })),
);
const isExternal = ({ target }: Link) => /^[a-z][a-z\d+.-]*:|^\/\//i.test(target);
const external = links.filter(isExternal);
const internal = links.filter((link) => !isExternal(link));

/** Where a link of this repository leads to: a path within it, and an anchor if it has one. */
function resolve({ from, target }: Link): { path: string; anchor?: string } {
	const [file = '', anchor] = decodeURI(target).split('#');
	const path = file === '' ? from : posix.join(posix.dirname(from), file);
	return { path: path.replace(/\/$/, ''), anchor };
}

/** Page and all that can be reached from it by clicking. */
function reachableFrom(start: Page): Set<string> {
	const seen = new Set([start.path]);
	for (const path of seen) {
		for (const { target } of pageAt.get(path)?.references ?? []) {
			const link = { from: path, target };
			if (!isExternal(link)) seen.add(resolve(link).path);
		}
	}
	return seen;
}

test('There are pages and links of every kind to look at', () => {
	expect(pages.map(({ path }) => path)).toEqual(
		expect.arrayContaining(['README.md', 'CHANGELOG.md', 'docs/troubleshooting.md']),
	);
	expect(internal.length).toBeGreaterThan(100);
	expect(internal.filter(({ target }) => target.includes('#')).length).toBeGreaterThan(30);
	expect(external.length).toBeGreaterThan(15);
});

test('Every relative link and image leads to a file of the repository', () => {
	const tracked = new Set(files);
	const isThere = (path: string) => {
		const place = join(repository, path);
		const isFolder = existsSync(place) && statSync(place).isDirectory();
		return isFolder ? files.some((file) => file.startsWith(`${path}/`)) : tracked.has(path);
	};
	expect(internal.filter((link) => !isThere(resolve(link).path))).toEqual([]);
});

test('Every anchor exists', () => {
	const broken = internal.filter((link) => {
		const { path, anchor } = resolve(link);
		return anchor !== undefined && !pageAt.get(path)?.anchors.has(anchor);
	});
	expect(broken).toEqual([]);
});

test('Links into the web are well-formed, by https, and to known hosts', () => {
	const isGood = ({ target }: Link) => {
		if (!URL.canParse(target)) return false;
		const { protocol, host, username } = new URL(target);
		return protocol === 'https:' && username === '' && knownHosts.includes(host);
	};
	expect(external.filter((link) => !isGood(link))).toEqual([]);
});

test('No known host is left over', () => {
	const linked = new Set(external.map(({ target }) => new URL(target).host));
	expect(knownHosts.filter((host) => !linked.has(host))).toEqual([]);
});

test('Everything in docs/ can be reached from the README', () => {
	const reachable = reachableFrom(pageAt.get('README.md') as Page);
	const documents = files.filter((path) => path.startsWith('docs/') && !/\/images\//.test(path));
	expect(documents.filter((path) => !reachable.has(path))).toEqual([]);
});

test('Every image in docs/images/ is shown somewhere, with a text in its place', () => {
	const shown = new Set(
		pages.flatMap(({ path, references }) =>
			references
				.filter(({ isImage }) => isImage)
				.map(({ target }) => resolve({ from: path, target }).path),
		),
	);
	const images = files.filter((path) => path.startsWith('docs/images/'));
	expect(images.filter((path) => !shown.has(path))).toEqual([]);
	const withoutText = pages.flatMap(({ path, references }) =>
		references
			.filter(({ isImage, alternative }) => isImage && alternative?.trim() === '')
			.map(({ target }) => ({ path, target })),
	);
	expect(withoutText).toEqual([]);
});

test('The anchors that the node itself links to exist', () => {
	const anchors = pageAt.get('README.md')?.anchors;
	for (const anchor of ['credentials']) expect(anchors).toContain(anchor);
});
