import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { repository } from './markdown';

interface LockFile {
	packages: Record<string, { resolved?: string; optionalDependencies?: Record<string, string> }>;
}

const lockFile = JSON.parse(
	readFileSync(join(repository, 'package-lock.json'), 'utf8'),
) as LockFile;

/** The folders in which npm looks for what the package in this folder asks for, nearest first. */
function foldersSearchedFrom(folder: string): string[] {
	const inside = folder === '' ? 'node_modules/' : `${folder}/node_modules/`;
	if (folder === '') return [inside];
	const parent = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1));
	return [inside, ...foldersSearchedFrom(parent)];
}

/** `npm ci` refuses a lock file in which optional packages of another platform are missing. */
function missingOptionalPackages({ packages }: LockFile): string[] {
	return Object.entries(packages).flatMap(([folder, { optionalDependencies = {} }]) =>
		Object.keys(optionalDependencies)
			.filter((name) => !foldersSearchedFrom(folder).some((place) => place + name in packages))
			.map((name) => `${folder || 'the package itself'} asks for ${name}`),
	);
}

describe('The lock file', () => {
	it('names no registry host', () => {
		const resolved = Object.entries(lockFile.packages).filter(([, entry]) => 'resolved' in entry);
		expect(resolved.map(([folder]) => folder)).toEqual([]);
	});

	it('holds the optional packages of every platform', () => {
		expect(missingOptionalPackages(lockFile)).toEqual([]);
	});
});
