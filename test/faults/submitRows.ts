import type { Fault } from '../simulator';
import { bare, ENDLESS, hit, proxyPage, refusal } from './answers';
import { documentedReasons } from './documentedReasons';
import type { Expectation, FaultRow } from './faultRow';

const LOST = /may exist at Novita AI and be billed.*'Resubmit Unconfirmed'/s;
const BUSY = /refuses more requests for now.*'Max Concurrent Tasks'/s;

const PICTURE: Expectation = { billed: 1, pictures: 1, requests: 1 };

function row(
	happens: string,
	times: number,
	fault: Fault,
	expected: Expectation,
	more: Partial<FaultRow> = {},
): FaultRow {
	const faults = () => hit('submit', times, fault);
	return { call: 'submit', happens, times, faults, expected, ...more };
}

/** The task may exist: a request like that is the last one. */
function lost(happens: string, fault: Fault, billed: number, more?: Partial<FaultRow>): FaultRow {
	return row(happens, Infinity, fault, { sees: LOST, billed, pictures: 0, requests: 1 }, more);
}

/** There is no task for sure, and asking again cannot help. */
function refused(happens: string, fault: Fault, sees: RegExp): FaultRow {
	return row(happens, Infinity, fault, { sees, billed: 0, pictures: 0, requests: 1 });
}

/** There is no task for sure, and there may be one a moment later. */
function busy(happens: string, fault: Fault, sees: RegExp, requests: number): FaultRow[] {
	return [
		row(happens, 2, fault, { ...PICTURE, requests: 3 }),
		row(happens, Infinity, fault, { sees, billed: 0, pictures: 0, requests }),
	];
}

const answers: FaultRow[] = documentedReasons.flatMap(({ status, reason, submit, says }) => {
	const happens = `${status} ${reason}`;
	const fault = refusal(status, reason);
	if (submit === 'nothing, for now') return busy(happens, fault, says, status === 429 ? 11 : 5);
	return submit === 'perhaps a task' ? lost(happens, fault, 0) : refused(happens, fault, says);
});

const bareStatuses: FaultRow[] = [
	...busy('429 without a word', bare(429), BUSY, 11),
	row('429 with "Retry-After: 1"', 1, bare(429, { retryAfter: '1' }), {
		...PICTURE,
		requests: 2,
		waits: 950,
	}),
	row('429 with "Retry-After: soon", which says nothing', 1, bare(429, { retryAfter: 'soon' }), {
		...PICTURE,
		requests: 2,
	}),
	refused('429 with a "Retry-After" of a day', bare(429, { retryAfter: '86400' }), BUSY),
	lost('500 without a word, no task made', bare(500), 0),
	lost('500 without a word, task made', bare(500, { accept: true }), 1),
	lost('502 from a proxy, no task made', proxyPage(502), 0),
	lost('502 from a proxy, task made', proxyPage(502, true), 1),
	lost('503 without a word, no task made', bare(503), 0),
	lost('503 without a word, task made', bare(503, { accept: true }), 1),
	lost('504 from a proxy, task made', proxyPage(504, true), 1),
	lost('408 (request time-out)', bare(408), 0),
];

const connection: FaultRow[] = [
	{
		call: 'submit',
		happens: 'connection refused',
		times: 2,
		closedPort: true,
		expected: { ...PICTURE, requests: 3 },
	},
	{
		call: 'submit',
		happens: 'connection refused',
		times: Infinity,
		closedPort: true,
		expected: {
			sees: /could not be reached at http.*Nothing was sent.*'Base URL'/s,
			billed: 0,
			pictures: 0,
			requests: 5,
		},
	},
	{
		call: 'submit',
		happens: 'an https address where plain http answers',
		times: Infinity,
		baseUrl: ({ service }) => service.replace('http:', 'https:'),
		expected: {
			sees: /could not be reached at https.*Nothing was sent/s,
			billed: 0,
			pictures: 0,
			requests: 1,
		},
	},
	lost('connection reset, no task made', { kind: 'resetBeforeAccept' }, 0),
	lost('connection reset after the task was made', { kind: 'resetBeforeReply' }, 1),
	lost('no answer within 60 seconds, no task made', { kind: 'stall', accept: false }, 0, {
		speed: 40,
	}),
	lost('no answer within 60 seconds, task made', { kind: 'stall' }, 1, { speed: 40 }),
	lost('the answer stops halfway', { kind: 'stallBody' }, 1, { speed: 40 }),
	row('the answer drips in, in time', 1, { kind: 'slowDrip', bytesPerSecond: 100 }, PICTURE),
	lost('the answer drips in, too slowly', { kind: 'slowDrip', bytesPerSecond: 5 }, 1, {
		speed: 40,
	}),
	lost('the answer is cut off', { kind: 'truncate' }, 1),
	lost('the answer is shorter than announced', { kind: 'wrongContentLength' }, 1),
	lost('the answer is longer than announced', { kind: 'wrongContentLength', difference: -9 }, 1),
	lost('the answer has no end', { ...ENDLESS, accept: true } as Fault, 1),
	...[302, 307, 308].map((status) => ({
		...refused(
			`${status} to another host`,
			bare(status),
			/redirects elsewhere.*'Base URL'.*key is not sent/s,
		),
		faults: ({ otherHost }: { otherHost: string }) =>
			hit('submit', Infinity, { kind: 'redirect', status, location: `${otherHost}/stolen` }),
	})),
];

const nonsense: FaultRow[] = [
	lost('a web page instead of JSON', { kind: 'html', accept: true }, 1),
	lost('an empty answer', { kind: 'empty' }, 1),
	lost('the answer "null"', { kind: 'json', body: null }, 1),
	lost('a list instead of an object', { kind: 'json', body: [{ task_id: 'in a list' }] }, 1),
	lost('an answer without a task ID', { kind: 'json', body: {} }, 1),
	...[null, '', '  ', true, {}, ['a'], { toString: null }].map((id) =>
		lost(`the task ID is ${JSON.stringify(id)}`, { kind: 'json', body: { task_id: id } }, 1),
	),
	row('the task ID is a number', 1, { kind: 'empty' }, PICTURE, {
		faults: ({ otherHost }) => [
			{ call: 'submit', fault: { kind: 'json', body: { task_id: 7 } } },
			{
				call: 'poll',
				fault: {
					kind: 'json',
					body: {
						task: { task_id: 7, status: 'TASK_STATUS_SUCCEED' },
						images: [{ image_url: `${otherHost}/picture.png` }],
					},
					accept: false,
				},
			},
		],
	}),
];

const settings: FaultRow[] = [
	lost(
		"connection reset after the task was made; 'Retry On Fail' is on",
		{ kind: 'resetBeforeReply' },
		1,
		{ node: { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 } },
	),
	row(
		"connection reset after the task was made; 'Resubmit Unconfirmed' is on",
		1,
		{ kind: 'resetBeforeReply' },
		{ billed: 2, pictures: 1, requests: 2 },
		{ options: { resubmitUnconfirmed: true } },
	),
	row(
		"connection reset after the task was made; 'Resubmit Unconfirmed' is on",
		Infinity,
		{ kind: 'resetBeforeReply' },
		{ sees: LOST, billed: 3, pictures: 0, requests: 3 },
		{ options: { resubmitUnconfirmed: true } },
	),
];

export const submitRows: FaultRow[] = [
	...connection,
	...bareStatuses,
	...answers,
	...nonsense,
	...settings,
];
