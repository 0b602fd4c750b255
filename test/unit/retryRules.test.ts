import {
	backOff,
	judgePoll,
	judgeSubmit,
	readRetryAfter,
} from '../../nodes/Flux2Flex/run/retryRules';
import { blackForestLabs } from '../../nodes/Flux2Flex/services/blackForestLabs';
import { novita } from '../../nodes/Flux2Flex/services/novita';
import type {
	Refusal,
	RefusalKind,
	Service,
	ServiceAnswer,
} from '../../nodes/Flux2Flex/services/service';
import type { Task, TaskReceipt } from '../../nodes/Flux2Flex/services/task';
import type { Outcome } from '../../nodes/Flux2Flex/transport/outcome';

const NOW = Date.UTC(2026, 0, 1);

/** What a service reads of an answer. What each one reads of which answer stands in its own tests. */
interface Reading {
	receipt?: TaskReceipt;
	task?: Task;
	refusal?: Refusal;
}

const reading = ({ receipt, task, refusal }: Reading): Service => ({
	...novita,
	readReceipt: () => receipt,
	readTask: () => task && { task, answer: {} },
	readRefusal: () => refusal,
});

const answered = (headers: Record<string, string> = {}, status = 200, body = {}): Outcome => ({
	kind: 'answered',
	answer: { status, headers, body },
});

const afterSubmit = (outcome: Outcome, read: Reading = {}) =>
	judgeSubmit(reading(read), outcome, NOW);
const afterPoll = (outcome: Outcome, read: Reading = {}) => {
	const service = reading(read);
	const readTask = (answer: ServiceAnswer) => service.readTask(answer, { taskId: 'a' });
	return judgePoll(service, readTask, outcome, NOW);
};

const refusalOf = (kind: RefusalKind, more: Partial<Refusal> = {}): Refusal => ({
	kind,
	status: 400,
	mayHaveCreatedTask: false,
	...more,
});
const receipt: TaskReceipt = { taskId: 'a', charges: {} };
const failed: Task = { status: 'failed', taskId: 'a', filtered: false };
const unusable: Task = { status: 'unusable', taskId: 'a', link: 7 };

describe('a service that refuses', () => {
	const kinds: Record<RefusalKind, [status: number, submit: string, poll: string]> = {
		badKey: [401, 'refused', 'refused'],
		emptyBalance: [402, 'refused', 'refused'],
		notAllowed: [403, 'refused', 'refused'],
		rateLimit: [429, 'busy', 'repeat'],
		filteredContent: [400, 'refused', 'refused'],
		unreadableImage: [413, 'refused', 'refused'],
		invalidRequest: [422, 'refused', 'refused'],
		routeNotFound: [404, 'refused', 'refused'],
		unknownTask: [404, 'refused', 'refused'],
		overloaded: [503, 'busy', 'repeat'],
		unavailable: [500, 'repeat', 'repeat'],
		unexpected: [418, 'refused', 'refused'],
	};
	const rows = Object.entries(kinds).map(([kind, row]) => [kind as RefusalKind, ...row] as const);

	test.each(rows)(
		'with %s (HTTP %i) gets the verdict %s for a submit, and %s for a poll',
		(kind, status, submit, poll) => {
			const refusal = refusalOf(kind, { status });
			expect(afterSubmit(answered(), { refusal })).toEqual({
				kind: submit,
				cause: refusal,
				retryAfter: undefined,
			});
			expect(afterPoll(answered(), { refusal })).toEqual(
				poll === 'refused' ? { kind: poll, refusal } : { kind: poll, cause: refusal },
			);
		},
	);

	test.each(rows)(
		'with %s, and may have made a task all the same, leaves a submit unconfirmed',
		(kind) => {
			const refusal = refusalOf(kind, { mayHaveCreatedTask: true, status: 503 });
			expect(afterSubmit(answered(), { refusal })).toEqual({
				kind: 'unconfirmed',
				cause: 'HTTP status 503',
			});
			expect(afterSubmit(answered(), { refusal: { ...refusal, text: 'its words' } })).toEqual({
				kind: 'unconfirmed',
				cause: 'its words',
			});
		},
	);

	test.each([500, 502, 503, 504, 408])('with %i, whatever it says, is asked again', (status) => {
		const refusal = refusalOf('unexpected', { status });
		expect(afterPoll(answered(), { refusal })).toMatchObject({ kind: 'repeat', cause: refusal });
	});

	test.each<[header: string | undefined, inBody: number | undefined, pause: number | undefined]>([
		['3', undefined, 3000],
		[undefined, 12, 12_000],
		['3', 12, 3000],
		['soon', 12, 12_000],
		[undefined, 0, undefined],
		[undefined, -5, undefined],
		[undefined, undefined, undefined],
	])(
		'with %p in the header and %p in the body is left alone for %p ms',
		(header, inBody, pause) => {
			const outcome = answered(header === undefined ? {} : { 'retry-after': header });
			for (const kind of ['rateLimit', 'overloaded', 'unavailable'] as const) {
				const refusal = refusalOf(kind, { status: 503, retryAfter: inBody });
				expect(afterSubmit(outcome, { refusal })).toHaveProperty('retryAfter', pause);
				expect(afterPoll(outcome, { refusal })).toHaveProperty('retryAfter', pause);
			}
		},
	);
});

