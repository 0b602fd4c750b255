import { binaryModes, withoutBackOff } from '../../engine/workflows';
import loopOverItems from './loopOverItems.workflow.json';
import {
	bytesOf,
	itemsOfAllRuns,
	items,
	json,
	run,
	runWell,
	served,
	useDistinctImages,
	type Variant,
} from './neighbours';

const simulator = useDistinctImages();
withoutBackOff();

const node = 'Flux 2 Flex';
const retryOnFail = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };

/** The first and the third round ask for the same. */
const prompts = ['A kite', 'A boat', 'A kite'];

const variant = (settings: object = {}, more: Variant = {}): Variant => ({
	credentials: simulator.credentials,
	nodes: { [node]: settings },
	...more,
});

/** A poll that ends a try of the node; the task goes on. */
function failPoll({ skip = 0, times = 1 } = {}): void {
	const body = { reason: 'FEATURE_NOT_ALLOWED' };
	simulator.faults.add({ call: 'poll', skip, times, fault: { kind: 'status', status: 403, body } });
}

/** Ids of the tasks, in the order they were accepted, which is the order of the rounds. */
const taskIds = () => simulator.tasks.map(({ id }) => id);

describe.each(binaryModes)('in Loop Over Items, files: %s', (binaryMode) => {
	it.each([
		['as it is', {}],
		['with Retry On Fail', retryOnFail],
	])(
		'%s, pays once for each round and in its order, also for equal prompts',
		async (_, settings) => {
			const result = await runWell(loopOverItems, variant(settings, { binaryMode }));

			expect(simulator.paidPrompts()).toEqual(prompts);
			expect(simulator.count('submit')).toBe(3);
			const drawn = itemsOfAllRuns(result, node);
			expect(drawn.map((item) => item.json.task_id)).toEqual(taskIds());
			expect(drawn.map(({ pairedItem }) => pairedItem)).toEqual([
				{ item: 0 },
				{ item: 0 },
				{ item: 0 },
			]);

			const done = items(result, 'Done');
			expect(done.map((item) => item.json)).toMatchObject(
				prompts.map((prompt, index) => ({
					prompt,
					title: ['first', 'second', 'third'][index],
					task_id: taskIds()[index],
					file: drawn[index]!.binary!.data!.fileName,
				})),
			);
			for (const item of done) expect(await bytesOf(item)).toEqual(await served(item.json));
		},
	);

	it('takes several items in a round', async () => {
		const result = await runWell(loopOverItems, {
			...variant({}, { binaryMode }),
			nodes: { 'Loop Over Items': { parameters: { batchSize: 2, options: {} } } },
		});
		expect(simulator.tasks).toHaveLength(3);
		expect(json(result, 'Done')).toMatchObject([
			{ title: 'first', prompt: 'A kite' },
			{ title: 'second', prompt: 'A boat' },
			{ title: 'third', prompt: 'A kite' },
		]);
		for (const item of items(result, 'Done')) {
			expect(await bytesOf(item)).toEqual(await served(item.json));
		}
	});
});

describe('a round that fails', () => {
	it.each([0, 1, 2])(
		'number %i is picked up by Retry On Fail and not paid again',
		async (round) => {
			// Each round asks once when nothing is in the way.
			failPoll({ skip: round });
			const result = await runWell(loopOverItems, variant(retryOnFail));
			expect(simulator.paidPrompts()).toEqual(prompts);
			expect(simulator.count('submit')).toBe(3);
			expect(simulator.count('poll')).toBe(4);
			expect(json(result, 'Done').map(({ task_id: id }) => id)).toEqual(taskIds());
		},
	);

	it('each of them, and every time but the last', async () => {
		for (let round = 0; round < 3; round++) {
			failPoll({ times: 2 });
			// The faults of one call are used up one after the other; this one lets the third try pass.
			simulator.faults.add({ call: 'poll', fault: { kind: 'delay', milliseconds: 1 } });
		}
		const result = await runWell(loopOverItems, variant(retryOnFail));
		expect(simulator.paidPrompts()).toEqual(prompts);
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
		const result = await runWell(
			loopOverItems,
			variant({ ...retryOnFail, onError: 'continueRegularOutput' }),
		);
		expect(simulator.paidPrompts()).toEqual(prompts);
		expect(json(result, 'Done')).toMatchObject([
			{ title: 'first', error: expect.any(String) as string },
			{ title: 'second', task_id: taskIds()[1] },
			{ title: 'third', task_id: taskIds()[2] },
		]);
	});

	it('is carried on by Retry execution, with the rounds before it', async () => {
		failPoll({ skip: 1 });
		const failed = await run(loopOverItems, variant());
		expect(failed.status).toBe('error');
		expect(simulator.paidPrompts()).toEqual(['A kite', 'A boat']);

		const result = await runWell(loopOverItems, variant({}, { retryOf: failed }));
		expect(simulator.paidPrompts()).toEqual(prompts);
		expect(json(result, 'Done').map(({ task_id: id }) => id)).toEqual(taskIds());
	});
});
