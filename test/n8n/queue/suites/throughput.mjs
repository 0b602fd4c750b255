import assert from 'node:assert/strict';
import { availableParallelism, loadavg } from 'node:os';
import { describe, it } from 'node:test';
import { fluxNode, manualTrigger, workflowOf } from '../../shared/workflows.mjs';
import { concurrency, taskMilliseconds } from '../cluster.mjs';
import { seconds } from '../figures.mjs';
import { assertAllDelivered, deliveredTasks, fromPrompt, order } from '../orders.mjs';

/** @param {() => import('../cluster.mjs').Cluster} cluster */
export function testThroughput(cluster) {
	describe('under load, started through the webhook processor,', () => {
		for (const { title, name, workers, executions, items } of [
			// One image each, so that waiting is what takes long, and not the processor.
			{
				title: 'one worker delivers 40 images',
				name: 'one-worker',
				workers: ['worker-1'],
				executions: 40,
				items: 1,
			},
			{
				title: 'two workers share and deliver 40 images',
				name: 'two-workers',
				workers: ['worker-1', 'worker-2'],
				executions: 40,
				items: 1,
			},
			{
				title: 'two workers share and deliver 500 images, ten in an execution',
				name: 'fifty-by-ten',
				workers: ['worker-1', 'worker-2'],
				executions: 50,
				items: 10,
			},
		]) {
			it(`${title}, whole and each paid for once`, async () => {
				for (const worker of workers) {
					if (!cluster().workers.has(worker)) await cluster().startWorker(worker);
				}
				const { quick } = cluster().services;
				const ordered = await order(cluster(), { name, service: quick, executions, items });
				const ended = await cluster().n8n.allEnded(ordered.workflowId, executions);
				const last = Math.max(...ended.map(({ stoppedAt }) => Date.parse(stoppedAt)));
				const took = last - ordered.calledAt;
				const load = loadavg()[0];
				const ids = new Set(ended.map(({ id }) => id));
				const shares = await Promise.all(
					workers.map(
						async (worker) => (await cluster().begunBy(worker)).filter((id) => ids.has(id)).length,
					),
				);
				const figures = async (/** @type {number} */ paid) => {
					const requests = await quick.requestsOf(name);
					return {
						workers: workers.length,
						'concurrency of each': concurrency,
						executions: `${executions} × ${items}`,
						'executions of each worker': shares.join(' + '),
						'a task takes': seconds(taskMilliseconds.quick),
						took: seconds(took),
						'images a minute': Math.round(paid / (took / 60_000)),
						'polls a task': (requests.filter(({ call }) => call === 'poll').length / paid).toFixed(
							1,
						),
						cores: availableParallelism(),
						'load of the machine': load.toFixed(1),
					};
				};
				await assertAllDelivered(cluster(), ordered, { figures });
				// No worker has less than a fifth of the work.
				assert.ok(Math.min(...shares) >= executions / 5, shares.join(' + '));
			});
		}
	});

	it('an execution from the editor runs on a worker and gives its image', async () => {
		const { n8n, services } = cluster();
		const account = await n8n.account({ baseUrl: services.quick.url });
		const node = fluxNode('Flux', account, { ...fromPrompt, prompt: 'by hand' });
		const workflow = await n8n.ensureWorkflow(workflowOf('by hand', [manualTrigger, node]));
		const execution = await n8n.run(workflow, { timeout: 60_000 });
		assert.equal(execution.failure, undefined);
		assert.equal((await deliveredTasks(cluster(), [execution])).length, 1);
		const begun = await Promise.all(
			[...cluster().workers.keys()].map((worker) => cluster().begunBy(worker)),
		);
		assert.ok(begun.flat().includes(execution.id), 'no worker ran it');
	});
}