const lost: Outcome = { kind: 'lost', cause: 'ECONNRESET' };
const notSent = (temporary: boolean): Outcome => ({ kind: 'notSent', cause: 'WHY', temporary });

test.each<[what: string, outcome: Outcome, read: Reading, submit: object, poll: object]>([
	[
		'an answer with a receipt and a task, even if it is a refusal',
		answered(),
		{ receipt, task: failed, refusal: refusalOf('unexpected') },
		{ kind: 'accepted', receipt, acceptedAt: NOW },
		{ kind: 'report', report: { task: failed, answer: {} } },
	],
	[
		'an answer with a task that has no image, and no receipt',
		answered(),
		{ task: unusable },
		{ kind: 'unconfirmed', cause: 'an answer without a task ID' },
		{ kind: 'unusable', report: { task: unusable, answer: {} } },
	],
	[
		'an answer that makes no sense',
		answered(),
		{},
		{ kind: 'unconfirmed', cause: 'an answer without a task ID' },
		{ kind: 'repeat', cause: { kind: 'lost', cause: 'an answer that makes no sense' } },
	],
	[
		'an answer that was lost',
		lost,
		{},
		{ kind: 'unconfirmed', cause: 'ECONNRESET' },
		{ kind: 'repeat', cause: lost },
	],
	[
		'a request that was not sent, for now',
		notSent(true),
		{},
		{ kind: 'repeat', cause: notSent(true) },
		{ kind: 'repeat', cause: notSent(true) },
	],
	[
		'a request that can never be sent',
		notSent(false),
		{},
		{ kind: 'refused', cause: notSent(false) },
		{ kind: 'repeat', cause: notSent(false) },
	],
])(
	'after %s a submit and a poll get the verdict of the rules',
	(_what, outcome, read, submit, poll) => {
		expect(afterSubmit(outcome, read)).toEqual(submit);
		expect(afterPoll(outcome, read)).toEqual(poll);
	},
);

describe("of an answer that is not the service's", () => {
	const stranger = (status: number, words = 'error code: 1010'): Outcome => ({
		kind: 'stranger',
		status,
		headers: { 'retry-after': '7' },
		words,
	});

	test.each<[number, string]>([
		[200, 'unconfirmed'],
		[204, 'unconfirmed'],
		[302, 'refused'],
		[400, 'refused'],
		[401, 'refused'],
		[403, 'refused'],
		[404, 'refused'],
		[407, 'refused'],
		[408, 'unconfirmed'],
		[429, 'busy'],
		[500, 'unconfirmed'],
		[502, 'unconfirmed'],
		[503, 'unconfirmed'],
	])('with %i a submit is %s, and a poll is repeated after the pause it names', (status, kind) => {
		const cause = stranger(status);
		const submit = afterSubmit(cause);
		expect(submit.kind).toBe(kind);
		if (kind !== 'unconfirmed') expect(submit).toMatchObject({ cause });
		if (kind === 'busy') expect(submit).toMatchObject({ retryAfter: 7000 });
		expect(afterPoll(cause)).toEqual({ kind: 'repeat', cause, retryAfter: 7000 });
	});

	test.each([
		['error code: 1010', 'with these words: "error code: 1010"'],
		['', 'without a word'],
	])(
		'with the words %p an unconfirmed submit tells who spoke, and where to look',
		(words, said) => {
			expect(afterSubmit(stranger(502, words))).toEqual({
				kind: 'unconfirmed',
				cause: `something between n8n and Novita AI answered in its place, HTTP status 502, ${said}. Look at the proxy and the firewall of this n8n's network, and check 'Base URL' in the credential`,
			});
		},
	);
});

