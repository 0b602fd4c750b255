import type { IDataObject } from 'n8n-workflow';

import { Ledger } from '../../nodes/Flux2Flex/run/ledger';

const request = { prompt: 'a cat', seed: 1 };
const accepted = (taskId: string) =>
	({ state: 'accepted', receipt: { taskId, charges: {} }, acceptedAt: 7 }) as const;
const unconfirmed = { state: 'unconfirmed', cause: 'ECONNRESET' } as const;

/** What n8n does to the context between an execution and its retry. */
const stored = (context: IDataObject) => JSON.parse(JSON.stringify(context)) as IDataObject;

test('a request nobody has sent is not known', () => {
	const ledger = new Ledger({});
	expect(ledger.find(ledger.claim(0, request))).toBeUndefined();
	for (const key of ['toString', '__proto__', 'constructor', '']) {
		expect(ledger.find(key)).toBeUndefined();
	}
});

test.each([
	['as it is', (context: IDataObject) => context],
	['stored and loaded', stored],
])('the next try finds what this one recorded, in a context %s', (_name, handOver) => {
	const context: IDataObject = {};
	const first = new Ledger(context);
	first.record(first.claim(0, request), accepted('task-1'));
	first.record(first.claim(1, request), unconfirmed);
	first.release();

	const second = new Ledger(handOver(context));
	expect(second.find(second.claim(0, request))).toEqual(accepted('task-1'));
	expect(second.find(second.claim(1, request))).toEqual(unconfirmed);
	expect(second.find(second.claim(2, request))).toBeUndefined();
});

test('another request or another item is something else', () => {
	const context: IDataObject = {};
	const first = new Ledger(context);
	first.record(first.claim(3, request), accepted('task-1'));
	first.release();

	const second = new Ledger(context);
	expect(second.find(second.claim(3, { ...request, prompt: 'a dog' }))).toBeUndefined();
	expect(second.find(second.claim(3, { ...request, seed: 2 }))).toBeUndefined();
	expect(second.find(second.claim(4, request))).toBeUndefined();
	expect(second.find(second.claim(3, request))).toEqual(accepted('task-1'));
});

test('equal items have keys of their own', () => {
	const ledger = new Ledger({});
	const keys = [0, 1, 2].map((itemIndex) => ledger.claim(itemIndex, request));
	expect(new Set(keys).size).toBe(3);
});

test('runs at the same time, with equal requests, stay apart', () => {
	const context: IDataObject = {};
	const [first, second] = [new Ledger(context), new Ledger(context)];
	const firstKey = first.claim(0, request);
	const secondKey = second.claim(0, request);
	expect(secondKey).not.toBe(firstKey);
	first.record(firstKey, accepted('task-1'));
	expect(second.find(secondKey)).toBeUndefined();
	second.record(secondKey, accepted('task-2'));

	first.settle();
	first.release();
	expect(second.find(secondKey)).toEqual(accepted('task-2'));
	second.release();

	const third = new Ledger(context);
	const found = [third.claim(0, request), third.claim(0, request)].map((key) => third.find(key));
	expect(found).toContainEqual(accepted('task-2'));
	expect(found).not.toContainEqual(accepted('task-1'));
});

test('runs in different contexts know nothing of each other', () => {
	const [one, other] = [new Ledger({}), new Ledger({})];
	one.record(one.claim(0, request), accepted('task-1'));
	expect(other.find(other.claim(0, request))).toBeUndefined();
});

test('settling forgets what this run recorded, and nothing of others', () => {
	const context: IDataObject = {};
	const earlier = new Ledger(context);
	earlier.record(earlier.claim(9, request), accepted('task-9'));
	earlier.release();

	const ledger = new Ledger(context);
	const keys = [ledger.claim(0, request), ledger.claim(1, request)];
	ledger.record(keys[0] ?? '', accepted('task-1'));
	ledger.record(keys[1] ?? '', unconfirmed);
	ledger.settle();
	ledger.release();

	const next = new Ledger(stored(context));
	expect(next.find(next.claim(0, request))).toBeUndefined();
	expect(next.find(next.claim(1, request))).toBeUndefined();
	expect(next.find(next.claim(9, request))).toEqual(accepted('task-9'));
});

test('outstanding is what this run paid for, or may have, and can still get', () => {
	const context: IDataObject = {};
	const earlier = new Ledger(context);
	earlier.record(earlier.claim(9, request), accepted('task-9'));
	earlier.release();

	const ledger = new Ledger(context);
	expect(ledger.outstanding()).toEqual({ taskIds: [], unconfirmedItems: [] });
	const [one, other, third] = [0, 1, 2].map((itemIndex) => ledger.claim(itemIndex, request));
	ledger.claim(3, request);
	ledger.record(one ?? '', accepted('task-1'));
	ledger.record(other ?? '', accepted('unknown to the service'));
	ledger.record(third ?? '', unconfirmed);
	ledger.markUnknown(other ?? '');
	expect(ledger.outstanding()).toEqual({ taskIds: ['task-1'], unconfirmedItems: [2] });
});

test('forgetting one leaves the others', () => {
	const context: IDataObject = {};
	const ledger = new Ledger(context);
	const keys = [0, 1].map((itemIndex) => ledger.claim(itemIndex, request));
	for (const key of keys) ledger.record(key, accepted(`task of ${key}`));
	ledger.forget(keys[0] ?? '');
	expect(ledger.find(keys[0] ?? '')).toBeUndefined();
	expect(ledger.find(keys[1] ?? '')).toBeDefined();
});

test('other nodes of the workflow keep what they store beside it', () => {
	const context: IDataObject = { currentRunIndex: 3 };
	const ledger = new Ledger(context);
	ledger.record(ledger.claim(0, request), accepted('task-1'));
	ledger.settle();
	expect(context.currentRunIndex).toBe(3);
});

test('neither prompt nor image stands in the context, only a digest of them', () => {
	const context: IDataObject = {};
	const ledger = new Ledger(context);
	ledger.record(
		ledger.claim(0, { prompt: 'top secret', images: ['x'.repeat(1e6)] }),
		accepted('task-1'),
	);
	const text = JSON.stringify(context);
	expect(text).not.toContain('top secret');
	expect(text.length).toBeLessThan(500);
});
