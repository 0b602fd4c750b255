import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { until } from '../../shared/until.mjs';
import { printFigures } from '../figures.mjs';
import { order } from '../orders.mjs';

const items = 9;
const atATime = 3;

/** @param {() => import('../cluster.mjs').Cluster} cluster */
export function testCancel(cluster) {
	describe('Cancel', () => {
		for (const { process, title, paysFor } of [
			{
				process: /** @type {const} */ ('main'),
				title: 'reaches the worker when the main process started the execution',
				paysFor: atATime,
			},
			{
				// n8n 2.41.1 says "canceled" and the worker never hears of it.
				process: /** @type {const} */ ('webhook'),
				title: 'does not reach the worker when a webhook processor started the execution',
				paysFor: items,
			},
		]) {
			it(title, async () => {
				const name = `cancel-${process}`;
				const { n8n, services } = cluster();
				const { quick } = services;
				// Three images at a time: it is canceled while it waits for the first ones.
				const { workflowId } = await order(cluster(), {
					name,
					service: quick,
					items,
					options: { maxConcurrentTasks: atATime },
					url: cluster()[process].url,
				});
				await until(
					async () => (await quick.paid(name)).length >= atATime,
					`${name}: the first tasks are paid`,
				);
				const [{ id }] = await n8n.executionsOf(workflowId);
				await n8n.rest(`/executions/${id}/stop`, { method: 'POST' });
				await until(
					async () => await cluster().isOverOnItsWorker(id),
					'the worker has let go of it',
				);
				const { status } = await n8n.execution(id);
				const paid = (await quick.paid(name)).length;
				printFigures(name, { ordered: items, paid, 'shown as': status });
				assert.equal(status, 'canceled');
				assert.equal(paid, paysFor);
			});
		}
	});
}
