import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

/** The service refuses to tell the task's result once, for a reason that is not worth asking again. */
const refusedOnce = {
	call: 'poll',
	fault: {
		kind: 'status',
		status: 403,
		body: { code: 403, reason: 'ACCESS_DENY', message: 'access denied', metadata: {} },
	},
};

/** @param {() => import('../environment.mjs').Environment} environment */
export function testFailures(environment) {
	describe('when something goes wrong', () => {
		it('says which parameter is bad, and nothing is submitted', async () => {
			await environment().resetSimulator();
			const execution = await environment().runNodes([{ parameters: { prompt: '  ' } }]);
			assert.equal(execution.status, 'error');
			assert.match(execution.failure, /'Prompt'/);
			assert.deepEqual((await environment().simulatorState()).tasks, []);
		});

		it('says that the key is bad and does not show it', async () => {
			const key = 'wrong-key-1234567890';
			const execution = await environment().runNodes(
				[{ parameters: { prompt: 'A chair' } }],
				await environment().credential({ key }),
			);
			assert.equal(execution.status, 'error');
			assert.match(execution.failure, /key/i);
			assert.ok(!JSON.stringify(execution.resultData).includes(key), 'the key is in the execution');
		});

		it('does not pay twice under Retry On Fail', async () => {
			await environment().resetSimulator();
			await environment().planFault(refusedOnce);
			const execution = await environment().runNodes([
				{
					parameters: { prompt: 'A chair' },
					retryOnFail: true,
					maxTries: 3,
					waitBetweenTries: 100,
				},
			]);
			assert.equal(execution.failure, undefined);
			const { tasks } = await environment().simulatorState();
			assert.equal(tasks.length, 1);
			assert.equal(execution.items()[0].json.task_id, tasks[0].id);
		});

		it('gives a failed task to the error output', async () => {
			const execution = await environment().runNodes([
				{ parameters: { prompt: 'A chair [fail]' }, onError: 'continueErrorOutput' },
			]);
			assert.equal(execution.failure, undefined);
			assert.equal(execution.items('Flux 1', 0).length, 0);
			assert.equal(execution.items('Flux 1', 1).length, 1);
		});
	});
}
