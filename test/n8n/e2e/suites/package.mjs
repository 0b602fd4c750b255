import assert from 'node:assert/strict';
import { it } from 'node:test';
import { credentialType, nodeType } from '../../../../scripts/lib/examples.mjs';

/** @param {() => import('../environment.mjs').Environment} environment */
export function testPackage(environment) {
	for (const theme of ['light', 'dark']) {
		it(`brings the ${theme} icon of its credential`, async () => {
			const { n8n } = environment();
			/** @type {Array<{ name: string, iconUrl: Record<string, string> }>} */
			const types = await (await n8n.fetch('/types/credentials.json')).json();
			const type = types.find(({ name }) => name === credentialType);
			const response = await n8n.fetch(`/${type?.iconUrl[theme]}`);
			assert.equal(response.status, 200);
			assert.match(String(response.headers.get('content-type')), /image\/svg/);
			assert.match(await response.text(), /<svg[\s>]/);
		});
	}

	for (const operation of ['submit', 'getTaskResult', 'submitAndWait']) {
		it(`offers the output fields of ${operation} before the first run`, async () => {
			const { n8n } = environment();
			const response = await n8n.fetch(`/schemas/${nodeType}/1.0.0/${operation}.json`);
			assert.equal(response.status, 200);
			const schema = await response.json();
			assert.equal(schema.type, 'object');
			assert.ok(schema.properties.task_id);
		});
	}
}
