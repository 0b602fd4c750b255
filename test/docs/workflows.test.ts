import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'yaml';

interface Step {
	uses?: string;
	run?: string;
	with?: Record<string, unknown>;
}

interface Job {
	uses?: string;
	needs?: string;
	permissions?: Record<string, string>;
	'timeout-minutes'?: number;
	strategy?: { matrix: { node: number[] } };
	steps?: Step[];
}

interface Workflow {
	permissions?: Record<string, string>;
	jobs: Record<string, Job>;
}

const repository = join(__dirname, '..', '..');
const folder = join(repository, '.github', 'workflows');
const textOf = (file: string) => readFileSync(join(folder, file), 'utf8');
const read = (file: string) => parse(textOf(file)) as Workflow;
const job = (file: string, name: string): Job => read(file).jobs[name] ?? {};
const { scripts, publishConfig } = JSON.parse(
	readFileSync(join(repository, 'package.json'), 'utf8'),
) as { scripts: Record<string, string>; publishConfig: object };
/** Wherever in scripts/ they stand: the keys say the same, with two asterisks. */
const scriptFiles = readdirSync(join(repository, 'scripts'), { recursive: true }).map((path) =>
	basename(String(path)),
);

describe.each(readdirSync(folder))('The workflow %s', (file) => {
	const { permissions, jobs } = read(file);
	const steps = Object.values(jobs).flatMap((each) => each.steps ?? []);
	const commands = steps.flatMap(({ run }) => run ?? []).join('\n');

	it('may by default only read', () => {
		expect(permissions).toEqual({ contents: 'read' });
	});

	it('ends each of its own jobs when it hangs', () => {
		const withoutEnd = Object.entries(jobs).filter(
			([, own]) => own.uses === undefined && own['timeout-minutes'] === undefined,
		);
		expect(withoutEnd.map(([name]) => name)).toEqual([]);
	});

	it('pins every action to a major version', () => {
		const unpinned = steps.flatMap(({ uses }) => uses ?? []).filter((uses) => !/@v\d+$/.test(uses));
		expect(unpinned).toEqual([]);
	});

	it('calls only workflows that exist', () => {
		const called = Object.values(jobs).flatMap(({ uses }) => uses ?? []);
		expect(called.filter((path) => !existsSync(join(repository, path)))).toEqual([]);
	});

	it('runs only scripts of package.json', () => {
		const named = [...commands.matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name);
		expect(named.filter((name) => !(name in scripts))).toEqual([]);
	});

	it('keys its caches by files that exist', () => {
		const keyFiles = [...textOf(file).matchAll(/hashFiles\('([^']+)'\)/g)].map(
			([, path = '']) => path,
		);
		const missing = keyFiles.filter((path) => !scriptFiles.includes(basename(path)));
		expect(missing).toEqual([]);
	});
});

it('The checks of a pull request are those of a release', () => {
	expect(job('ci.yml', 'checks').uses).toBe('./.github/workflows/checks.yml');
	expect(job('publish.yml', 'checks').uses).toBe('./.github/workflows/checks.yml');
	expect(job('publish.yml', 'publish').needs).toBe('checks');
});

it('The checks run on the Node of .nvmrc and on the one that publishes', () => {
	const developed = Number(readFileSync(join(repository, '.nvmrc'), 'utf8'));
	const publishing = job('publish.yml', 'publish').steps?.find(({ uses }) =>
		uses?.startsWith('actions/setup-node@'),
	)?.with?.['node-version'];
	expect(job('checks.yml', 'checks').strategy?.matrix.node).toEqual([developed, publishing]);
});

it('Only the job that publishes can vouch for the package, and it builds it itself', () => {
	const { jobs } = read('publish.yml');
	const vouching = Object.keys(jobs).filter((name) => jobs[name]?.permissions?.['id-token']);
	expect(vouching).toEqual(['publish']);
	expect(publishConfig).toEqual({ access: 'public', provenance: true });
	expect(job('publish.yml', 'publish').steps?.flatMap(({ run }) => run ?? [])).toEqual([
		'npm ci',
		'npm run build',
		'npm publish',
	]);
});
