import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { host } from '../../../../scripts/lib/ports.mjs';
import { printFigures } from '../figures.mjs';
import {
	callableWait,
	finished,
	fluxNode,
	fromPrompt,
	manualWorkflow,
	sleepingWait,
	stillWorking,
	webhookWorkflow,
} from '../workflows.mjs';

/** Seconds the executions sleep: long enough for the faults to happen meanwhile. */
const sleep = 180;

/** A port nobody listens on: the service's call is lost. */
const nobody = `http://${host}:9/`;

/**
 * Submit, a Wait node, Get Task Result: between the nodes the execution is in PostgreSQL, not in a
 * worker.
 *
 * @param {() => import('../cluster.mjs').Cluster} cluster
 * @param {(afterRestarts: () => void) => void} faults the suite that runs while the executions sleep
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
			await cluster().startWorker('worker-3');
			const { late } = cluster();
			for (const { name, count, items, ...options } of cases) {
				const workflow = await publish(name, { service: late, ...options });
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

		faults(() => {
			for (const { name } of cases) {
				it(`${name} sleeps through all of this`, async () => {
					const all = await cluster().executions(workflows.get(name).id);
					assert.deepEqual([...new Set(all.map(({ status }) => status))], ['waiting']);
				});
			}

			// Not by the clock: a call in the very moment of a restart would be another test.
			it('the service ends their tasks, and calls', async () => await cluster().late.finishAll());
		});

		for (const { name, count, items } of cases) {
			it(`${name}: nothing is lost and each image is paid once, whatever happened meanwhile`, async () => {
				const ended = await cluster().ended(workflows.get(name).id, count, (sleep + 60) * 1000);
				assert.deepEqual([...new Set(ended.map(({ status }) => status))], ['success']);
				const delivered = [];
				for (const { id } of ended) {
					const execution = await cluster().execution(id);
					delivered.push(...(await cluster().deliveredTasks(execution, 'Get Task Result')));
				}
				const paid = await cluster().late.paid(name);
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
		const fetching = { name: 'dies-fetching', id: '', status: '' };
		const submitting = { name: 'dies-submitting', id: '', status: '' };

		before(async () => {
			const { quick } = cluster();
			const first = await publish(fetching.name, {
				service: quick,
				wait: callableWait(sleep),
				webhookUrl: '={{ $execution.resumeUrl }}',
				taskId: firstTask,
			});
			await quick.planFault({ call: 'poll', fault: { kind: 'stall' } });
			await cluster().call(fetching.name, [`${fetching.name}.`]);
			await cluster().until(
				async () => (await quick.requestsOf(fetching.name)).some(({ call }) => call === 'poll'),
				'Get Task Result asks for the task',
			);

			const second = await publish(submitting.name, { service: quick, wait: sleepingWait(sleep) });
			await quick.planFault({ call: 'submit', fault: { kind: 'stall' } });
			await cluster().call(submitting.name, [`${submitting.name}.`]);
			await cluster().until(
				async () => (await quick.paid(submitting.name)).length === 1,
				'the service has accepted the task',
			);

			for (const [dying, workflow] of [
				[fetching, first],
				[submitting, second],
			]) {
				[{ id: dying.id }] = await cluster().executions(workflow.id);
				await cluster().killWorkerOf(dying.id);
			}
			// Workers look for the jobs of dead ones: there must be one.
			await cluster().startWorker('worker-5');
			for (const [dying, workflow] of [
				[fetching, first],
				[submitting, second],
			]) {
				[{ status: dying.status }] = await cluster().ended(workflow.id, 1);
			}
		});

		it('Get Task Result: paid once, and the task ID is no longer in the execution', async () => {
			const { quick } = cluster();
			const { resultData } = await cluster().execution(fetching.id);
			const retried = await cluster().retry(fetching.id);
			const [task, ...others] = await quick.paid(fetching.name);
			printFigures(fetching.name, {
				'n8n says': fetching.status,
				paid: 1 + others.length,
				'task ID in the execution': JSON.stringify(resultData).includes(task.id) ? 'yes' : 'no',
				'delivered by a retry': retried.items('Get Task Result').length,
				'to do': 'Get Task Result with the task ID, if it was kept elsewhere',
			});
			assert.equal(fetching.status, 'error');
			assert.deepEqual(others, []);
			// n8n 2.41.1 replaces the data of an execution whose worker died with nothing.
			assert.deepEqual(resultData.runData, {});
			assert.deepEqual(retried.items('Get Task Result'), []);
		});

		it('Get Task Result with a task ID that was kept delivers it, and pays nothing', async () => {
			const { quick } = cluster();
			const [{ id: taskId }] = await quick.paid(fetching.name);
			const node = fluxNode('Get Task Result', await cluster().credential(quick), {
				operation: 'getTaskResult',
				taskId,
			});
			const workflow = await cluster().n8n.ensureWorkflow(manualWorkflow('kept task ID', [node]));
			const execution = await cluster().n8n.run(workflow, { timeout: 60_000 });
			assert.deepEqual(await cluster().deliveredTasks(execution), [taskId]);
			assert.equal((await quick.paid(fetching.name)).length, 1);
		});

		it('Submit: what was accepted is paid, and its task ID is lost', async () => {
			const paid = (await cluster().quick.paid(submitting.name)).length;
			printFigures(submitting.name, {
				'n8n says': submitting.status,
				paid,
				delivered: 0,
				'to do': 'start it again, which pays again',
			});
			assert.equal(submitting.status, 'error');
			assert.equal(paid, 1);
		});
	});
}
