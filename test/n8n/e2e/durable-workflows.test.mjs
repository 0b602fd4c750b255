import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { waitUntil } from '../../../scripts/lib/wait-until.mjs';
import { startEnvironment } from './environment.mjs';
import {
	callerForEachPrompt,
	examplesThatSleep,
	readExampleWith,
	subWorkflowTrigger,
	withPrompt,
	withPromptsOfTheCall,
	webhookTrigger,
	withTrigger,
} from './exampleVariants.mjs';
import { startInProduction, untilAsleep, untilService } from './production.mjs';

const byTime = 'submit-then-get-task-result.json';
const byWebhook = 'wake-up-by-webhook.json';
const inOneNode = 'text-to-image.json';

/** No task ends by itself: each test says when. */
const forEver = 24 * 60 * 60 * 1000;

/** Milliseconds for the longest wait of the examples, two minutes, and n8n's look every minute. */
const longestWait = 240_000;

// What n8n and the service do in the time before, at and after a crash. One crash serves all tests:
// the waits of the examples are minutes.
describe('Workflows in an n8n that is killed and started again', () => {
	/** @type {import('./environment.mjs').Environment} */
	let environment;
	let credential;
	/** @type {Record<string, Run>} started before the crash */
	const runs = {};
	let logBeforeCrash;

	/** @typedef {{ workflowId?: string, executionId: string, taskIds: string[] }} Run */

	const example = async (file, prompt) => {
		const workflow = await readExampleWith(file, credential);
		return prompt === undefined ? workflow : withPrompt(workflow, prompt);
	};

	/** Starts a workflow and waits until it sleeps. */
	const startAndSleep = async (workflow, call) => {
		const run = await startInProduction(environment, workflow, call);
		const execution = await untilAsleep(environment, run.executionId);
		return { ...run, taskIds: execution.items('Submit').map(({ json }) => json.task_id) };
	};

	/** Starts a workflow and waits until the service has taken its one task on. */
	const startAndSubmit = async (workflow, prompt) => {
		const run = await startInProduction(environment, workflow);
		const task = await untilService(environment, taskWith(prompt));
		return { ...run, taskIds: [task.id] };
	};

	const startByHand = async (workflow) => {
		const stored = await environment.n8n.ensureWorkflow({ ...workflow, name: randomUUID() });
		const executionId = await environment.n8n.startManually(stored);
		const execution = await untilAsleep(environment, executionId);
		assert.equal(execution.mode, 'manual');
		return { executionId, taskIds: execution.items('Submit').map(({ json }) => json.task_id) };
	};

	const taskWith = (prompt) => (tasks) => tasks.find((task) => task.prompt === prompt);
	const task = async (id) =>
		(await environment.simulatorState()).tasks.find((each) => each.id === id);
	const paidFor = async (prompt) =>
		(await environment.simulatorState()).tasks.filter((each) => each.prompt === prompt).length;
	const callsOf = async (run) => (await task(run.taskIds[0])).webhookTries;

	/** The end of a run that shall succeed with one image, whole and paid for once. */
	const assertOneImage = async (run, node = 'Image Is Ready') => {
		const execution = await environment.n8n.endOf(run.executionId, { timeout: longestWait });
		assert.equal(execution.failure, undefined);
		const items = execution.items(node);
		assert.deepEqual(
			items.map(({ json }) => json.task_id),
			run.taskIds,
		);
		await assertServed(items[0]);
		assert.equal(await paidFor((await task(run.taskIds[0])).prompt), 1);
		return execution;
	};

	/** The end of a run whose rounds are used up. */
	const assertTooLate = (execution, taskId) =>
		assert.ok(
			execution.failure?.startsWith(
				`Stop: Not Finished in Time: Task ${taskId} is still processing. It is paid for`,
			),
			execution.failure,
		);

	/** Fails unless n8n has stored exactly the bytes that the service serves for the item. */
	const assertServed = async (item) => {
		const stored = await environment.n8n.downloadBinary(item.binary.data);
		const served = await environment.servedBytes(item.json.image_url);
		assert.ok(served.length > 1000, 'the simulator served no image');
		assert.ok(stored.equals(served), `${stored.length} bytes stored, ${served.length} served`);
	};

	before(async () => {
		environment = await startEnvironment({
			name: 'n8n-durable',
			settings: { N8N_LOG_LEVEL: 'debug' },
			service: { processingMilliseconds: forEver, webhookRetryMilliseconds: 2000 },
		});
		credential = await environment.credential();

		runs.killedInSubmitAndWait = await startAndSubmit(
			await example(inOneNode, 'A crash while waiting'),
			'A crash while waiting',
		);
		runs.killedInGetTaskResult = await startAndSleep(
			await example(byWebhook, 'A crash while fetching'),
		);
		runs.calledWhileDown = await startAndSleep(await example(byWebhook, 'A call in vain'));
		runs.neverCalled = await startAndSleep(await example(byWebhook, 'No call'));
		runs.calledLater = await startAndSleep(await example(byWebhook, 'A call after the crash'));

		// The shorter the wait, the later: they shall all be in it at the crash.
		runs.byTime = await startAndSleep(await example(byTime, 'A crane by the hour'));
		runs.byTimeByHand = await startByHand(await example(byTime));
		runs.severalByTime = await startAndSleep(
			withPromptsOfTheCall(
				withTrigger(await example(byTime, '={{ $json.prompt }}'), webhookTrigger()),
			),
			{ prompts: ['First of three', 'Second of three [fail]', 'Third of three'] },
		);
		const short = await example(byTime, 'A crash in a short wait');
		short.nodes.find(({ name }) => name === 'Wait').parameters.amount = 60;
		runs.killedInShortWait = await startAndSubmit(short, 'A crash in a short wait');

		await environment.planFault({ call: 'submit', fault: { kind: 'stall' } });
		runs.killedInSubmit = await startAndSubmit(
			await example(byTime, 'A crash while submitting'),
			'A crash while submitting',
		);
		const [fetched] = runs.killedInGetTaskResult.taskIds;
		await environment.planFault({ call: 'poll', fault: { kind: 'stall' } });
		await environment.finishTask(fetched);
		await waitUntil(
			async () =>
				(await environment.simulatorState()).requests.some(
					({ call, taskId, status }) => call === 'poll' && taskId === fetched && status === 0,
				),
			{ timeout: 60_000, onTimeout: () => new Error('The call did not wake the workflow up') },
		);
		await waitUntil(
			async () => (await environment.n8nLog()).includes(runs.killedInSubmitAndWait.taskIds[0]),
			{ timeout: 60_000, onTimeout: () => new Error('The log does not name the task') },
		);

		await environment.killN8n();
		logBeforeCrash = await environment.n8nLog();
		const { byTime: one, byTimeByHand, severalByTime, calledWhileDown, neverCalled } = runs;
		for (const id of [one, byTimeByHand, severalByTime, calledWhileDown].flatMap(
			({ taskIds }) => taskIds,
		)) {
			await environment.finishTask(id);
		}
		await environment.finishTask(neverCalled.taskIds[0], { silent: true });
		await untilService(environment, (tasks) =>
			tasks.some(
				({ id, webhookTries }) => id === calledWhileDown.taskIds[0] && webhookTries.length === 5,
			),
		);
		await environment.startN8nAgain({ N8N_LOG_LEVEL: 'debug' });
	});
	after(async () => await environment?.stop());

	it('are all examples that sleep', async () => {
		assert.deepEqual(await examplesThatSleep(), [byTime, byWebhook]);
	});

	describe('killed in the middle of Submit and Wait', () => {
		const prompt = 'A crash while waiting';

		it('the execution is marked as crashed, and its task is paid for', async () => {
			const { executionId } = runs.killedInSubmitAndWait;
			const execution = await environment.n8n.execution(executionId);
			assert.equal(execution.status, 'crashed');
			assert.match(execution.failure, /^Draw a Lighthouse: Workflow did not finish/);
			assert.deepEqual(execution.items('Draw a Lighthouse'), []);
			assert.equal(await paidFor(prompt), 1);
		});

		it('the log at level debug has the task ID, and Get Task Result gets the image', async () => {
			const [line] = logBeforeCrash
				.split('\n')
				.filter((each) => /task submitted.*"nodeName":"Draw a Lighthouse"/.test(each));
			const [, taskId] = /"taskId":"([^"]+)"/.exec(line);
			assert.deepEqual([taskId], runs.killedInSubmitAndWait.taskIds);
			await environment.finishTask(taskId);
			const execution = await environment.runNodes([
				{ parameters: { operation: 'getTaskResult', taskId } },
			]);
			assert.equal(execution.failure, undefined);
			await assertServed(execution.items()[0]);
			assert.equal(await paidFor(prompt), 1);
		});

		it('"Retry execution" pays again: the memory has gone with the process', async () => {
			const retry = environment.n8n.rest(
				`/executions/${runs.killedInSubmitAndWait.executionId}/retry`,
				{ method: 'POST', body: { loadWorkflow: false } },
			);
			const [, second] = await untilService(environment, (tasks) => {
				const paid = tasks.filter((each) => each.prompt === prompt);
				return paid.length > 1 && paid;
			});
			await environment.finishTask(second.id);
			assert.equal((await retry).status, 'success');
			assert.equal(await paidFor(prompt), 2);
		});
	});

	describe('killed elsewhere', () => {
		it('in Get Task Result: the execution shows the task ID, and a retry gets the image', async () => {
			const { executionId, taskIds } = runs.killedInGetTaskResult;
			const execution = await environment.n8n.execution(executionId);
			assert.equal(execution.status, 'crashed');
			assert.deepEqual(
				execution.items('Submit').map(({ json }) => json.task_id),
				taskIds,
			);
			const { id, status } = await environment.n8n.rest(`/executions/${executionId}/retry`, {
				method: 'POST',
				body: { loadWorkflow: false },
			});
			assert.equal(status, 'success');
			await assertOneImage({ executionId: id, taskIds });
		});

		it('in a Wait of less than 65 seconds: crashed, but the execution shows the task ID', async () => {
			const { executionId, taskIds } = runs.killedInShortWait;
			const execution = await environment.n8n.execution(executionId);
			assert.equal(execution.status, 'crashed');
			assert.deepEqual(
				execution.items('Submit').map(({ json }) => json.task_id),
				taskIds,
			);
		});

		it('in Submit, before the answer: the task is paid for, and n8n never knew its ID', async () => {
			const { executionId, taskIds } = runs.killedInSubmit;
			const execution = await environment.n8n.execution(executionId);
			assert.equal(execution.status, 'crashed');
			assert.ok(!logBeforeCrash.includes(taskIds[0]));
			assert.equal(await paidFor('A crash while submitting'), 1);
		});
	});

	describe('wake up by webhook', () => {
		it('goes on at the call, when it comes after the crash', async () => {
			const run = runs.calledLater;
			await untilAsleep(environment, run.executionId);
			await environment.finishTask(run.taskIds[0]);
			const execution = await assertOneImage(run);
			assert.equal((await callsOf(run)).at(-1).status, 200);
			const [{ json }] = execution.items('Wait for the Call');
			assert.equal(json.body.payload.task.task_id, run.taskIds[0]);
		});

		it('works as it is, run by hand', async () => {
			const run = await startByHand(await example(byWebhook));
			await environment.finishTask(run.taskIds[0]);
			await assertOneImage(run);
		});

		it('stops with the reason when the task failed', async () => {
			const run = await startByHand(await example(byWebhook, 'A train [fail]'));
			await environment.finishTask(run.taskIds[0]);
			const { failure } = await environment.n8n.endOf(run.executionId, { timeout: longestWait });
			assert.ok(
				failure.startsWith(`Stop: Task Failed: Task ${run.taskIds[0]} failed: generation failed`),
				failure,
			);
		});

		it('takes a call as a hint only, and goes round ten times at most', async () => {
			const { executionId, taskIds } = await startAndSleep(await example(byWebhook, 'Never'));
			const { url } = (await task(taskIds[0])).body.extra.webhook;
			let calls = 0;
			const execution = await waitUntil(
				async () => {
					const current = await environment.n8n.execution(executionId);
					if (current.status === 'waiting' && (await fetch(url, { method: 'POST' })).ok) calls++;
					return current.status !== 'waiting' && current.status !== 'running' && current;
				},
				{ timeout: longestWait, onTimeout: () => new Error(`Still going after ${calls} calls`) },
			);
			assertTooLate(execution, taskIds[0]);
			assert.equal(calls, 10);
		});

		it('refuses a call before it sleeps, and takes the next try', async () => {
			const prompt = 'An early call';
			await environment.planFault({
				call: 'submit',
				fault: { kind: 'delay', milliseconds: 1000 },
			});
			const run = await startAndSubmit(await example(byWebhook, prompt), prompt);
			await environment.finishTask(run.taskIds[0]);
			await assertOneImage(run);
			const statuses = (await callsOf(run)).map(({ status }) => status);
			assert.equal(statuses[0], 409);
			assert.equal(statuses.at(-1), 200, `${statuses}`);
		});

		const several = { prompts: ['North', 'East', 'South'] };
		const forSeveral = async (prefix) =>
			withPromptsOfTheCall(
				withTrigger(await example(byWebhook, `=${prefix} {{ $json.prompt }}`), webhookTrigger()),
			);

		it('refuses several items before anything is paid', async () => {
			const { executionId } = await startInProduction(
				environment,
				await forSeveral('Guarded'),
				several,
			);
			const execution = await environment.n8n.endOf(executionId, { timeout: 60_000 });
			assert.match(execution.failure, /would submit 3 tasks, but 'Max Tasks' allows 1/);
			for (const each of several.prompts) assert.equal(await paidFor(`Guarded ${each}`), 0);
		});

		it('without that limit several items would lose all images but one', async () => {
			const workflow = await forSeveral('Unguarded');
			const submit = workflow.nodes.find(({ name }) => name === 'Submit');
			delete submit.parameters.options.maxTasks;
			const run = await startAndSleep(workflow, several);
			const [first, second] = run.taskIds;
			await environment.finishTask(first);
			const execution = await environment.n8n.endOf(run.executionId, { timeout: 60_000 });
			assert.equal(execution.failure, undefined);
			assert.deepEqual(
				execution.items('Image Is Ready').map(({ json }) => json.task_id),
				[first],
			);
			await environment.finishTask(second);
			const [call] = await untilService(environment, (tasks) => {
				const { webhookTries } = tasks.find(({ id }) => id === second);
				return webhookTries.length > 0 && webhookTries;
			});
			assert.equal(call.status, 409);
		});

		it('called once for each item by another workflow, all images arrive', async () => {
			const child = await environment.n8n.ensureWorkflow({
				...withTrigger(await example(byWebhook, '=Each {{ $json.prompt }}'), subWorkflowTrigger),
				name: randomUUID(),
			});
			await environment.n8n.publish(child);
			await startInProduction(environment, callerForEachPrompt(child), several);
			for (const each of several.prompts) {
				const { id } = await untilService(environment, taskWith(`Each ${each}`));
				await environment.finishTask(id);
			}
			const executions = await waitUntil(
				async () => {
					const all = await environment.n8n.executionsOf(child.id);
					return all.length === 3 && all.every(({ status }) => status === 'success') && all;
				},
				{ timeout: longestWait, onTimeout: () => new Error('Not all three got their image') },
			);
			const drawn = [];
			for (const { id } of executions) {
				const [item] = (await environment.n8n.execution(id)).items('Image Is Ready');
				await assertServed(item);
				drawn.push((await task(item.json.task_id)).prompt);
			}
			assert.deepEqual(drawn.sort(), ['Each East', 'Each North', 'Each South']);
		});
	});

	describe('submit, then get the task result', () => {
		it('goes on after the crash when the time is over', async () => {
			await assertOneImage(runs.byTime);
		});

		it('goes round twenty times at most', async () => {
			const workflow = await example(byTime, 'Never ready');
			workflow.nodes.find(({ name }) => name === 'Wait').parameters.amount = 0;
			const { executionId, taskIds } = await startAndSubmit(workflow, 'Never ready');
			const execution = await environment.n8n.endOf(executionId, { timeout: longestWait });
			assertTooLate(execution, taskIds[0]);
			assert.equal(execution.resultData.runData['Get Task Result'].length, 20);
		});

		it('goes on, too, when it was run by hand in the editor', async () => {
			await assertOneImage(runs.byTimeByHand);
		});

		it('of several items, those that succeed have their images before a failed one stops it', async () => {
			const { executionId, taskIds } = runs.severalByTime;
			const execution = await environment.n8n.endOf(executionId, { timeout: longestWait });
			assert.equal(execution.status, 'error');
			assert.match(
				execution.failure,
				new RegExp(`^Stop: Task Failed: Task ${taskIds[1]} failed: generation failed`),
			);
			const items = execution.items('Image Is Ready');
			assert.deepEqual(
				items.map(({ json }) => json.task_id),
				[taskIds[0], taskIds[2]],
			);
			for (const item of items) await assertServed(item);
		});
	});

	describe('wake up by webhook, without the call', () => {
		it('goes on at the limit when the service called in vain, five times', async () => {
			await assertOneImage(runs.calledWhileDown);
			const calls = await callsOf(runs.calledWhileDown);
			assert.equal(calls.length, 5);
			assert.ok(calls.every(({ failure }) => failure));
		});

		it('goes on at the limit when the service never calls', async () => {
			await assertOneImage(runs.neverCalled);
			assert.deepEqual(await callsOf(runs.neverCalled), []);
		});
	});
});
