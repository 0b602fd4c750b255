import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { credentialType, nodeType } from '../../../../scripts/lib/examples.mjs';

/** @param {() => import('../environment.mjs').Environment} environment */
export function testPackage(environment) {
	const types = async (file) => await (await environment().n8n.fetch(`/types/${file}.json`)).json();
	const node = async (name = nodeType) => (await types('nodes')).find((type) => type.name === name);

	describe('as a community package', () => {
		it('is known to n8n under its name', async () => {
			const { displayName, version, properties } = await node();
			assert.equal(displayName, 'Flux 2 Flex');
			assert.equal([version].flat().at(-1), 1);
			const operations = properties.find(({ name }) => name === 'operation').options;
			for (const operation of ['submit', 'getTaskResult', 'submitAndWait']) {
				assert.ok(
					operations.some(({ value }) => value === operation),
					operation,
				);
			}
		});

		it('is known as a tool for AI agents', async () => {
			const tool = await node(`${nodeType}Tool`);
			assert.ok(tool, 'no tool twin');
			assert.deepEqual(tool.outputs, ['ai_tool']);
		});

		it('brings its credential type', async () => {
			const type = (await types('credentials')).find(({ name }) => name === credentialType);
			assert.equal(type?.displayName, 'Flux 2 Flex API');
		});

		for (const theme of ['light', 'dark']) {
			it(`shows its ${theme} icon`, async () => {
				for (const type of [
					await node(),
					(await types('credentials')).find(({ name }) => name === credentialType),
				]) {
					const response = await environment().n8n.fetch(`/${type.iconUrl[theme]}`);
					assert.equal(response.status, 200);
					assert.match(response.headers.get('content-type'), /image\/svg/);
					assert.match(await response.text(), /<svg[\s>]/);
				}
			});
		}

		for (const operation of ['submit', 'getTaskResult', 'submitAndWait']) {
			it(`offers the output fields of ${operation} before the first run`, async () => {
				const response = await environment().n8n.fetch(
					`/schemas/${nodeType}/1.0.0/${operation}.json`,
				);
				assert.equal(response.status, 200);
				const schema = await response.json();
				assert.equal(schema.type, 'object');
				assert.ok(schema.properties.task_id);
			});
		}
	});
}
