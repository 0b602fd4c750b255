import { novita } from '../../nodes/Flux2Flex/services/novita';
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

const notSent = (temporary: boolean): Outcome => ({ kind: 'notSent', cause: 'WHY', temporary });
const lost: Outcome = { kind: 'lost', cause: 'ECONNRESET' };

describe('a submit', () => {
	test.each<[string, Outcome, object]>([
		['taken', answered(200, { task_id: 'a' }), { kind: 'accepted', receipt: { taskId: 'a' } }],
		['taken, without an id', answered(200, {}), { kind: 'unconfirmed' }],
		['taken, with a web page', answered(200, '<html>'), { kind: 'unconfirmed' }],
		['taken, with nothing', answered(204, null), { kind: 'unconfirmed' }],
		['answer lost', lost, { kind: 'unconfirmed', cause: 'ECONNRESET' }],
		['not sent, may work later', notSent(true), { kind: 'repeat', cause: notSent(true) }],
		['not sent, never works', notSent(false), { kind: 'unreachable', cause: notSent(false) }],
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
	])('%s', (_name, outcome, verdict) => {
		expect(judgeSubmit(novita, outcome, NOW)).toMatchObject(verdict);
	});
});

describe('a poll', () => {
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
		['answer lost', lost, { kind: 'repeat', cause: 'ECONNRESET' }],
		['not sent, may work later', notSent(true), { kind: 'repeat', cause: 'WHY' }],
		['not sent, never works', notSent(false), { kind: 'unreachable', cause: notSent(false) }],
		['429', answered(429, ''), { kind: 'repeat', refusal: { kind: 'rateLimit' } }],
		[
			'429 with a time',
			answered(429, '', { 'retry-after': '3' }),
			{ kind: 'repeat', retryAfter: 3000 },
		],
		['500', answered(500, ''), { kind: 'repeat', cause: 'HTTP status 500' }],
		[
			'500 with words',
			reason(500, 'GET_RESULT_FAILED'),
			{ kind: 'repeat', cause: 'GET_RESULT_FAILED' },
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
		['redirect', answered(302, ''), { kind: 'refused', refusal: { kind: 'redirected' } }],
	])('%s', (_name, outcome, verdict) => {
		expect(judgePoll(novita, { taskId: 'a' }, outcome, NOW)).toMatchObject(verdict);
	});
});

describe('Retry-After', () => {
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
	])('%p is %p milliseconds', (value, expected) => {
		const headers: Record<string, string> = value === undefined ? {} : { 'retry-after': value };
		expect(readRetryAfter({ status: 429, headers, body: '' }, NOW)).toBe(expected);
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
	])('number %i is spread from 0 to %i milliseconds', (attempt, longest) => {
		expect(backOff(attempt, () => 0)).toBe(0);
		expect(backOff(attempt, () => 0.5)).toBe(longest / 2);
		expect(backOff(attempt, () => 1)).toBe(longest);
	});
});
