import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, describe, it } from 'node:test';
import { host } from '../../../../scripts/lib/ports.mjs';
import { until } from '../../shared/until.mjs';
import { fluxNode, manualTrigger, workflowOf } from '../../shared/workflows.mjs';
import { printFigures } from '../figures.mjs';
import { assertAllDelivered, deliveredTasks, fromPrompt, order, statesOf } from '../orders.mjs';

/** Seconds the executions sleep: long enough for the faults to happen meanwhile. */
const sleep = 180;

/** What makes an execution go on. */
const wakers = {
	/** Sleeps in the database, not in a worker: below 65 seconds n8n waits inside the process. */
	time: { wait: { amount: sleep, unit: 'seconds' } },
	/** The service's call, or the time. With the call the item is the call's body. */
	call: {
		wait: {
			resume: 'webhook',
			httpMethod: 'POST',
			limitWaitTime: true,
			limitType: 'afterTimeInterval',
			resumeAmount: sleep,
			resumeUnit: 'seconds',
			options: {},
		},
		webhookUrl: '={{ $execution.resumeUrl }}',
		taskId: "={{ $('Submit').first().json.task_id }}",
	},
};

/** The call goes to a port nobody listens on. */
const lostCall = { ...wakers.call, webhookUrl: `http://${host}:9/` };

/** Its first output: the task is still worked on. */
const stillWorking = {
	name: 'Still Working?',
	type: 'n8n-nodes-base.if',
	typeVersion: 2.2,
	parameters: {
		conditions: {
			options: { caseSensitive: true, leftValue: '', typeValidation: 'strict', version: 2 },
			conditions: [
				{
					id: randomUUID(),
					leftValue: '={{ ["queued", "processing"].includes($json.status) }}',
					rightValue: '',
					operator: { type: 'boolean', operation: 'true', singleValue: true },
				},
			],
			combinator: 'and',
		},
		options: {},
	},
};

const fetching = 'Get Task Result';

/**
 * Submit, a Wait node, Get Task Result: between the nodes the execution is in PostgreSQL, not in a
 * worker.
 *
 * @param {() => import('../cluster.mjs').Cluster} cluster
 * @param {(afterRestarts: () => void) => void} faults the suite that runs while the executions sleep
 */
