import type { INode } from 'n8n-workflow';

import { binaryModes, withoutBackOff } from '../../engine/workflows';
import { bytesOf, fileOf, inputOf, items, json, pairs, served, useNeighbours } from './neighbours';
import { editFields, flux, n8nNode, workflow } from './workflow';

const { simulator, run, runWell, tasksOf } = useNeighbours();
withoutBackOff();

const retryOnFail = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };

/** The first and the third round ask for the same. */
const prompts = ['A kite', 'A boat', 'A kite'];

const input = inputOf(
	...['first', 'second', 'third'].map((title, index) => ({ title, prompt: prompts[index] })),
);

/** A loop around a Flux 2 Flex node with these settings. */
const loop = (settings: Partial<INode> = {}, batchSize = 1) =>
	workflow(
		{
			Loop: n8nNode('splitInBatches', 3, { batchSize, options: {} }),
			Draw: flux({ prompt: '={{ $json.prompt }}' }, settings),
			'Name the Image': editFields({
				prompt: "={{ $('Loop').item.json.prompt }}",
				title: "={{ $('Start').item.json.title }}",
				file: '={{ $binary.data.fileName }}',
			}),
			Done: n8nNode('noOp', 1),
		},
		{ Loop: [['Done'], ['Draw']], 'Name the Image': [['Loop']] },
	);

/** A poll that ends a try of the node; the task goes on. */
function failPoll({ skip = 0, times = 1 } = {}): void {
	const body = { reason: 'FEATURE_NOT_ALLOWED' };
	simulator.faults.add({ call: 'poll', skip, times, fault: { kind: 'status', status: 403, body } });
}

/** Ids of the tasks, in the order they were accepted, which is the order of the rounds. */
const taskIds = () => simulator.tasks.map(({ id }) => id);

describe.each(binaryModes)('Loop Over Items, with files in %s mode,', (binaryMode) => {
	it.each([
		['one item', 1, {}, [0, 0, 0]],
		['one item and Retry On Fail', 1, retryOnFail, [0, 0, 0]],
		['two items', 2, {}, [0, 1, 0]],
	])(
		'pays once for each item, also for equal prompts, with %s in a round',
		async (_, batchSize, settings, itemsOfRounds) => {
			const result = await runWell(loop(settings, batchSize), { binaryMode, input });

			expect(simulator.count('submit')).toBe(3);
			const drawn = items(result, 'Draw');
			expect(tasksOf(drawn).map(({ prompt }) => prompt)).toEqual(prompts);
			expect(new Set(tasksOf(drawn)).size).toBe(3);
			expect(pairs(result, 'Draw')).toEqual(itemsOfRounds.map((item) => ({ item })));

			expect(json(result, 'Done')).toMatchObject(
				input.map((item, index) => ({
					...item.json,
					task_id: drawn[index]!.json.task_id,
					file: fileOf(drawn[index]!).fileName,
				})),
			);
			expect(await bytesOf(items(result, 'Done'))).toEqual(await served(drawn));
		},
	);
});

describe('A round of Loop Over Items that fails', () => {
	it('is picked up by Retry On Fail and not paid again, each round and every time but the last', async () => {
		for (let round = 0; round < 3; round++) {
			failPoll({ times: 2 });
			// The faults of one call are used up one after the other; this one lets the third try pass.
			simulator.faults.add({ call: 'poll', fault: { kind: 'delay', milliseconds: 1 } });
		}
		const result = await runWell(loop(retryOnFail), { input });
		expect(simulator.paidPrompts()).toEqual(prompts);
		expect(simulator.count('submit')).toBe(3);
		expect(simulator.count('poll')).toBe(9);
		expect(json(result, 'Done').map(({ task_id: id }) => id)).toEqual(taskIds());
	});

	it.each([
		['whose task was given up', () => failPoll()],
		[
			'whose answer was lost',
			() => simulator.faults.add({ call: 'submit', fault: { kind: 'resetBeforeReply' } }),
		],
	])('%s leaves nothing behind for a later round with the same prompt', async (_, fail) => {
		fail();
		const result = await runWell(loop({ ...retryOnFail, onError: 'continueRegularOutput' }), {
			input,
		});
		expect(simulator.paidPrompts()).toEqual(prompts);
		expect(json(result, 'Done')).toMatchObject([
			{ title: 'first', error: expect.any(String) as string },
			{ title: 'second', task_id: taskIds()[1] },
			{ title: 'third', task_id: taskIds()[2] },
		]);
	});

	it('is carried on by Retry execution, with the rounds before it', async () => {
		failPoll({ skip: 1 });
		const failed = await run(loop(), { input });
		expect(failed.status).toBe('error');
		expect(simulator.paidPrompts()).toEqual(['A kite', 'A boat']);

		const result = await runWell(loop(), { retryOf: failed });
		expect(simulator.paidPrompts()).toEqual(prompts);
		expect(json(result, 'Done').map(({ task_id: id }) => id)).toEqual(taskIds());
	});
});
