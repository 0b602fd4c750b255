import { PackageDirectoryLoader } from 'n8n-core';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, sep } from 'node:path';

import packageJson from '../../../package.json';
import '../../support/harness';

const engine = process.env.HARNESS_ENGINE!;
const builtPackage = process.env.HARNESS_PACKAGE!;
const [builtNode] = packageJson.n8n.nodes as [string];

describe('under test is', () => {
	it.each(['n8n-core', 'n8n-workflow'])('%s of the n8n asked for', (name) => {
		const folder = join(engine, 'node_modules', name, sep);
		const requireFromNode = createRequire(join(builtPackage, builtNode));
		expect(require.resolve(name).startsWith(folder)).toBe(true);
		// The built node has no other one.
		expect(requireFromNode.resolve(name).startsWith(folder)).toBe(true);
	});
});

describe("n8n's own loader", () => {
	const loader = new PackageDirectoryLoader(builtPackage);
	beforeAll(async () => await loader.loadAll());

	it('finds the node and the credential', () => {
		expect(loader.packageName).toBe('n8n-nodes-flux-2-flex');
		expect(loader.known.nodes).toEqual({
			flux2Flex: expect.objectContaining({ className: 'Flux2Flex' }) as object,
		});
		expect(loader.known.credentials).toEqual({
			flux2FlexApi: expect.objectContaining({
				className: 'Flux2FlexApi',
				supportedNodes: ['flux2Flex'],
			}) as object,
		});
	});

	it('finds what the node panel shows', () => {
		expect(loader.types.nodes).toEqual([
			expect.objectContaining({
				displayName: 'Flux 2 Flex',
				usableAsTool: true,
				codex: expect.objectContaining({
					alias: expect.arrayContaining(['flux']) as string[],
				}) as object,
			}),
		]);
	});

	it('finds the icons', () => {
		const [node] = loader.types.nodes;
		const [credential] = loader.types.credentials;
		for (const iconUrl of [node!.iconUrl, credential!.iconUrl]) {
			const { light, dark } = iconUrl as { light: string; dark: string };
			for (const url of [light, dark]) {
				const file = url.replace(`icons/${loader.packageName}/`, '');
				expect(existsSync(join(builtPackage, file))).toBe(true);
			}
			expect(light).not.toBe(dark);
		}
	});
});
