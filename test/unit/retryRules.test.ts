import { blackForestLabs } from '../../nodes/Flux2Flex/services/blackForestLabs';
import { novita } from '../../nodes/Flux2Flex/services/novita';
import type { Service } from '../../nodes/Flux2Flex/services/service';
import type { Outcome } from '../../nodes/Flux2Flex/transport/outcome';
import {
	backOff,
	judgePoll,
	judgeSubmit,
	readRetryAfter,
} from '../../nodes/Flux2Flex/run/retryRules';

const NOW = Date.UTC(2026, 0, 1);

const answered = (
	status: number,
	body: unknown,
	headers: Record<string, string> = {},
): Outcome => ({
	kind: 'answered',
	answer: { status, body, headers },
});
const reason = (status: number, name: string, headers?: Record<string, string>) =>
	answered(status, { code: status, reason: name }, headers);

/** What an answer about the task `a` comes to. */
const pollOf = (service: Service, outcome: Outcome) =>
	judgePoll(service, (answer) => service.readTask(answer, { taskId: 'a' }), outcome, NOW);

const notSent = (temporary: boolean): Outcome => ({ kind: 'notSent', cause: 'WHY', temporary });
const lost: Outcome = { kind: 'lost', cause: 'ECONNRESET' };

describe('after a submit', () => {
	test.each<[string, Outcome, object]>([
		['taken', answered(200, { task_id: 'a' }), { kind: 'accepted', receipt: { taskId: 'a' } }],
		['taken, without an id', answered(200, {}), { kind: 'unconfirmed' }],
		['taken, with a web page', answered(200, '<html>'), { kind: 'unconfirmed' }],
		['taken, with nothing', answered(204, null), { kind: 'unconfirmed' }],
		['answer lost', lost, { kind: 'unconfirmed', cause: 'ECONNRESET' }],
		['not sent, may work later', notSent(true), { kind: 'repeat', cause: notSent(true) }],
		['not sent, never works', notSent(false), { kind: 'refused', cause: notSent(false) }],
		['429', reason(429, 'RATE_LIMIT_EXCEEDED'), { kind: 'busy', retryAfter: undefined }],
		['429 without words', answered(429, ''), { kind: 'busy' }],
		['429 with a time', answered(429, '', { 'retry-after': '3' }), { retryAfter: 3000 }],
		['500 no task made', reason(500, 'CREATE_TASK_FAILED'), { kind: 'repeat' }],
		['503 no task made', reason(503, 'SERVICE_NOT_AVAILABLE'), { kind: 'repeat' }],
		[
			'503 with a time',
			reason(503, 'SERVICE_NOT_AVAILABLE', { 'retry-after': '7' }),
			{ kind: 'repeat', retryAfter: 7000 },
		],
		['bare 500', answered(500, ''), { kind: 'unconfirmed', cause: 'HTTP status 500' }],
		['bare 502', answered(502, '<html>'), { kind: 'unconfirmed', cause: 'HTTP status 502' }],
		['bare 503', answered(503, ''), { kind: 'unconfirmed' }],
		['504', answered(504, ''), { kind: 'unconfirmed' }],
		['408', answered(408, ''), { kind: 'unconfirmed' }],
		[
			'500 while billing',
			reason(500, 'BILLING_FAILED'),
			{ kind: 'unconfirmed', cause: 'BILLING_FAILED' },
		],
		['500 of the task', reason(500, 'TASK_FAILED'), { kind: 'unconfirmed' }],
		['bad key', reason(403, 'INVALID_API_KEY'), { kind: 'refused' }],
		['empty balance', reason(403, 'NOT_ENOUGH_BALANCE'), { kind: 'refused' }],
		['no route', reason(404, 'API_NOT_FOUND'), { kind: 'refused' }],
		['filtered', reason(400, 'ILLEGAL_PROMPT'), { kind: 'refused' }],
		['redirect', answered(307, ''), { kind: 'refused' }],
		['teapot', answered(418, ''), { kind: 'refused' }],
	])('with the outcome "%s" the right step follows', (_name, outcome, verdict) => {
		expect(judgeSubmit(novita, outcome, NOW)).toMatchObject(verdict);
	});
});

