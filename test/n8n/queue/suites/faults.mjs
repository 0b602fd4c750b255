import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { lockSettings } from '../cluster.mjs';
import { printFigures, seconds } from '../figures.mjs';
import { fluxNode, fromPrompt, webhookWorkflow } from '../workflows.mjs';

const itemsEach = 3;

/** n8n 2.41.1 waits so long, in milliseconds, before it believes that a worker is gone. */
const graceOfN8n = 30_000;

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
	 * @param {number} count
	 */
	const startWaiting = async (name, count) => {
		const { slow } = cluster();
		const node = fluxNode('Flux', await cluster().credential(slow), fromPrompt);
		const workflow = await cluster().publish(webhookWorkflow(name, [node]));
		for (let execution = 0; execution < count; execution++) {
			await cluster().call(
				name,
				Array.from({ length: itemsEach }, (_, item) => `${name} ${execution}-${item}.`),
			);
		}
		await cluster().until(
			async () => (await slow.paid(name)).length >= count * itemsEach,
			`${name}: all tasks are paid`,
		);
		return workflow;
	};

	/** @param {Array<{ id: string }>} executions that succeeded */
	const delivered = async (executions) => {
		const tasks = [];
		for (const { id } of executions) {
			tasks.push(...(await cluster().deliveredTasks(await cluster().execution(id))));
		}
		return tasks;
	};

	/**
	 * @param {string} name
	 * @param {{ id: string }} workflow
	 * @param {number} count
	 * @param {Record<string, string | number>} figures further ones
	 */
	const assertNothingLost = async (name, workflow, count, figures) => {
		const ended = await cluster().ended(workflow.id, count);
		assert.deepEqual([...new Set(ended.map(({ status }) => status))], ['success']);
		const tasks = await delivered(ended);
		const paid = await cluster().slow.paid(name);
		printFigures(name, {
			ordered: count * itemsEach,
			paid: paid.length,
			delivered: tasks.length,
			...figures,
			'to do': 'nothing',
		});
		assert.equal(paid.length, count * itemsEach);
		assert.deepEqual(tasks.sort(), paid.map(({ id }) => id).sort());
	};

	describe('Submit and Wait, when a worker dies', () => {
		const count = 6;
		const name = 'worker-dies';
		let lost = [];

		it('n8n ends the executions of that worker as failed and does not run them again', async () => {
			const workflow = await startWaiting(name, count);
			const begun = new Set(await cluster().begunBy('worker-3'));
			const killed = Date.now();
			await cluster().killWorker('worker-3');
			const ended = await cluster().ended(workflow.id, count);
			lost = ended.filter(({ id }) => begun.has(id));
			const others = ended.filter(({ id }) => !begun.has(id));
			const told = Math.max(...lost.map(({ stoppedAt }) => Date.parse(stoppedAt)));
			const paid = await cluster().slow.paid(name);
			const tasks = await delivered(others);
			printFigures(name, {
				ordered: count * itemsEach,
				paid: paid.length,
				delivered: tasks.length,
				'executions lost': `${lost.length} of ${count}`,
				'their state': [...new Set(lost.map(({ status }) => status))].join(),
				'known after': seconds(told - killed),
				'to do': 'start the lost ones again from their source, which pays again',
			});
			assert.ok(lost.length > 0, 'the worker had nothing to do');
			assert.ok(others.length > 0, 'the other workers had nothing to do');
			assert.deepEqual([...new Set(lost.map(({ status }) => status))], ['error']);
			assert.deepEqual([...new Set(others.map(({ status }) => status))], ['success']);
			const { failure } = await cluster().execution(lost[0].id);
			assert.match(failure, /failed to be processed too many times/);
			assert.equal(paid.length, count * itemsEach, 'an execution ran twice');
			assert.equal(tasks.length, others.length * itemsEach);
			const { QUEUE_WORKER_LOCK_DURATION: lock, QUEUE_WORKER_STALLED_INTERVAL: interval } =
				lockSettings;
			assert.ok(
				told - killed < lock.tests + 2 * interval.tests + graceOfN8n + 15_000,
				'it took too long',
			);
		});

		it('Retry execution cannot help: n8n has emptied the execution', async () => {
			const retried = await cluster().retry(lost[0].id);
			const paid = await cluster().slow.paid(name);
			printFigures(`${name}, one of them retried`, {
				'n8n says': retried.status,
				delivered: retried.items().length,
				'paid again': paid.length - count * itemsEach,
			});
			assert.notEqual(retried.status, 'success');
			assert.deepEqual(retried.items(), []);
			assert.equal(paid.length, count * itemsEach);
		});
	});

	describe('Submit and Wait, when something else restarts', () => {
		it('loses nothing when Redis restarts', async () => {
			const workflow = await startWaiting('redis-restarts', 4);
			const away = await cluster().redis.restart();
			await cluster().recovered();
			await assertNothingLost('redis-restarts', workflow, 4, { 'Redis away': seconds(away) });
		});

		it('loses nothing when PostgreSQL restarts', async () => {
			const workflow = await startWaiting('postgresql-restarts', 4);
			const away = await cluster().postgresql.restart();
			await cluster().recovered();
			await assertNothingLost('postgresql-restarts', workflow, 4, {
				'PostgreSQL away': seconds(away),
			});
		});

		afterRestarts();

		it('loses nothing when a worker is asked to end, as an update does', async () => {
			await cluster().startWorker('worker-4');
			const workflow = await startWaiting('worker-ends', 4);
			const begun = new Set(await cluster().begunBy('worker-4'));
			const asked = Date.now();
			await cluster().endWorker('worker-4');
			const left = seconds(Date.now() - asked);
			const its = (await cluster().executions(workflow.id)).filter(({ id }) => begun.has(id));
			assert.ok(its.length > 0, 'the worker had nothing to do');
			await assertNothingLost('worker-ends', workflow, 4, {
				'executions of the worker': its.length,
				'it ended after': left,
			});
		});
	});

	describe('Submit and Wait, when the service refuses', () => {
		it('gets through 10 seconds of 429 and pays once', async () => {
			const name = 'too-many-requests';
			const { quick } = cluster();
			await quick.reset();
			const body = { code: 429, reason: 'RATE_LIMIT_EXCEEDED', message: 'rate limit exceeded' };
			await quick.planFault({
				call: 'submit',
				times: 100_000,
				fault: { kind: 'status', status: 429, body },
			});
			const node = fluxNode('Flux', await cluster().credential(quick), fromPrompt);
			const workflow = await cluster().publish(webhookWorkflow(name, [node]));
			for (let execution = 0; execution < 4; execution++) {
				await cluster().call(
					name,
					Array.from({ length: itemsEach }, (_, item) => `${name} ${execution}-${item}.`),
				);
			}
			const first = await cluster().until(
				async () => (await quick.state()).requests.find(({ status }) => status === 429)?.at,
				'the first refusal',
			);
			await cluster().until(async () => Date.now() > first + 10_000, 'the 10 seconds are over');
			const refusals = (await quick.state()).requests.length;
			await quick.reset();
			const ended = await cluster().ended(workflow.id, 4);
			const tasks = await delivered(ended);
			const paid = await quick.paid(name);
			printFigures(name, {
				ordered: 4 * itemsEach,
				refusals,
				paid: paid.length,
				delivered: tasks.length,
				'to do': 'nothing',
			});
			assert.ok(refusals > 0);
			assert.deepEqual([...new Set(ended.map(({ status }) => status))], ['success']);
			assert.equal(paid.length, 4 * itemsEach);
			assert.deepEqual(tasks.sort(), paid.map(({ id }) => id).sort());
		});
	});
}
