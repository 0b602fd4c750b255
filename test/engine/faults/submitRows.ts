import { answersAbout, type TaskState, type TestedService } from '../../support/services';
import type { Fault, PlannedFault } from '../../support/simulator';
import { bare, ENDLESS, refused as saying, speedFor } from './answers';
import { behindProxy, closedTunnels } from './companyProxy';
import type { FaultInCall } from './faultRow';
import { error, image, redirect, rowsOf, withHttps, type More } from './rows';
import { sayingSo, strangersAt } from './strangers';
import { lostAt, lostToStranger, strangerAt, wordingOf } from './wordings';

const row = rowsOf('submit');

/** There is no task for sure, and asking again cannot help. */
function refused(happens: string, fault: Parameters<typeof row>[2], sees: RegExp): FaultInCall {
	return row(happens, Infinity, fault, error(sees, 1, 0));
}

/** There is no task for sure, and there may be one a moment later. */
function busy(
	happens: string,
	fault: Fault | undefined,
	sees: RegExp,
	requests: number,
	more?: More,
): FaultInCall[] {
	return [
		row(happens, 2, fault, image(3), more),
		row(happens, Infinity, fault, error(sees, requests, 0), more),
	];
}

/** Every fault in a submit. */
export function submitRows(service: TestedService): FaultInCall[] {
	const LOST = lostAt(service);
	const BUSY = strangerAt(service, 429, 'without a word');
	const { reply } = service.submit;

	/** The task may exist: a request like that is the last one. */
	const lost = (happens: string, fault: Fault, billed: number, more?: More, sees = LOST) =>
		row(happens, Infinity, fault, error(sees, 1, billed), more);

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
			...image(2),
			waits: 950,
		}),
		row(
			'429 with "Retry-After: soon", which says nothing',
			1,
			bare(429, { retryAfter: 'soon' }),
			image(2),
		),
		refused('429 with a "Retry-After" of a day', bare(429, { retryAfter: '86400' }), BUSY),
		...[500, 502, 503, 504, 408].map((status) =>
			lost(`${status} without a word, task made`, bare(status, { accept: true }), 1),
		),
		lost('408 (request time-out)', bare(408), 0),
	];

	const connection: FaultInCall[] = [
		...busy(
			'connection refused',
			undefined,
			/could not be reached at http.*Nothing was sent.*'Base URL'/s,
			5,
			{ closedPort: true },
		),
		row(
			'an https address where plain http answers',
			Infinity,
			undefined,
			error(/could not be reached at https.*Nothing was sent/s, 1, 0),
			{ baseUrl: withHttps },
		),
		lost('connection reset, no task made', { kind: 'resetBeforeAccept' }, 0),
		lost('connection reset after the task was made', { kind: 'resetBeforeReply' }, 1),
		lost('no answer within 60 seconds, no task made', { kind: 'stall', accept: false }, 0, {
			speed: 40,
		}),
		lost('no answer within 60 seconds, task made', { kind: 'stall' }, 1, { speed: 40 }),
		lost('the answer stops halfway', { kind: 'stallBody' }, 1, { speed: 40 }),
		row('the answer drips in, in time', 1, { kind: 'slowDrip', bytesPerSecond: 100 }, image(1)),
		lost('the answer drips in, too slowly', { kind: 'slowDrip', bytesPerSecond: 5 }, 1, {
			speed: 40,
		}),
		lost('the answer is cut off', { kind: 'truncate' }, 1),
		lost('the answer is shorter than announced', { kind: 'wrongContentLength' }, 1),
		lost('the answer is longer than announced', { kind: 'wrongContentLength', difference: -9 }, 1),
		lost('the answer has no end', { ...ENDLESS, accept: true } as Fault, 1),
		...[302, 307, 308].map((status) =>
			refused(
				`${status} to another host`,
				redirect(status, '/stolen?a=b'),
				strangerAt(service, status, '"redirect to http://[^?]*/stolen"'),
			),
		),
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
		row('the task ID is a number', 1, undefined, image(1), {
			faults: ({ otherHost }) => {
				const imageUrl = `${otherHost}/image.png`;
				const state: TaskState = { status: 'succeeded', taskId: 7, imageUrl, seed: 7 };
				return [
					{ call: 'submit', fault: { kind: 'json', body: reply(7) } },
					...answersAbout(service, state).map(
						({ call, body }): PlannedFault => ({
							call,
							fault: { kind: 'json', body, accept: false },
						}),
					),
				];
			},
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
		const more = { baseUrl: () => behindProxy(tunnel) };
		if (status === undefined) {
			const unreached = error(/could not be reached.*Nothing was sent/s, 5, 0);
			return row(happens, Infinity, undefined, unreached, more);
		}
		// Nobody can tell an answer of the proxy from one of a server behind it.
		const sees = (status >= 500 ? lostToStranger : strangerAt)(service, status, words);
		return row(happens, Infinity, undefined, error(sees, 1, 0), more);
	});

	const retries = { node: { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 } };
	const resubmits = { options: { resubmitUnconfirmed: true } };
	const RESET = 'connection reset after the task was made';
	const reset: Fault = { kind: 'resetBeforeReply' };
	const settings: FaultInCall[] = [
		lost(
			"a web page instead of JSON, task made; 'Retry On Fail' is on",
			{ kind: 'html', accept: true },
			1,
			retries,
		),
		lost(`${RESET}; 'Retry On Fail' is on`, reset, 1, retries),
		row(`${RESET}; 'Resubmit Unconfirmed' is on`, 1, reset, { ...image(2), billed: 2 }, resubmits),
		row(`${RESET}; 'Resubmit Unconfirmed' is on`, Infinity, reset, error(LOST, 3, 3), resubmits),
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
