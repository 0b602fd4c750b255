import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../shared/until.mjs';
import { printFigures, seconds } from '../figures.mjs';
import { assertAllDelivered, deliveredTasks, order, statesOf } from '../orders.mjs';

const items = 3;

/**
 * What happens to Submit and Wait, which waits inside a worker.
 *
 * @param {() => import('../cluster.mjs').Cluster} cluster
 * @param {() => void} afterRestarts tests to run when a worker has died and both servers have restarted
 */
export function testFaults(cluster, afterRestarts) {
	/**
	 * Starts executions at the slow service and waits until all their tasks are paid and awaited.
	 *
	 * @param {string} name
	 * @param {number} executions
	 */
	const startWaiting = async (name, executions) => {
		const { slow } = cluster().services;
		const started = await order(cluster(), { name, service: slow, executions, items });
		await until(
			async () => (await slow.paid(name)).length >= executions * items,
			`${name}: all tasks are paid`,
		);
		return started;
	};

	/**
	 * @param {import('../orders.mjs').Order} ordered
	 * @param {string} worker
	 */
	const divide = async ({ workflowId, executions }, worker) => {
		const begun = new Set(await cluster().begunBy(worker));
		const ended = await cluster().n8n.allEnded(workflowId, executions);
		const its = ended.filter(({ id }) => begun.has(id));
		assert.ok(its.length > 0, 'the worker had nothing to do');
		return { its, others: ended.filter(({ id }) => !begun.has(id)) };
	};

	describe('Submit and Wait, when a worker dies,', () => {
		const executions = 6;
		const name = 'worker-dies';
		const paid = async () => (await cluster().services.slow.paid(name)).length;
		let lostId = '';

		it('is ended by n8n as failed and not run again', async () => {
			const ordered = await startWaiting(name, executions);
			const killed = Date.now();
			await cluster().endWorker('worker-3', 'kill');
			const { its: lost, others } = await divide(ordered, 'worker-3');
			const told = Math.max(...lost.map(({ stoppedAt }) => Date.parse(stoppedAt)));
			const delivered = (await deliveredTasks(cluster(), others)).length;
			printFigures(name, {
				ordered: executions * items,
				paid: await paid(),
				delivered,
				'executions lost': `${lost.length} of ${executions}`,
				'known after': seconds(told - killed),
			});
			lostId = lost[0].id;
			assert.deepEqual(statesOf(lost), ['error']);
			assert.deepEqual(statesOf(others), ['success']);
			const { failure } = await cluster().n8n.execution(lostId);
			assert.match(String(failure), /failed to be processed too many times/);
			assert.equal(await paid(), executions * items, 'an execution ran twice');
			assert.equal(delivered, others.length * items);
		});

		it('gets nothing by Retry execution: n8n has emptied the execution', async () => {
			const retried = await cluster().n8n.retry(lostId);
			assert.notEqual(retried.status, 'success');
			assert.deepEqual(retried.items(), []);
			assert.equal(await paid(), executions * items);
		});
	});

	for (const server of /** @type {const} */ (['Redis', 'PostgreSQL'])) {
		it(`Submit and Wait loses nothing when ${server} restarts`, async () => {
			const ordered = await startWaiting(`${server.toLowerCase()}-restarts`, 4);
			const away = await cluster().servers[server].restart();
			await cluster().recovered();
			const figures = async () => ({ [`${server} away`]: seconds(away) });
			await assertAllDelivered(cluster(), ordered, { figures });
		});
	}

	afterRestarts();

	it('Submit and Wait loses nothing when a worker is asked to end, as an update does', async () => {
		await cluster().startWorker('worker-4');
		const ordered = await startWaiting('worker-ends', 4);
		const asked = Date.now();
		await cluster().endWorker('worker-4', 'ask');
		const left = seconds(Date.now() - asked);
		const { its } = await divide(ordered, 'worker-4');
		const figures = async () => ({ 'its executions': its.length, 'it ended after': left });
		await assertAllDelivered(cluster(), ordered, { figures });
	});

	it('Submit and Wait gets through 10 seconds of 429 and pays once', async () => {
		const { quick } = cluster().services;
		await quick.reset();
		const body = { code: 429, reason: 'RATE_LIMIT_EXCEEDED', message: 'rate limit exceeded' };
		const fault = { kind: 'status', status: 429, body };
		await quick.planFault({ call: 'submit', times: 100_000, fault });
		const ordered = await order(cluster(), {
			name: 'too-many-requests',
			service: quick,
			executions: 4,
			items,
		});
		const refused = async () =>
			(await quick.state()).requests.filter(({ status }) => status === 429).length;
		await until(async () => (await refused()) > 0, 'the first refusal');
		await sleep(10_000);
		const refusals = await refused();
		await quick.reset();
		await assertAllDelivered(cluster(), ordered, { figures: async () => ({ refusals }) });
	});
}
