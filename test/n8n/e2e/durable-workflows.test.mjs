import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { readExample, withCredential } from '../../../scripts/lib/examples.mjs';
import { assertStoredAsServed } from '../shared/images.mjs';
import { callWebhook } from '../shared/n8n.mjs';
import { until } from '../shared/until.mjs';
import {
	linksTo,
	promptsOfTheCall,
	subWorkflowTrigger,
	webhookTrigger,
	workflowOf,
} from '../shared/workflows.mjs';
import { startEnvironment } from './environment.mjs';
import { examplesThatSleep, withChanges } from './example.mjs';

const byTime = 'submit-then-get-task-result.json';
const byWebhook = 'wake-up-by-webhook.json';
const inOneNode = 'text-to-image.json';

/** The trigger of these examples. */
const triggerName = 'When clicking ‘Execute workflow’';

/** No task ends by itself: each test says when. */
const forEver = 24 * 60 * 60 * 1000;

/** Milliseconds for the longest wait of the examples, two minutes, and n8n's look every minute. */
const longestWait = 240_000;

/**
 * @typedef {object} Run
 * @property {string} executionId
 * @property {string[]} taskIds
 *
 * @typedef {import('../../../scripts/lib/examples.mjs').WorkflowJson} WorkflowJson
 */

// What n8n and the service do in the time before, at and after a crash. One crash serves all tests:
// the waits of the examples are minutes.
describe('Workflows in an n8n that is killed and started again', () => {
	/** @type {import('./environment.mjs').Environment} */
	let environment;
	/** @type {Record<string, Run>} started before the crash */
	const runs = {};
	let logBeforeCrash = '';

	/**
	 * @param {string} file of an example
	 * @param {string} prompt of its Submit
	 * @param {import('./example.mjs').Changes} [more]
	 * @returns the example with a webhook as its trigger
	 */
	const example = async (file, prompt, more = {}) => {
		const submitting = file === inOneNode ? 'Draw a Lighthouse' : 'Submit';
		const workflow = withChanges(await ofUser(file), {
			[triggerName]: webhookTrigger(),
			[submitting]: { parameters: { prompt } },
		});
		return withChanges(workflow, more);
	};

	/** @param {string} file of an example, as a user has it after choosing the credential */
	const ofUser = async (file) =>
		withCredential(await readExample(file), await environment.credential());

	/**
	 * Starts a workflow by a call of its webhook.
	 *
	 * @param {WorkflowJson} workflow
	 * @param {{ prompts?: string[] }} [call] its body
	 * @returns {Promise<string>} the id of the execution
	 */
	const start = async (workflow, call = {}) => {
		const { n8n } = environment;
		const stored = await n8n.ensureWorkflow({ ...workflow, name: `e2e ${randomUUID()}` });
		const trigger = stored.nodes.find(({ name }) => name === triggerName);
		const address = `${n8n.url}/webhook/${trigger?.parameters.path}`;
		await n8n.publishAt(stored, address);
		await callWebhook(address, call);
		const [{ id }] = await until(async () => {
			const executions = await n8n.executionsOf(stored.id);
			return executions.length > 0 && executions;
		}, 'n8n starts the workflow');
		return id;
	};

	/**
	 * @param {string} executionId
	 * @returns {Promise<Run>} as soon as it sleeps
	 */
	const asleep = async (executionId) => {
		const execution = await environment.n8n.untilAsleep(executionId);
		return { executionId, taskIds: taskIdsOf(execution, 'Submit') };
	};

	/**
	 * Starts an example and waits until it sleeps.
	 *
	 * @param {Parameters<typeof example>} variant
	 */
	const startAndSleep = async (...variant) => await asleep(await start(await example(...variant)));

	/**
	 * Starts an example and waits until the service has taken its one task on.
	 *
	 * @param {Parameters<typeof example>} variant
	 * @returns {Promise<Run>}
	 */
	const startAndSubmit = async (...variant) => {
		const executionId = await start(await example(...variant));
		return { executionId, taskIds: [await submitted(variant[1])] };
	};

	/** @param {string} file of an example */
	const startByHand = async (file) => {
		const { n8n } = environment;
		const stored = await n8n.ensureWorkflow({ ...(await ofUser(file)), name: randomUUID() });
		return await asleep(await n8n.startManually(stored));
	};

	/**
	 * @param {string} prompt
	 * @returns {Promise<string>} the id of its task
	 */
	const submitted = async (prompt) =>
		(await environment.service.until((tasks) => tasks.find((task) => task.prompt === prompt))).id;
	/** @param {string} prompt */
	const paidFor = async (prompt) => (await environment.service.paid(prompt)).length;
	/** @param {Run} run */
	const callsOf = async ({ taskIds: [id] }) => (await environment.service.task(id)).webhookTries;
	/** @param {Run} run */
	const endOf = async ({ executionId }) =>
		await environment.n8n.endOf(executionId, { timeout: longestWait });

	/**
	 * Fails unless a run succeeds with these images, whole and paid for once.
	 *
	 * @param {Run} run
	 */
	const assertImages = async (run) => {
		const execution = await endOf(run);
		assert.equal(execution.failure, undefined);
		assert.deepEqual(taskIdsOf(execution, 'Image Is Ready'), run.taskIds);
		for (const item of execution.items('Image Is Ready')) {
			await assertStoredAsServed(environment.n8n, item);
			const { prompt } = await environment.service.task(item.json.task_id);
			assert.equal(await paidFor(prompt), 1);
		}
		return execution;
	};

	/**
	 * Fails unless a run stops when its rounds are used up.
	 *
	 * @param {number} rounds
	 * @param {Run} run
	 */
	const assertGivesUpAfter = async (rounds, run) => {
		const { failure, resultData } = await endOf(run);
		assert.match(
			String(failure),
			new RegExp(
				`^Stop: Not Finished in Time: Task ${run.taskIds[0]} is still processing. It is paid for`,
			),
		);
		assert.equal(resultData.runData['Get Task Result'].length, rounds);
	};

	before(async () => {
		const settings = { N8N_LOG_LEVEL: 'debug' };
		environment = await startEnvironment({
			name: 'n8n-durable',
			settings,
			service: { processingMilliseconds: forEver, webhookRetryMilliseconds: 2000 },
		});
		const { service } = environment;

		runs.killedInGetTaskResult = await startAndSleep(byWebhook, 'A crash while fetching');
		runs.calledWhileDown = await startAndSleep(byWebhook, 'A call in vain');
		runs.neverCalled = await startAndSleep(byWebhook, 'No call');
		runs.calledLater = await startAndSleep(byWebhook, 'A call after the crash');

		// The shorter the wait, the later: they shall all be in it at the crash.
		runs.byTime = await startAndSleep(byTime, 'A crane by the hour');
		runs.byTimeByHand = await startByHand(byTime);
		runs.severalByTime = await asleep(
			await start(withPromptsOfTheCall(await example(byTime, '={{ $json.prompt }}')), {
				prompts: ['First of three', 'Second of three [fail]', 'Third of three'],
			}),
		);
		runs.killedInShortWait = await startAndSubmit(byTime, 'A crash in a short wait', {
			Wait: { parameters: { amount: 60 } },
		});

		await service.planFault({ call: 'submit', fault: { kind: 'stall' } });
		runs.killedInSubmit = await startAndSubmit(byTime, 'A crash while submitting');
		const [fetched] = runs.killedInGetTaskResult.taskIds;
		await service.planFault({ call: 'poll', fault: { kind: 'stall' } });
		await service.finish(fetched);
		await until(
			async () =>
				(await service.state()).requests.some(
					({ call, taskId, status }) => call === 'poll' && taskId === fetched && status === 0,
				),
			'the call wakes the workflow up',
		);
		// Not before: it asks again and again, and would take the stalled answer.
		runs.killedInSubmitAndWait = await startAndSubmit(inOneNode, 'A crash while waiting');
		await until(
			async () => (await environment.n8nLog()).includes(runs.killedInSubmitAndWait.taskIds[0]),
			'the log names the task',
		);

		await environment.killN8n();
		logBeforeCrash = await environment.n8nLog();
		const { byTime: one, byTimeByHand, severalByTime, calledWhileDown } = runs;
		for (const { taskIds } of [one, byTimeByHand, severalByTime, calledWhileDown]) {
			for (const id of taskIds) await service.finish(id);
		}
		await service.finish(runs.neverCalled.taskIds[0], { silent: true });
		await until(
			async () => (await callsOf(runs.calledWhileDown)).length === 5,
			'the service has given up calling',
		);
		await environment.startN8nAgain(settings);
	});
	after(async () => await environment?.stop());

	it('are all examples that sleep', async () => {
		assert.deepEqual(await examplesThatSleep(), [byTime, byWebhook]);
	});

	for (const { where, name, node, shown } of [
		{
			where: 'in the middle of Submit and Wait, and the execution has no task ID',
			name: 'killedInSubmitAndWait',
			node: 'Draw a Lighthouse',
			shown: false,
		},
		{
			where: 'in Get Task Result, and the execution shows the task ID',
			name: 'killedInGetTaskResult',
			node: 'Submit',
			shown: true,
		},
		{
			where: 'in a Wait of less than 65 seconds, and the execution shows the task ID',
			name: 'killedInShortWait',
			node: 'Submit',
			shown: true,
		},
		{
			where: 'in Submit, before the answer, and n8n never knew the task ID',
			name: 'killedInSubmit',
			node: 'Submit',
			shown: false,
		},
	]) {
		it(`are paid for and crash ${where}`, async () => {
			const { executionId, taskIds } = runs[name];
			const execution = await environment.n8n.execution(executionId);
			assert.equal(execution.status, 'crashed');
			assert.match(String(execution.failure), /Workflow did not finish/);
			assert.deepEqual(taskIdsOf(execution, node), shown ? taskIds : []);
			assert.equal(logBeforeCrash.includes(taskIds[0]), name !== 'killedInSubmit');
			assert.equal(await paidFor((await environment.service.task(taskIds[0])).prompt), 1);
		});
	}

	it('that crashed in Get Task Result get the image by a retry', async () => {
		const { executionId, taskIds } = runs.killedInGetTaskResult;
		const retried = await environment.n8n.retry(executionId);
		await assertImages({ executionId: retried.id, taskIds });
	});

	it('that crashed in Submit and Wait have their task ID in the log at level debug, and Get Task Result gets the image', async () => {
		const [line] = logBeforeCrash
			.split('\n')
			.filter((each) => /task submitted.*"nodeName":"Draw a Lighthouse"/.test(each));
		const taskId = /"taskId":"([^"]+)"/.exec(line)?.[1] ?? '';
		assert.deepEqual([taskId], runs.killedInSubmitAndWait.taskIds);
		await environment.service.finish(taskId);
		const execution = await environment.runNodes([{ operation: 'getTaskResult', taskId }]);
		assert.equal(execution.failure, undefined);
		await assertStoredAsServed(environment.n8n, execution.items()[0]);
		assert.equal(await paidFor('A crash while waiting'), 1);
	});

	it('that crashed in Submit and Wait pay again under "Retry execution": the memory has gone with the process', async () => {
		const retry = environment.n8n.retry(runs.killedInSubmitAndWait.executionId);
		const second = await environment.service.until(
			(tasks) => tasks.filter(({ prompt }) => prompt === 'A crash while waiting')[1],
		);
		await environment.service.finish(second.id);
		assert.equal((await retry).status, 'success');
		assert.equal(await paidFor('A crash while waiting'), 2);
	});

	for (const { title, name, calls } of [
		{ title: 'go on when the time of their Wait is over', name: 'byTime', calls: 0 },
		{ title: 'go on, too, when they were run by hand', name: 'byTimeByHand', calls: 0 },
		{
			title: 'go on at the time limit when the service called in vain, five times',
			name: 'calledWhileDown',
			calls: 5,
		},
		{
			title: 'go on at the time limit when the service never calls',
			name: 'neverCalled',
			calls: 0,
		},
	]) {
		it(title, async () => {
			await assertImages(runs[name]);
			const failures = (await callsOf(runs[name])).map((call) => 'failure' in call);
			assert.deepEqual(failures, Array(calls).fill(true));
		});
	}

	it('have the images of the items that succeeded before a failed one stops them', async () => {
		const run = runs.severalByTime;
		const [first, second, third] = run.taskIds;
		const execution = await endOf(run);
		assert.match(String(execution.failure), failed(second));
		assert.deepEqual(taskIdsOf(execution, 'Image Is Ready'), [first, third]);
		for (const item of execution.items('Image Is Ready')) {
			await assertStoredAsServed(environment.n8n, item);
		}
	});

	it('go on at the call, when it comes after the crash', async () => {
		const run = runs.calledLater;
		await environment.n8n.untilAsleep(run.executionId);
		await environment.service.finish(run.taskIds[0]);
		const execution = await assertImages(run);
		const [{ json }] = execution.items('Wait for the Call');
		assert.equal(json.body.payload.task.task_id, run.taskIds[0]);
	});

	describe('that wait by time', () => {
		it('go round twenty times at most', async () => {
			await assertGivesUpAfter(
				20,
				await startAndSubmit(byTime, 'Never ready', { Wait: { parameters: { amount: 0 } } }),
			);
		});
	});

	describe('that wake up by webhook', () => {
		it('take a call as a hint only, and go round ten times at most', async () => {
			const run = await startAndSleep(byWebhook, 'Never called');
			const { body } = await environment.service.task(run.taskIds[0]);
			const { url } = /** @type {{ webhook: { url: string } }} */ (body.extra).webhook;
			await until(async () => {
				const { status } = await environment.n8n.execution(run.executionId);
				if (status === 'waiting') await fetch(url, { method: 'POST' });
				return !['waiting', 'running'].includes(status);
			}, 'the rounds are used up');
			await assertGivesUpAfter(10, run);
		});

		it('work as they are, run by hand', async () => {
			const run = await startByHand(byWebhook);
			await environment.service.finish(run.taskIds[0]);
			await assertImages(run);
		});

		it('stop with the reason when the task failed', async () => {
			const run = await startAndSleep(byWebhook, 'A train [fail]');
			await environment.service.finish(run.taskIds[0]);
			assert.match(String((await endOf(run)).failure), failed(run.taskIds[0]));
		});

		it('refuse a call before they sleep, and take the next try', async () => {
			await environment.service.planFault({
				call: 'submit',
				fault: { kind: 'delay', milliseconds: 1000 },
			});
			const run = await startAndSubmit(byWebhook, 'An early call');
			await environment.service.finish(run.taskIds[0]);
			await assertImages(run);
			const statuses = (await callsOf(run)).map((call) => 'status' in call && call.status);
			assert.equal(statuses[0], 409);
			assert.equal(statuses.at(-1), 200, `${statuses}`);
		});

		const several = { prompts: ['North', 'East', 'South'] };

		it('refuse several items before anything is paid', async () => {
			const guarded = await example(byWebhook, '=Guarded {{ $json.prompt }}');
			const executionId = await start(withPromptsOfTheCall(guarded), several);
			const { failure } = await endOf({ executionId, taskIds: [] });
			assert.match(String(failure), /would submit 3 tasks, but 'Max Tasks' allows 1/);
			assert.equal(await paidFor('Guarded'), 0);
		});

		it('would lose all images of several items but one without that limit', async () => {
			const unguarded = await example(byWebhook, '=Unguarded {{ $json.prompt }}', {
				Submit: { parameters: { options: { maxTasks: undefined } } },
			});
			const run = await asleep(await start(withPromptsOfTheCall(unguarded), several));
			const [first, second] = run.taskIds;
			await environment.service.finish(first);
			await assertImages({ ...run, taskIds: [first] });
			await environment.service.finish(second);
			const late = { ...run, taskIds: [second] };
			const [call] = await until(async () => {
				const calls = await callsOf(late);
				return calls.length > 0 && calls;
			}, 'the service calls for the second task');
			assert.equal('status' in call && call.status, 409);
		});

		it('get all images when another workflow calls them once for each item', async () => {
			const { n8n, service } = environment;
			const workflow = await example(byWebhook, '=Each {{ $json.prompt }}', {
				[triggerName]: subWorkflowTrigger,
			});
			const child = await n8n.ensureWorkflow({ ...workflow, name: randomUUID() });
			await n8n.publish(child);
			await start(callerForEachPrompt(child.id), several);
			for (const each of several.prompts) await service.finish(await submitted(`Each ${each}`));
			const drawn = [];
			for (const { id } of await n8n.allEnded(child.id, 3)) {
				const [item] = (await n8n.execution(id)).items('Image Is Ready');
				await assertStoredAsServed(n8n, item);
				drawn.push((await service.task(item.json.task_id)).prompt);
			}
			assert.deepEqual(drawn.sort(), ['Each East', 'Each North', 'Each South']);
		});
	});
});

