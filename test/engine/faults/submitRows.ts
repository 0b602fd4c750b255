import type { TestedService } from '../../support/services';
import type { Fault } from '../../support/simulator';
import { bare, ENDLESS, hit, refused as saying, speedFor } from './answers';
import { behindProxy, closedTunnels } from './companyProxy';
import type { Expectation, FaultInCall } from './faultRow';
import { sayingSo, strangersAt } from './strangers';
import { lostAt, lostToStranger, strangerAt, wordingOf } from './wordings';

const IMAGE: Expectation = { billed: 1, images: 1, requests: 1 };

function row(
	happens: string,
	times: number,
	fault: Fault,
	expected: Expectation,
	more: Partial<FaultInCall> = {},
): FaultInCall {
	const faults = () => hit('submit', times, fault);
	return { call: 'submit', happens, times, faults, expected, ...more };
}

/** There is no task for sure, and asking again cannot help. */
function refused(happens: string, fault: Fault, sees: RegExp): FaultInCall {
	return row(happens, Infinity, fault, { sees, billed: 0, images: 0, requests: 1 });
}

/** There is no task for sure, and there may be one a moment later. */
function busy(
	happens: string,
	fault: Fault,
	sees: RegExp,
	requests: number,
	more?: Partial<FaultInCall>,
): FaultInCall[] {
	return [
		row(happens, 2, fault, { ...IMAGE, requests: 3 }, more),
		row(happens, Infinity, fault, { sees, billed: 0, images: 0, requests }, more),
	];
}

/** Every fault in a submit. */
export function submitRows(service: TestedService): FaultInCall[] {
	const LOST = lostAt(service);
	const BUSY = strangerAt(service, 429, 'without a word');
	const { reply } = service.submit;

	/** The task may exist: a request like that is the last one. */
	function lost(
		happens: string,
		fault: Fault,
		billed: number,
		more?: Partial<FaultInCall>,
		sees = LOST,
	): FaultInCall {
		return row(happens, Infinity, fault, { sees, billed, images: 0, requests: 1 }, more);
	}

	const answers = service.refusals.flatMap((refusal) => {
		const { name, submit, means } = refusal;
		const says = wordingOf(means, service);
		const fault = saying(refusal);
		if (submit === 'nothing, for now') {
			const isBusy = means === 'rateLimit' || means === 'overloaded';
			return busy(name, fault, says, isBusy ? 11 : 5, speedFor(refusal));
		}
		return submit === 'perhaps a task' ? lost(name, fault, 0) : refused(name, fault, says);
	});

	const bareStatuses: FaultInCall[] = [
		...busy('429 without a word', bare(429), BUSY, 11),
		row('429 with "Retry-After: 1"', 1, bare(429, { retryAfter: '1' }), {
			...IMAGE,
			requests: 2,
			waits: 950,
		}),
		row('429 with "Retry-After: soon", which says nothing', 1, bare(429, { retryAfter: 'soon' }), {
			...IMAGE,
			requests: 2,
		}),
		refused('429 with a "Retry-After" of a day', bare(429, { retryAfter: '86400' }), BUSY),
		...[500, 502, 503, 504, 408].map((status) =>
			lost(`${status} without a word, task made`, bare(status, { accept: true }), 1),
		),
		lost('408 (request time-out)', bare(408), 0),
	];

	const connection: FaultInCall[] = [
		{
			call: 'submit',
			happens: 'connection refused',
			times: 2,
			closedPort: true,
			expected: { ...IMAGE, requests: 3 },
		},
		{
			call: 'submit',
			happens: 'connection refused',
			times: Infinity,
			closedPort: true,
			expected: {
				sees: /could not be reached at http.*Nothing was sent.*'Base URL'/s,
				billed: 0,
				images: 0,
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
				images: 0,
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
		row('the answer drips in, in time', 1, { kind: 'slowDrip', bytesPerSecond: 100 }, IMAGE),
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
				strangerAt(service, status, '"redirect to http://[^?]*/stolen"'),
			),
			faults: ({ otherHost }: { otherHost: string }) =>
				hit('submit', Infinity, { kind: 'redirect', status, location: `${otherHost}/stolen?a=b` }),
		})),
	];

	const nonsense: FaultInCall[] = [
		lost('a web page instead of JSON', { kind: 'html', accept: true }, 1),
		lost('an empty answer', { kind: 'empty' }, 1),
		lost('the answer "null"', { kind: 'json', body: null }, 1),
		lost('a list instead of an object', { kind: 'json', body: [reply('in a list')] }, 1),
		lost('an answer without a task ID', { kind: 'json', body: {} }, 1),
		...[null, '', '  ', true, {}, ['a'], { toString: null }].map((id) =>
			lost(`the task ID is ${JSON.stringify(id)}`, { kind: 'json', body: reply(id) }, 1),
		),
		row('the task ID is a number', 1, { kind: 'empty' }, IMAGE, {
			faults: ({ otherHost }) => [
				{ call: 'submit', fault: { kind: 'json', body: reply(7) } },
				{
					call: 'poll',
					fault: {
						kind: 'json',
						body: service.poll.answer({
							status: 'succeeded',
							taskId: 7,
							imageUrl: `${otherHost}/image.png`,
							seed: 7,
						}),
						accept: false,
					},
				},
			],
		}),
	];

	const strangers = strangersAt(service).flatMap((answer): FaultInCall[] => {
		const { happens, status, words } = answer;
		const fault = sayingSo(answer);
		const says = strangerAt(service, status, words);
		if (status === 429) return busy(happens, fault, says, 11);
		if (status >= 300 && status < 500) return [refused(happens, fault, says)];
		return [lost(happens, fault, 0, {}, lostToStranger(service, status, words))];
	});

	const proxies = closedTunnels.map((tunnel): FaultInCall => {
		const { happens, status, words = '' } = tunnel;
		// Nobody can tell an answer of the proxy from one of a server behind it.
		const mayExist = status !== undefined && status >= 500;
		const sees =
			status === undefined
				? /could not be reached.*Nothing was sent/s
				: (mayExist ? lostToStranger : strangerAt)(service, status, words);
		return {
			call: 'submit',
			happens,
			times: Infinity,
			baseUrl: () => behindProxy(tunnel),
			expected: { sees, billed: 0, images: 0, requests: status === undefined ? 5 : 1 },
		};
	});

	const settings: FaultInCall[] = [
		lost(
			"a web page instead of JSON, task made; 'Retry On Fail' is on",
			{ kind: 'html', accept: true },
			1,
			{ node: { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 } },
		),
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
			{ billed: 2, images: 1, requests: 2 },
			{ options: { resubmitUnconfirmed: true } },
		),
		row(
			"connection reset after the task was made; 'Resubmit Unconfirmed' is on",
			Infinity,
			{ kind: 'resetBeforeReply' },
			{ sees: LOST, billed: 3, images: 0, requests: 3 },
			{ options: { resubmitUnconfirmed: true } },
		),
	];

	return [
		...connection,
		...bareStatuses,
		...answers,
		...strangers,
		...proxies,
		...nonsense,
		...settings,
	];
}