export function testDurable(cluster, faults) {
	/**
	 * @param {string} name
	 * @param {{ service: import('../../shared/service.mjs').Service, executions?: number, items?: number }} ordered
	 * @param {{ wait: object, webhookUrl?: string, taskId?: string }} waker
	 */
	const start = async (
		name,
		ordered,
		{ wait, webhookUrl, taskId = "={{ $('Submit').item.json.task_id }}" },
	) => {
		const account = await cluster().n8n.account({ baseUrl: ordered.service.url });
		return await order(cluster(), {
			name,
			...ordered,
			steps: [
				fluxNode('Submit', account, {
					operation: 'submit',
					...fromPrompt,
					...(webhookUrl && { options: { webhookUrl } }),
				}),
				{
					name: 'Wait',
					type: 'n8n-nodes-base.wait',
					typeVersion: 1.1,
					webhookId: randomUUID(),
					parameters: wait,
				},
				fluxNode(fetching, account, { operation: 'getTaskResult', taskId }),
				stillWorking,
				{ name: 'Finished', type: 'n8n-nodes-base.noOp' },
			],
			branches: {
				[fetching]: [[stillWorking.name]],
				[stillWorking.name]: [['Wait'], ['Finished']],
			},
		});
	};

	describe('while executions sleep between Submit and Get Task Result,', () => {
		const rows = [
			{ name: 'durable-loop', ends: 'the time', waker: wakers.time, executions: 4, items: 3 },
			{ name: 'durable-called', ends: 'a call', waker: wakers.call, executions: 4, items: 1 },
			{
				name: 'durable-call-lost',
				ends: 'the time, as the call was lost',
				waker: lostCall,
				executions: 2,
				items: 1,
			},
		];
		/** @type {Map<string, import('../orders.mjs').Order>} */
		const orders = new Map();
		/** @param {string} name */
		const orderOf = (name) => /** @type {import('../orders.mjs').Order} */ (orders.get(name));

		before(async () => {
			await cluster().startWorker('worker-3');
			const { late: service } = cluster().services;
			for (const { name, waker, executions, items } of rows) {
				const ordered = await start(name, { service, executions, items }, waker);
				orders.set(name, ordered);
				await until(async () => {
					const all = await cluster().n8n.executionsOf(ordered.workflowId);
					return all.length === executions && all.every(isAsleep);
				}, `${name}: all executions sleep`);
			}
		});

		faults(() => {
			it('they sleep through a dead worker and the restarts', async () => {
				for (const { workflowId } of orders.values()) {
					const all = await cluster().n8n.executionsOf(workflowId);
					assert.deepEqual(statesOf(all), ['waiting']);
				}
				// Not by the clock: a call in the very moment of a restart would be another test.
				const { late } = cluster().services;
				for (const { id } of await late.paid()) await late.finish(id);
			});
		});

		for (const { name, ends } of rows) {
			it(`no fault loses one of them or makes one pay twice (the Wait node ends by ${ends})`, async () =>
				void (await assertAllDelivered(cluster(), orderOf(name), { node: fetching })));
		}
	});

	describe('when a worker dies in the middle of', () => {
		/** @typedef {import('../orders.mjs').Order & { id: string, status: string }} Dead */
		/** By the call that it died in. */
		const dead = /** @type {Record<'poll' | 'submit', Dead>} */ ({});

		before(async () => {
			const { quick: service } = cluster().services;
			for (const call of /** @type {const} */ (['poll', 'submit'])) {
				const name = `dies-in-${call}`;
				await service.planFault({ call, fault: { kind: 'stall' } });
				const ordered = await start(name, { service }, call === 'poll' ? wakers.call : wakers.time);
				await until(
					async () => (await service.requestsOf(name)).some((request) => request.call === call),
					`${name}: the call has come`,
				);
				const [{ id }] = await cluster().n8n.executionsOf(ordered.workflowId);
				dead[call] = { ...ordered, id, status: '' };
			}
			for (const { id } of Object.values(dead)) await cluster().killWorkerOf(id);
			// Workers look for the jobs of dead ones: there must be one.
			await cluster().startWorker('worker-5');
			for (const each of Object.values(dead)) {
				[{ status: each.status }] = await cluster().n8n.allEnded(each.workflowId, 1);
				const paid = (await each.service.paid(each.name)).length;
				printFigures(each.name, { 'n8n says': each.status, paid });
			}
		});

		it('Get Task Result, the task is paid for once, and n8n no longer has its ID', async () => {
			const { id, name, service, status } = dead.poll;
			assert.equal(status, 'error');
			// n8n 2.41.1 replaces the data of an execution whose worker died with nothing.
			assert.deepEqual((await cluster().n8n.execution(id)).resultData.runData, {});
			assert.deepEqual((await cluster().n8n.retry(id)).items(fetching), []);
			assert.equal((await service.paid(name)).length, 1);
		});

		it('Get Task Result, another one with a task ID that was kept delivers it, and pays nothing', async () => {
			const { n8n } = cluster();
			const { name, service } = dead.poll;
			const [{ id: taskId }] = await service.paid(name);
			const account = await n8n.account({ baseUrl: service.url });
			const node = fluxNode(fetching, account, { operation: 'getTaskResult', taskId });
			const workflow = await n8n.ensureWorkflow(workflowOf('kept task ID', [manualTrigger, node]));
			const execution = await n8n.run(workflow, { timeout: 60_000 });
			assert.deepEqual(await deliveredTasks(cluster(), [execution]), [taskId]);
			assert.equal((await service.paid(name)).length, 1);
		});

		it('Submit, what was accepted is paid for once, and its task ID is lost', async () => {
			const { name, service, status } = dead.submit;
			assert.equal(status, 'error');
			assert.equal((await service.paid(name)).length, 1);
		});
	});
}

/** @param {{ status: string }} execution */
const isAsleep = ({ status }) => status === 'waiting';
