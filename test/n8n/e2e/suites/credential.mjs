import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, it } from 'node:test';
import { services } from '../../../../scripts/lib/accounts.mjs';

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

			it(`refuses whoever answers in the place of ${service}`, async () => {
				for (const [status, body] of [
					[404, '{"detail":"Not Found"}'],
					[404, '{"message":"no Route matched with those values"}'],
					[200, '{"ok":true}'],
					[200, '<html>Sign in</html>'],
				]) {
					const stranger = createServer((_, response) => response.writeHead(status).end(body));
					await once(stranger.listen(0, '127.0.0.1'), 'listening');
					const baseUrl = `http://127.0.0.1:${stranger.address().port}`;
					const credential = await environment().credential({ service, baseUrl });
					const result = await environment().n8n.testCredential(credential);
					stranger.close();
					assert.equal(result.status, 'Error', body);
				}
			});

			it(`costs nothing at ${service}`, async () => {
				await environment().resetSimulator();
				await environment().n8n.testCredential(await environment().credential({ service }));
				assert.deepEqual((await environment().simulatorState()).tasks, []);
			});
		}
	});
}
