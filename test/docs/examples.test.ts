import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IConnections, INode, INodeProperties } from 'n8n-workflow';

import { Flux2Flex } from '../../nodes/Flux2Flex/Flux2Flex.node';
import { overlaps, STICKY_NOTE } from './layout';

interface Example {
	name: string;
	nodes: INode[];
	connections: IConnections;
	pinData?: object;
	active?: boolean;
}

const repository = join(__dirname, '..', '..');
const examples = readdirSync(join(repository, 'examples'));
const testsInTheRealN8n = join(repository, 'test', 'n8n', 'e2e', 'examples');
const durable = readFileSync(
	join(repository, 'test', 'n8n', 'e2e', 'durable-workflows.test.mjs'),
	'utf8',
);
const readme = readFileSync(join(repository, 'README.md'), 'utf8');

const { description } = new Flux2Flex();
const fluxNode = 'n8n-nodes-flux-2-flex.flux2Flex';
const ofThisPackage = ({ type }: INode) => type.startsWith('n8n-nodes-flux-2-flex.');
/** Added by n8n when a node is used as a tool. */
const toolParameters = ['descriptionType', 'toolDescription'];

const read = (file: string) => readFileSync(join(repository, 'examples', file), 'utf8');
const duplicates = <T>(values: T[]) => values.filter((value, at) => values.indexOf(value) !== at);

it('Each test of an example in the real n8n has its example', () => {
	const tested = readdirSync(testsInTheRealN8n).map((file) => file.replace(/\.mjs$/, '.json'));
	expect(tested.filter((file) => !examples.includes(file))).toEqual([]);
});

it('Each example has a name of its own', () => {
	expect(duplicates(examples.map((file) => (JSON.parse(read(file)) as Example).name))).toEqual([]);
});

describe.each(examples)('The example %s', (file) => {
	const text = read(file);
	const example = JSON.parse(text) as Example;
	const { nodes, connections } = example;

	it('is run by a test in the real n8n', () => {
		// Those that sleep for minutes share one n8n, and one crash of it.
		if (nodes.some(({ type }) => type === 'n8n-nodes-base.wait')) {
			expect(durable).toContain(`'${file}'`);
			return;
		}
		const test = join(testsInTheRealN8n, file.replace(/\.json$/, '.mjs'));
		expect(existsSync(test)).toBe(true);
		const code = readFileSync(test, 'utf8');
		expect(code).toMatch(/^export function testExample\(/m);
		expect(code).toMatch(/\bit\(/);
	});

	it('is listed in the README', () => {
		expect(readme).toContain(`](examples/${file})`);
	});

	it('has nodes with names and IDs of their own', () => {
		expect(duplicates(nodes.map(({ name }) => name))).toEqual([]);
		expect(duplicates(nodes.map(({ id }) => id))).toEqual([]);
		expect(nodes.every(({ id }) => id.length > 0)).toBe(true);
	});

	it('connects nodes that exist, and leaves none out', () => {
		const targets = Object.values(connections).flatMap((byType) =>
			Object.values(byType).flatMap((outputs) => outputs.flatMap((output) => output ?? [])),
		);
		const connected = [...Object.keys(connections), ...targets.map(({ node }) => node)];
		const existing = nodes.filter(({ type }) => type !== STICKY_NOTE).map(({ name }) => name);
		expect([...new Set(connected)].sort()).toEqual(existing.sort());
	});

	it('refers in its expressions to nodes that exist', () => {
		const names = [...text.matchAll(/\$\('([^']+)'\)/g)].map(([, name]) => name);
		expect(names.filter((name) => !nodes.some((node) => node.name === name))).toEqual([]);
	});

	it('holds nothing of the n8n it was made in', () => {
		const credentials = nodes.flatMap((node) => Object.values(node.credentials ?? {}));
		expect(credentials.filter(({ id }) => id !== null)).toEqual([]);
		expect(example.pinData ?? {}).toEqual({});
		expect(example.active ?? false).toBe(false);
		for (const key of ['id', 'meta', 'versionId', 'shared', 'staticData']) {
			expect(example).not.toHaveProperty(key);
		}
	});

	it('leaves credentials of other services open, so that the editor asks for them', () => {
		const theirs = nodes.filter((node) => !ofThisPackage(node));
		expect(theirs.filter(({ credentials }) => credentials).map(({ name }) => name)).toEqual([]);
	});

	it('knows nothing of the simulator', () => {
		expect(text).not.toMatch(/\[(fail|filtered|nsfw|slow)\]|simulator|localhost|127\.0\.0\.1/i);
	});

	it('explains itself in a sticky note', () => {
		const notes = nodes.filter(({ type }) => type === STICKY_NOTE);
		expect(notes.map(({ parameters }) => parameters.content).join('')).toMatch(/^## .+\n/);
	});

	it('is laid out so that nothing hides anything', () => {
		expect(overlaps(nodes)).toEqual([]);
	});

	it('uses the Flux 2 Flex node as it is, with its credential', () => {
		const ours = nodes.filter(ofThisPackage);
		expect(ours.length).toBeGreaterThan(0);
		for (const { type, typeVersion, parameters, credentials } of ours) {
			expect([fluxNode, `${fluxNode}Tool`]).toContain(type);
			expect(typeVersion).toBe(description.version);
			expect(Object.keys(credentials ?? {})).toEqual(['flux2FlexApi']);
			const isTool = type !== fluxNode;
			expect(unknownIn(parameters, description.properties, isTool ? toolParameters : [])).toEqual(
				[],
			);
		}
	});
});

/** Parameters, options and choices that the node's form does not have. */
function unknownIn(
	parameters: INode['parameters'],
	properties: INodeProperties[],
	besides: string[] = [],
): string[] {
	return Object.entries(parameters).flatMap(([name, value]) => {
		if (besides.includes(name)) return [];
		const property = properties.find((each) => each.name === name);
		if (!property) return [name];
		if (property.type === 'collection') {
			return unknownIn(value as INode['parameters'], property.options as INodeProperties[]);
		}
		if (property.type !== 'options' || String(value).startsWith('=')) return [];
		const choices = (property.options ?? []).map((choice) => 'value' in choice && choice.value);
		return choices.includes(value as string) ? [] : [`${name}: ${String(value)}`];
	});
}