/**
 * @param {import('../../../scripts/lib/n8n-client.mjs').Execution} execution
 * @param {string} node
 * @returns {string[]}
 */
const taskIdsOf = (execution, node) => execution.items(node).map(({ json }) => json.task_id);

/** @param {string} id of a task */
const failed = (id) => new RegExp(`^Stop: Task Failed: Task ${id} failed: generation failed`);

/**
 * Puts a node behind the trigger that makes the list `prompts` of its call into items.
 *
 * @param {WorkflowJson} workflow
 */
const withPromptsOfTheCall = ({ nodes, connections, ...workflow }) => ({
	...workflow,
	nodes: [
		...nodes,
		{ id: randomUUID(), typeVersion: 1, position: [120, 160], ...promptsOfTheCall },
	],
	connections: {
		...connections,
		[triggerName]: linksTo([promptsOfTheCall.name]),
		[promptsOfTheCall.name]: connections[triggerName],
	},
});

/**
 * @param {string} workflowId
 * @returns a workflow that runs the other one once for each of its call's prompts and does not wait,
 *   as the note of the example tells the user to
 */
const callerForEachPrompt = (workflowId) =>
	workflowOf(
		'',
		[
			{ name: triggerName, ...webhookTrigger() },
			promptsOfTheCall,
			{ name: 'Loop', type: 'n8n-nodes-base.splitInBatches', typeVersion: 3 },
			{
				name: 'Call',
				type: 'n8n-nodes-base.executeWorkflow',
				typeVersion: 1.2,
				parameters: {
					workflowId: { __rl: true, mode: 'id', value: workflowId },
					options: { waitForSubWorkflow: false },
				},
			},
		],
		// The first output of the loop is for when all rounds are done.
		{ Loop: [[], ['Call']], Call: [['Loop']] },
	);
