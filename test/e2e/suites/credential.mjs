import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { services } from '../../../scripts/lib/accounts.mjs';

/** @param {() => import('../environment.mjs').Environment} environment */
export function testCredential(environment) {
	describe('the test of its credential', () => {
		for (const { service } of services) {
			it(`accepts a good key of ${service}`, async () => {
				const credential = await environment().credential({ service });
				const result = await environment().n8n.testCredential(credential);
				assert.equal(result.status, 'OK', result.message);
			});

			it(`refuses a bad key of ${service}`, async () => {
				const credential = await environment().credential({ service, key: 'wrong' });
				const result = await environment().n8n.testCredential(credential);
				assert.equal(result.status, 'Error');
				assert.ok(result.message);
			});

			it(`costs nothing at ${service}`, async () => {
				await environment().resetSimulator();
				await environment().n8n.testCredential(await environment().credential({ service }));
				assert.deepEqual((await environment().simulatorState()).tasks, []);
			});
		}
	});
}
