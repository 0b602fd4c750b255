import assert from 'node:assert/strict';
import { availableParallelism, loadavg } from 'node:os';
import { describe, it } from 'node:test';
import { concurrency, taskMilliseconds } from '../cluster.mjs';
import { printFigures, seconds } from '../figures.mjs';
import { fluxNode, fromPrompt, manualWorkflow, webhookWorkflow } from '../workflows.mjs';

const executions = 50;
const itemsEach = 10;

/** @param {() => import('../cluster.mjs').Cluster} cluster */
export function testThroughput(cluster) {
	/** @type {Record<string, number>} milliseconds by number of workers */
	const took = {};

	/**
	 * @param {string} name
	 * @param {string[]} workers
	 */
	const run = async (name, workers) => {
		const { quick } = cluster();
		const node = fluxNode('Flux', await cluster().credential(quick), fromPrompt);
		const workflow = await cluster().publish(webhookWorkflow(name, [node]));
		const started = Date.now();
		await Promise.all(
			Array.from({ length: executions }, (_, execution) =>
				cluster().call(
					name,
					Array.from({ length: itemsEach }, (__, item) => `${name} ${execution}-${item}.`),
				),
			),
		);
		const ended = await cluster().ended(workflow.id, executions, 300_000);
		const last = Math.max(...ended.map(({ stoppedAt }) => Date.parse(stoppedAt)));

		assert.equal(ended.length, executions);
		assert.deepEqual([...new Set(ended.map(({ status }) => status))], ['success']);
		const paid = await quick.paid(name);
		const polls = (await quick.requestsOf(name)).filter(({ call }) => call === 'poll');
		const delivered = [];
		for (const { id } of ended) {
			delivered.push(...(await cluster().deliveredTasks(await cluster().execution(id))));
		}
		const shares = await Promise.all(
			workers.map(async (worker) => {
				const begun = new Set(await cluster().begunBy(worker));
				return ended.filter(({ id }) => begun.has(id)).length;
			}),
		);
		took[workers.length] = last - started;
		printFigures(`${workers.length} worker(s), concurrency ${concurrency}`, {
			executions,
			'pictures ordered': executions * itemsEach,
			paid: paid.length,
			'delivered whole': delivered.length,
			'executions of each worker': shares.join(' + '),
			'polls a task': (polls.length / paid.length).toFixed(1),
			'a task takes': seconds(taskMilliseconds.quick),
			took: seconds(took[workers.length]),
			cores: availableParallelism(),
			'load of the machine': loadavg()[0].toFixed(1),
			'pictures a minute': Math.round(paid.length / (took[workers.length] / 60_000)),
		});
		// One task for each item, one picture for each task.
		assert.equal(new Set(paid.map(({ prompt }) => prompt)).size, executions * itemsEach);
		assert.equal(paid.length, executions * itemsEach);
		assert.deepEqual(delivered.sort(), paid.map(({ id }) => id).sort());
		return shares;
	};

	describe('under load, started through the webhook processor', () => {
		it('one worker delivers every picture whole and pays for each once', async () => {
			const shares = await run('one-worker', ['worker-1']);
			assert.deepEqual(shares, [executions]);
		});

		it('two workers share the work, deliver every picture whole and pay for each once', async () => {
			await cluster().startWorker('worker-2');
			const shares = await run('two-workers', ['worker-1', 'worker-2']);
			assert.equal(shares[0] + shares[1], executions);
			for (const share of shares) assert.ok(share >= executions / 5, shares.join(' + '));
		});

		it('two workers are faster than one', () => {
			printFigures('one worker compared with two', { speedup: (took[1] / took[2]).toFixed(2) });
			// Waiting dominates, so it is nearly 2; a busy machine must not fail the test.
			assert.ok(took[2] < took[1] * 0.8, `${took[1]} ms with one, ${took[2]} ms with two`);
		});
	});

	describe('by hand', () => {
		it('an execution from the editor runs on a worker and gives its picture', async () => {
			const node = fluxNode('Flux', await cluster().credential(cluster().quick), {
				...fromPrompt,
				prompt: 'by hand',
			});
			const workflow = await cluster().n8n.ensureWorkflow(manualWorkflow('by hand', [node]));
			const execution = await cluster().n8n.run(workflow, { timeout: 60_000 });
			assert.equal(execution.failure, undefined);
			assert.equal((await cluster().deliveredTasks(execution)).length, 1);
			const begun = await Promise.all(
				[...cluster().workers.keys()].map((worker) => cluster().begunBy(worker)),
			);
			assert.ok(begun.flat().includes(execution.id), 'no worker ran it');
		});
	});
}