describe('after a poll', () => {
	const pending = { task: { task_id: 'a', status: 'TASK_STATUS_QUEUED' } };

	test.each<[string, Outcome, object]>([
		['told', answered(200, pending), { kind: 'report', report: { task: { status: 'queued' } } }],
		[
			'told about another task',
			answered(200, { task: { ...pending.task, task_id: 'b' } }),
			{ kind: 'repeat' },
		],
		['told nonsense', answered(200, '<html>'), { kind: 'repeat' }],
		['told nothing', answered(204, null), { kind: 'repeat' }],
		['answer lost', lost, { kind: 'repeat', cause: lost }],
		['not sent, may work later', notSent(true), { kind: 'repeat', cause: notSent(true) }],
		['not sent, never works', notSent(false), { kind: 'repeat', cause: notSent(false) }],
		['429', answered(429, ''), { kind: 'repeat', cause: { kind: 'rateLimit' } }],
		[
			'429 with a time',
			answered(429, '', { 'retry-after': '3' }),
			{ kind: 'repeat', retryAfter: 3000 },
		],
		['500', answered(500, ''), { kind: 'repeat', cause: { kind: 'unavailable' } }],
		[
			'500 with words',
			reason(500, 'GET_RESULT_FAILED'),
			{ kind: 'repeat', cause: { text: 'GET_RESULT_FAILED' } },
		],
		['502', answered(502, '<html>'), { kind: 'repeat' }],
		['503', reason(503, 'SERVICE_NOT_AVAILABLE'), { kind: 'repeat' }],
		['408', answered(408, ''), { kind: 'repeat' }],
		['bad key', reason(403, 'INVALID_API_KEY'), { kind: 'refused', refusal: { kind: 'badKey' } }],
		[
			'unknown task',
			reason(404, 'TASK_NOT_FOUND'),
			{ kind: 'refused', refusal: { kind: 'unknownTask' } },
		],
		[
			'no route',
			reason(404, 'API_NOT_FOUND'),
			{ kind: 'refused', refusal: { kind: 'routeNotFound' } },
		],
	])('with the outcome "%s" the right step follows', (_name, outcome, verdict) => {
		expect(pollOf(novita, outcome)).toMatchObject(verdict);
	});
});

describe("an answer that is not the service's", () => {
	const stranger = (status: number, retryAfter?: string): Outcome => ({
		kind: 'stranger',
		status,
		headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter },
		words: 'error code: 1010',
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
	])('a submit that somebody answers with %i is %s', (status, kind) => {
		expect(judgeSubmit(novita, stranger(status), NOW).kind).toBe(kind);
		expect(judgeSubmit(blackForestLabs, stranger(status), NOW).kind).toBe(kind);
	});

	test.each([200, 302, 401, 403, 404, 407, 429, 502])(
		'a poll that somebody answers with %i is repeated, whatever it is',
		(status) => {
			const verdict = pollOf(novita, stranger(status, '7'));
			expect(verdict).toMatchObject({ kind: 'repeat', cause: { status }, retryAfter: 7000 });
		},
	);

	test('an unconfirmed submit says who answered, and what', () => {
		expect(judgeSubmit(novita, stranger(502), NOW)).toEqual({
			kind: 'unconfirmed',
			cause:
				"something between n8n and Novita AI answered in its place, HTTP status 502, with these words: \"error code: 1010\". Look at the proxy and the firewall of this n8n's network, and check 'Base URL' in the credential",
		});
	});
});

describe('with what Black Forest Labs were seen to answer,', () => {
	const failedTask = { id: 'a', status: 'Error', details: { error: 'corrupted image input' } };

	test.each([422, 503, 500, 200])('a failed task as HTTP %i is a failed task', (status) => {
		const verdict = pollOf(blackForestLabs, answered(status, failedTask));
		expect(verdict).toMatchObject({
			kind: 'report',
			report: { task: { status: 'failed', reason: 'corrupted image input' } },
		});
	});

	test.each([422, 503])('a submit answered with a task as HTTP %i made that task', (status) => {
		const verdict = judgeSubmit(blackForestLabs, answered(status, failedTask), NOW);
		expect(verdict).toMatchObject({ kind: 'accepted', receipt: { taskId: 'a' } });
	});

	test('an error with the id of the request is no task', () => {
		const body = { id: 'request-1', detail: 'Insufficient credits' };
		expect(judgeSubmit(blackForestLabs, answered(402, body), NOW)).toMatchObject({
			kind: 'refused',
			cause: { kind: 'emptyBalance' },
		});
	});

	test('a submit refused for want of capacity made no task, and is sent again like a 429', () => {
		const detail =
			'/v1/flux-2-flex is over capacity and temporarily shedding requests. Please retry shortly.';
		expect(judgeSubmit(blackForestLabs, answered(503, { detail }), NOW)).toMatchObject({
			kind: 'busy',
			cause: { kind: 'overloaded', mayHaveCreatedTask: false },
		});
	});

	test('any other 503 leaves open whether there is a task', () => {
		const verdict = judgeSubmit(blackForestLabs, answered(503, { detail: 'oops' }), NOW);
		expect(verdict.kind).toBe('unconfirmed');
	});

	test.each([{ detail: 'Not Found' }, { id: 'a', status: 'Task not found' }])(
		'a task that is asked for and not found (%p) is unknown, not a missing route',
		(body) => {
			const verdict = pollOf(blackForestLabs, answered(404, body));
			expect(verdict).toMatchObject({ kind: 'refused', refusal: { kind: 'unknownTask' } });
		},
	);
});

describe('the header Retry-After', () => {
	test.each<[string | undefined, number | undefined]>([
		['3', 3000],
		[' 3 ', 3000],
		['0.5', 500],
		// No advice: the usual back-off takes over.
		['0', undefined],
		['-5', undefined],
		['86400', 86_400_000],
		['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
		['Wed, 31 Dec 2025 23:59:00 GMT', undefined],
		['soon', undefined],
		['3 seconds', undefined],
		['1, 2', undefined],
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
