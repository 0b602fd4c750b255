import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { host } from '../../../scripts/lib/ports.mjs';
import { printFigures } from '../figures.mjs';
import {
	callableWait,
	finished,
	fluxNode,
	fromPrompt,
	sleepingWait,
	stillWorking,
	webhookWorkflow,
} from '../workflows.mjs';

/** Seconds the executions sleep: long enough for the faults to happen meanwhile. */
const sleep = 150;

/** A port nobody listens on: the service's call is lost. */
const nobody = `http://${host}:9/`;

/**
 * Submit, a Wait node, Get Task Result: between the nodes the execution is in PostgreSQL, not in a
 * worker.
 *
 * @param {() => import('../cluster.mjs').Cluster} cluster
 * @param {() => void} faults the suite that runs while the executions sleep
 */
export function testDurable(cluster, faults) {
	/** Asks again until the task has ended. */
	const loop = {
		'Get Task Result': [['Still Working?']],
		'Still Working?': [['Wait'], ['Finished']],
	};

	/**
	 * @param {string} path
	 * @param {{ service: import('../service.mjs').Service, wait: object, webhookUrl?: string, taskId?: string }} options
	 */
	const publish = async (
		path,
		{ service, wait, webhookUrl, taskId = "={{ $('Submit').item.json.task_id }}" },
	) => {
		const credential = await cluster().credential(service);
		return await cluster().publish(
			webhookWorkflow(
				path,
				[
					fluxNode('Submit', credential, {
						operation: 'submit',
						...fromPrompt,
						...(webhookUrl && { options: { webhookUrl } }),
					}),
					wait,
					fluxNode('Get Task Result', credential, { operation: 'getTaskResult', taskId }),
					stillWorking,
					finished,
				],
				loop,
			),
		);
	};

	/** With the time limit the item is what came into the Wait node, with a call it is the call's body. */
	const firstTask = "={{ $('Submit').first().json.task_id }}";

	const cases = [
		{ name: 'durable-loop', count: 4, items: 3, wait: sleepingWait(sleep) },
		{
			name: 'durable-called',
			count: 4,
			items: 1,
			wait: callableWait(sleep),
			webhookUrl: '={{ $execution.resumeUrl }}',
			taskId: firstTask,
		},
		{
			name: 'durable-call-lost',
			count: 2,
			items: 1,
			wait: callableWait(sleep),
			webhookUrl: nobody,
			taskId: firstTask,
		},
	];

	describe('Submit, Wait, Get Task Result', () => {
		/** @type {Map<string, { id: string }>} */
		const workflows = new Map();

		before(async () => {
			const { slow } = cluster();
			for (const { name, count, items, ...options } of cases) {
				const workflow = await publish(name, { service: slow, ...options });
				workflows.set(name, workflow);
				for (let execution = 0; execution < count; execution++) {
					await cluster().call(
						name,
						Array.from({ length: items }, (_, item) => `${name} ${execution}-${item}.`),
					);
				}
				await cluster().until(async () => {
					const all = await cluster().executions(workflow.id);
					return all.length === count && all.every(({ status }) => status === 'waiting');
				}, `${name}: all executions sleep`);
			}
		});

		faults();

		for (const { name, count, items } of cases) {
			it(`${name}: nothing is lost and each picture is paid once, whatever happened meanwhile`, async () => {
				const ended = await cluster().ended(workflows.get(name).id, count, (sleep + 60) * 1000);
				assert.deepEqual([...new Set(ended.map(({ status }) => status))], ['success']);
				const delivered = [];
				for (const { id } of ended) {
					const execution = await cluster().execution(id);
					delivered.push(...(await cluster().deliveredTasks(execution, 'Get Task Result')));
				}
				const paid = await cluster().slow.paid(name);
				printFigures(name, {
					ordered: count * items,
					paid: paid.length,
					delivered: delivered.length,
					'to do': 'nothing',
				});
				assert.equal(paid.length, count * items);
				assert.deepEqual(delivered.sort(), paid.map(({ id }) => id).sort());
			});
		}
	});

	describe('Submit, Wait, Get Task Result, when a worker dies in the middle of a node', () => {
		it('Get Task Result: Retry execution delivers, and nothing is paid again', async () => {
			const name = 'dies-fetching';
			const { quick } = cluster();
			const workflow = await publish(name, {
				service: quick,
				wait: callableWait(sleep),
				webhookUrl: '={{ $execution.resumeUrl }}',
				taskId: firstTask,
			});
			await quick.planFault({ call: 'poll', fault: { kind: 'stall' } });
			await cluster().call(name, [`${name}.`]);
			const [{ id }] = await cluster().until(async () => {
				const { requests } = await quick.state();
				const all = await cluster().executions(workflow.id);
				const [task] = await quick.paid(name);
				return requests.some(({ call, taskId }) => call === 'poll' && taskId === task?.id) && all;
			}, 'the worker asks for the task');
			await cluster().killWorkerOf(id);
			await cluster().startWorker('worker-5');
			const [{ status }] = await cluster().ended(workflow.id, 1);
			const retried = await cluster().retry(id);
			const delivered = await cluster().deliveredTasks(retried, 'Get Task Result');
			const paid = await quick.paid(name);
			printFigures(name, {
				ordered: 1,
				'n8n says': status,
				'delivered after a retry': delivered.length,
				paid: paid.length,
				'to do': 'Retry execution',
			});
			assert.equal(status, 'error');
			assert.deepEqual(
				delivered,
				paid.map((task) => task.id),
			);
			assert.equal(paid.length, 1);
		});

		it('Submit: what was accepted is paid and its task ID is lost, the one gap there is', async () => {
			const name = 'dies-submitting';
			const { quick } = cluster();
			const workflow = await publish(name, { service: quick, wait: sleepingWait(sleep) });
			await quick.planFault({ call: 'submit', fault: { kind: 'stall' } });
			await cluster().call(name, [`${name}.`]);
			await cluster().until(
				async () => (await quick.paid(name)).length === 1,
				'the service has accepted the task',
			);
			const [{ id }] = await cluster().executions(workflow.id);
			await cluster().killWorkerOf(id);
			await cluster().startWorker('worker-6');
			const [{ status }] = await cluster().ended(workflow.id, 1);
			const paid = (await quick.paid(name)).length;
			printFigures(name, {
				ordered: 1,
				'n8n says': status,
				paid,
				delivered: 0,
				'to do': 'start it again, which pays again',
			});
			assert.equal(status, 'error');
			assert.equal(paid, 1);
		});
	});
}
