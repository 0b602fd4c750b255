import assert from 'node:assert/strict';
import { availableParallelism, loadavg } from 'node:os';
import { describe, it } from 'node:test';
import { concurrency, taskMilliseconds } from '../cluster.mjs';
import { printFigures, seconds } from '../figures.mjs';
import { fluxNode, fromPrompt, manualWorkflow, webhookWorkflow } from '../workflows.mjs';

/** @param {() => import('../cluster.mjs').Cluster} cluster */
export function testThroughput(cluster) {
	/**
	 * Runs executions through the webhook processor, all called at once, and checks every image.
	 *
	 * @param {string} name
	 * @param {{ executions: number, itemsEach: number, workers: string[] }} options
	 * @returns {Promise<{ shares: number[], took: number }>} the executions of each worker, and
	 *   milliseconds from the first call to the end of the last execution
	 */
	const run = async (name, { executions, itemsEach, workers }) => {
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
		const took = Math.max(...ended.map(({ stoppedAt }) => Date.parse(stoppedAt))) - started;
		const load = loadavg()[0];

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
		printFigures(name, {
			workers: workers.length,
			'concurrency of each': concurrency,
			executions: `${executions} × ${itemsEach}`,
			paid: paid.length,
			'delivered whole': delivered.length,
			'executions of each worker': shares.join(' + '),
			'a task takes': seconds(taskMilliseconds.quick),
			took: seconds(took),
			'images a minute': Math.round(paid.length / (took / 60_000)),
			'polls a task': (polls.length / paid.length).toFixed(1),
			cores: availableParallelism(),
			'load of the machine': load.toFixed(1),
		});
		// One task for each item, one image for each task.
		assert.equal(new Set(paid.map(({ prompt }) => prompt)).size, executions * itemsEach);
		assert.equal(paid.length, executions * itemsEach);
		assert.deepEqual(delivered.sort(), paid.map(({ id }) => id).sort());
		return { shares, took };
	};

	describe('under load, started through the webhook processor', () => {
		// One image each, so that waiting dominates and not the processor, however busy it is.
		const small = { executions: 40, itemsEach: 1 };
		let alone = 0;

		it('one worker delivers every image whole and pays for each once', async () => {
			({ took: alone } = await run('one-worker', { ...small, workers: ['worker-1'] }));
		});

		it('two workers share the work, and are faster', async () => {
			await cluster().startWorker('worker-2');
			const both = await run('two-workers', { ...small, workers: ['worker-1', 'worker-2'] });
			printFigures('one worker compared with two', { speedup: (alone / both.took).toFixed(2) });
			assert.ok(both.took < alone * 0.8, `${alone} ms with one, ${both.took} ms with two`);
		});

		it('50 executions of 10 images are shared, delivered whole and paid once', async () => {
			const workers = ['worker-1', 'worker-2'];
			const { shares } = await run('fifty-by-ten', { executions: 50, itemsEach: 10, workers });
			assert.equal(shares[0] + shares[1], 50);
			for (const share of shares) assert.ok(share >= 10, shares.join(' + '));
		});
	});

	describe('by hand', () => {
		it('an execution from the editor runs on a worker and gives its image', async () => {
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