const failedTask = { id: 'a', status: 'Error', details: { error: 'corrupted image input' } };

test.each<[what: string, status: number, body: object, submit: object, poll: object]>([
	...[422, 503].map((status): [string, number, object, object, object] => [
		'a failed task',
		status,
		failedTask,
		{ kind: 'accepted', receipt: { taskId: 'a' } },
		{ kind: 'report', report: { task: { status: 'failed', reason: 'corrupted image input' } } },
	]),
	[
		'an error with the id of the request',
		402,
		{ id: 'request-1', detail: 'Insufficient credits' },
		{ kind: 'refused', cause: { kind: 'emptyBalance' } },
		{ kind: 'refused', refusal: { kind: 'emptyBalance' } },
	],
	[
		'a refusal for want of capacity',
		503,
		{ detail: 'flux-2-flex is over capacity and temporarily shedding requests.' },
		{ kind: 'busy', cause: { kind: 'overloaded', mayHaveCreatedTask: false } },
		{ kind: 'repeat', cause: { kind: 'overloaded' } },
	],
	[
		'what no route and no task answer',
		404,
		{ detail: 'Not Found' },
		{ kind: 'refused', cause: { kind: 'routeNotFound' } },
		{ kind: 'refused', refusal: { kind: 'unknownTask' } },
	],
])(
	'%s as HTTP %i, as Black Forest Labs were seen to answer, is judged by what it says',
	(_what, status, body, submit, poll) => {
		const outcome = answered({}, status, body);
		expect(judgeSubmit(blackForestLabs, outcome, NOW)).toMatchObject(submit);
		const readTask = (answer: ServiceAnswer) => blackForestLabs.readTask(answer, { taskId: 'a' });
		expect(judgePoll(blackForestLabs, readTask, outcome, NOW)).toMatchObject(poll);
	},
);

describe('the header Retry-After', () => {
	test.each<[string | undefined, number | undefined]>([
		['3', 3000],
		[' 3 ', 3000],
		['0.5', 500],
		['1.25', 1250],
		// No advice: the usual back-off takes over.
		['0', undefined],
		['-5', undefined],
		['86400', 86_400_000],
		['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
		['Wed, 31 Dec 2025 23:59:00 GMT', undefined],
		['soon', undefined],
		['3 seconds', undefined],
		['1, 2, 2030', undefined],
		['2030-01-01T00:00:00Z', undefined],
		['Infinity', undefined],
		['1e308', undefined],
		['', undefined],
		['  ', undefined],
		[undefined, undefined],
	])('with the value %p asks for %p milliseconds', (value, expected) => {
		const headers: Record<string, string> = value === undefined ? {} : { 'retry-after': value };
		expect(readRetryAfter(headers, NOW)).toBe(expected);
	});
});

describe('the pause before a repetition', () => {
	test.each([
		[0, 500],
		[1, 1000],
		[2, 2000],
		[5, 16_000],
		[6, 30_000],
		[7, 30_000],
		[2000, 30_000],
	])('number %i lasts from 0 to %i milliseconds', (attempt, longest) => {
		expect(backOff(attempt, () => 0)).toBe(0);
		expect(backOff(attempt, () => 0.5)).toBe(longest / 2);
		expect(backOff(attempt, () => 1)).toBe(longest);
	});
});
