import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { printFigures, seconds } from '../figures.mjs';
import { fluxNode, fromPrompt, webhookWorkflow } from '../workflows.mjs';

const items = 9;
const atATime = 3;

/** @param {() => import('../cluster.mjs').Cluster} cluster */
export function testCancel(cluster) {
	/**
	 * Starts an execution that orders its images three at a time, and cancels it after the first.
	 *
	 * @param {string} name
	 * @param {string} url of the process that takes the webhook call
	 * @returns {Promise<{ id: string, at: number, paidBefore: number }>} `at`: when n8n was asked
	 */
	const cancelEarly = async (name, url) => {
		const { quick } = cluster();
		const node = fluxNode('Flux', await cluster().credential(quick), {
			...fromPrompt,
			options: { maxConcurrentTasks: atATime },
		});
		const workflow = await cluster().publish(webhookWorkflow(name, [node]));
		await cluster().call(
			name,
			Array.from({ length: items }, (_, item) => `${name} ${item}.`),
			url,
		);
		await cluster().until(
			async () => (await quick.paid(name)).length >= atATime,
			`${name}: the first tasks are paid`,
		);
		const [{ id }] = await cluster().executions(workflow.id);
		const paidBefore = (await quick.paid(name)).length;
		const at = Date.now();
		await cluster().n8n.rest(`/executions/${id}/stop`, { method: 'POST' });
		return { id, at, paidBefore };
	};

	/**
	 * @param {string} id of an execution
	 * @returns {Promise<boolean>} whether the worker that began it is through with it
	 */
	const isOverOnItsWorker = async (id) =>
		(await Promise.all([...cluster().workers.keys()].map((worker) => cluster().endedBy(worker))))
			.flat()
			.includes(id);

	describe('Cancel', () => {
		it('reaches the worker when the main process started the execution', async () => {
			const name = 'cancel-main';
			const { id, at, paidBefore } = await cancelEarly(name, cluster().main.url);
			await cluster().until(async () => await isOverOnItsWorker(id), 'the worker has let go of it');
			const requests = await cluster().quick.requestsOf(name);
			const last = Math.max(at, ...requests.map((request) => request.at));
			const paid = (await cluster().quick.paid(name)).length;
			printFigures(name, {
				ordered: items,
				paid,
				'paid before': paidBefore,
				'last request after': seconds(last - at),
				'to do': 'nothing',
			});
			assert.equal((await cluster().execution(id)).status, 'canceled');
			assert.equal(paid, paidBefore);
			assert.ok(last - at < 2_000, `the last request came ${last - at} ms after the cancel`);
		});

		it('does not reach the worker when a webhook processor started the execution', async () => {
			const name = 'cancel-webhook';
			const { id, paidBefore } = await cancelEarly(name, cluster().webhook.url);
			await cluster().until(async () => await isOverOnItsWorker(id), 'the worker has let go of it');
			const paid = (await cluster().quick.paid(name)).length;
			const { status } = await cluster().execution(id);
			printFigures(name, {
				ordered: items,
				paid,
				'paid before': paidBefore,
				'shown as': status,
				'to do': 'see "Cancel" in docs/scaling.md',
			});
			// n8n 2.41.1 says "canceled" and the worker never hears of it.
			assert.equal(status, 'canceled');
			assert.equal(paid, items);
		});
	});
}
