import { NodeApiError, NodeOperationError, type IBinaryData, type INode } from 'n8n-workflow';

import { prompt } from '../../nodes/Flux2Flex/description/request';
import { timeout } from '../../nodes/Flux2Flex/description/options';
import { Item } from '../../nodes/Flux2Flex/run/item';
import type { NodeRun } from '../../nodes/Flux2Flex/run/nodeRun';
import { signLink } from '../../nodes/Flux2Flex/run/signedLink';

const node = { name: 'Flux', type: 'flux2Flex' } as INode;

interface Setting {
	isTool?: boolean;
	taskId?: string;
	/** What n8n gives for the parameters with these names. */
	values?: Record<string, unknown>;
	sign?: () => string;
}

function itemWith({ isTool = false, taskId, values = {}, sign }: Setting = {}) {
	const getNodeParameter = jest.fn((name: string) => {
		if (values[name] instanceof Error) throw values[name];
		return values[name];
	});
	const createBinarySignedUrl = jest.fn(sign);
	const log = jest.fn();
	const context = { getNode: () => node, getNodeParameter, helpers: { createBinarySignedUrl } };
	const item = new Item({ isTool, context, log } as unknown as NodeRun, 3);
	item.taskId = taskId;
	return { item, getNodeParameter, createBinarySignedUrl, log };
}

describe('the problem of an item', () => {
	test.each<[what: string, setting: Setting, message: string, expected: string]>([
		['its item', {}, 'No', 'No [item 3]'],
		['its task, if there is one', { taskId: 'abc' }, 'No', 'No (task abc) [item 3]'],
		['the way out to an agent', { isTool: true }, 'No', 'No [item 3]. Do this.'],
		['no cancel, which only the user does', {}, 'canceled', 'cancelled [item 3]'],
		['words that hold a code of the system', {}, 'preexisting', 'preexisting [item 3]'],
	])('names %s', (_what, setting, message, expected) => {
		const problem = itemWith(setting).item.problem(message, 'Do this.');
		expect(problem.message).toBe(expected);
		// An agent would read it twice.
		expect(problem.description).toBe(setting.isTool ? undefined : 'Do this.');
		expect(problem.context.itemIndex).toBe(3);
	});

	test('stays what it is when it is thrown', () => {
		const { item } = itemWith();
		const problem = item.problem('No', 'Do this.');
		expect(item.asNodeError(problem)).toBe(problem);
	});

	const CHECK = 'Check the fields of the node and the expressions in them for this item.';
	const described = new NodeOperationError(node, 'No', { description: 'Do that.' });

	test.each<[what: string, error: unknown, message: string, description: string]>([
		["n8n's own, with a way out", described, 'No', 'Do that.'],
		["n8n's own, without one", new NodeOperationError(node, 'No'), 'No', CHECK],
		[
			'one of an API',
			new NodeApiError(node, {}, { message: 'No', description: 'Do that.' }),
			'No',
			'Do that.',
		],
		["JavaScript's", Object.assign(new Error('No'), { description: 'x' }), 'No', CHECK],
		['a text', 'No', 'No', CHECK],
	])('is made of any error: %s', (_what, error, message, description) => {
		const problem = itemWith().item.asNodeError(error);
		expect(problem).toBeInstanceOf(NodeOperationError);
		expect(problem.message).toBe(`${message} [item 3]`);
		expect(problem.description).toBe(description);
	});
});

describe('a field of an item', () => {
	test.each([
		['a cat', 'a cat'],
		['', ''],
		[false, false],
		[null, prompt.default],
		[undefined, prompt.default],
	])('that is %p is read as %p', (value, expected) => {
		expect(itemWith({ values: { prompt: value } }).item.read(prompt)).toBe(expected);
	});

	test('of the options is read among them, which n8n is asked for once', () => {
		const { item, getNodeParameter } = itemWith({
			values: { options: { timeout: 7 }, timeout: 8 },
		});
		expect([item.read(timeout), item.read(timeout)]).toEqual([7, 7]);
		expect(getNodeParameter).toHaveBeenCalledTimes(1);
		expect(getNodeParameter).toHaveBeenCalledWith('options', 3, {});
	});

	test.each([undefined, null, '', {}])('of options that are %p has its default', (options) => {
		expect(itemWith({ values: { options } }).item.read(timeout)).toBe(timeout.default);
	});

	test.each<[what: unknown, message: string, wayOut: string]>([
		[['a'], `'Options' cannot be taken from ["a"]`, "Fill in 'Options' in the form"],
		[new Error('no such node'), "'Options' cannot be read: no such node", 'expression in'],
	])('of options that are %p is a problem', (options, message, wayOut) => {
		const { item } = itemWith({ values: { options } });
		expect(() => item.read(timeout)).toThrow(`${message} [item 3]`);
		expect(() => item.read(timeout)).toThrow(
			expect.objectContaining({ description: expect.stringContaining(wayOut) as string }),
		);
	});
});

test.each<[Setting, object]>([
	[{}, { itemIndex: 3 }],
	[{ taskId: 'abc' }, { itemIndex: 3, taskId: 'abc' }],
])('the log of an item with %j names %j', (setting, names) => {
	const { item, log } = itemWith(setting);
	item.log('task finished');
	item.log('task finished', { a: 1 });
	expect(log.mock.calls).toStrictEqual([
		['task finished', names],
		['task finished', { ...names, a: 1 }],
	]);
});

describe('a signed link', () => {
	const stored: IBinaryData = { id: 'filesystem-v2:a', data: '', mimeType: 'image/png' };
	const { id, ...inMemory } = stored;
	const refuse = () => {
		throw new Error('not here');
	};

	test.each<[string, IBinaryData, () => string, string | undefined]>([
		['is what n8n signs', stored, () => 'https://n8n/a?token', 'https://n8n/a?token'],
		['is none where n8n cannot sign', stored, refuse, undefined],
		['is none for a file in memory', inMemory, () => 'https://n8n/a?token', undefined],
	])('%s', (_name, binary, sign, expected) => {
		const { item, createBinarySignedUrl } = itemWith({ sign });
		expect(signLink(item, binary, '2 hours')).toBe(expected);
		if (binary.id === id) expect(createBinarySignedUrl).toHaveBeenCalledWith(stored, '2 hours');
		else expect(createBinarySignedUrl).not.toHaveBeenCalled();
	});
});
