import type { TestedService } from '../services';
import type { Fault } from '../simulator';
import { bare, ENDLESS, hit, proxyPage, refused, speedFor, withLink, withValues } from './answers';
import type { Expectation, FaultInCall } from './faultRow';
import { endingOf, wordingOf } from './wordings';
import { wrongTypeRows } from './wrongTypes';

const NO_ANSWER = /gave no usable answer about the task.*not lost/s;
const UNAVAILABLE = /not available at the moment/;
const BUSY = /refuses more requests for now/;
const TOO_LATE = /not finished within \d+ seconds.*'Get Task Result'.*'Timeout'/s;

const IMAGE: Expectation = { billed: 1, images: 1, requests: 1 };

type More = Partial<FaultInCall>;

function row(happens: string, times: number, fault: Fault, expected: Expectation, more: More = {}) {
	const faults = () => hit('poll', times, fault);
	return { call: 'poll', happens, times, faults, expected, ...more } satisfies FaultInCall;
}

/** Asking costs nothing: it is asked again, for as long as the operation waits. */
function askedAgain(happens: string, fault: Fault, sees: RegExp, more?: More): FaultInCall[] {
	return [
		row(happens, 2, fault, { ...IMAGE, requests: 3 }, more),
		row(
			happens,
			Infinity,
			fault,
			{ sees, billed: 1, images: 0, requests: 5 },
			{ operation: 'getTaskResult', ...more },
		),
	];
}

/** The answer will not change. */
function final(happens: string, fault: Fault, sees: RegExp): FaultInCall {
	return row(happens, Infinity, fault, { sees, billed: 1, images: 0, requests: 1 });
}

/** The wait ends with the time the user set. */
function untilTheTimeout(
	happens: string,
	fault: Fault,
	most: number,
	more: More = {},
): FaultInCall {
	const expected = { sees: TOO_LATE, billed: 1, images: 0, requests: [2, most] } as const;
	return row(
		happens,
		Infinity,
		fault,
		{ ...expected, requests: [...expected.requests] },
		{ ...more, options: { timeout: 1, ...more.options } },
	);
}

/** Every fault in a request for a task. */
export function pollRows(service: TestedService): FaultInCall[] {
	const { poll } = service;
	const { fields } = poll;
	const answers = service.refusals.flatMap((refusal) => {
		const { name, means } = refusal;
		const fault = refused(refusal);
		const says = wordingOf(means, service);
		if (means === 'unknownTask') {
			return [
				row(`${name}, right after the submit`, 2, fault, { ...IMAGE, requests: 3 }),
				row(
					`${name}, for more than 30 seconds`,
					Infinity,
					fault,
					{ sees: says, billed: 1, images: 0, requests: [3, 100] },
					{ speed: 20 },
				),
				row(
					name,
					Infinity,
					fault,
					{ sees: says, billed: 1, images: 0, requests: 1 },
					{ operation: 'getTaskResult' },
				),
			];
		}
		if (refusal.submit === 'nothing, for good') return [final(name, fault, says)];
		return askedAgain(name, fault, means === 'rateLimit' ? BUSY : UNAVAILABLE, speedFor(refusal));
	});

	const bareStatuses: FaultInCall[] = [
		...askedAgain('429 without a word', bare(429), BUSY),
		row('429 with "Retry-After: 1"', 1, bare(429, { retryAfter: '1' }), {
			...IMAGE,
			requests: 2,
			waits: 950,
		}),
		untilTheTimeout('429 with a "Retry-After" of a day', bare(429, { retryAfter: '86400' }), 2),
		row(
			'429 with a "Retry-After" of a day',
			Infinity,
			bare(429, { retryAfter: '86400' }),
			{ sees: BUSY, billed: 1, images: 0, requests: 1 },
			{ operation: 'getTaskResult' },
		),
		untilTheTimeout('429 with "Retry-After: 0"', bare(429, { retryAfter: '0' }), 12, {
			options: { timeout: 2 },
		}),
		untilTheTimeout(
			'429 with a "Retry-After" in the past',
			bare(429, { retryAfter: 'Wed, 21 Oct 2015 07:28:00 GMT' }),
			12,
			{ options: { timeout: 2 } },
		),
		...askedAgain('500 without a word', bare(500), UNAVAILABLE),
		...askedAgain('502 from a proxy', proxyPage(502), UNAVAILABLE),
		...askedAgain('503 without a word', bare(503), UNAVAILABLE),
		...askedAgain('504 from a proxy', proxyPage(504), UNAVAILABLE),
		untilTheTimeout('503 without a word', bare(503), 20),
		row(
			"503 without a word; 'On Timeout' returns the pending task",
			Infinity,
			bare(503),
			{ billed: 1, images: 0, requests: [2, 20] },
			{ options: { timeout: 1, onTimeout: 'returnPending' } },
		),
	];

	const connection: FaultInCall[] = [
		...[2, Infinity].map(
			(times): FaultInCall => ({
				call: 'poll',
				happens: 'connection refused',
				times,
				closedPort: true,
				...(times === 2
					? { expected: { ...IMAGE, requests: 3 } }
					: {
							operation: 'getTaskResult',
							expected: { sees: NO_ANSWER, billed: 1, images: 0, requests: 5 },
						}),
			}),
		),
		...askedAgain('connection reset', { kind: 'resetBeforeReply' }, NO_ANSWER),
		...askedAgain('no answer within 30 seconds', { kind: 'stall' }, NO_ANSWER, { speed: 30 }),
		untilTheTimeout('no answer, ever', { kind: 'stall' }, 3, {
			speed: 8,
			options: { timeout: 45 },
		}),
		...askedAgain('the answer stops halfway', { kind: 'stallBody' }, NO_ANSWER, { speed: 30 }),
		row('the answer drips in, in time', 1, { kind: 'slowDrip', bytesPerSecond: 2000 }, IMAGE),
		row(
			'the answer drips in, too slowly',
			1,
			{ kind: 'slowDrip', bytesPerSecond: 40 },
			{ ...IMAGE, requests: 2 },
			{ speed: 30 },
		),
		...askedAgain('the answer is cut off', { kind: 'truncate' }, NO_ANSWER),
		...askedAgain(
			'the answer is shorter than announced',
			{ kind: 'wrongContentLength' },
			NO_ANSWER,
		),
		...askedAgain(
			'the answer is longer than announced',
			{ kind: 'wrongContentLength', difference: -9 },
			NO_ANSWER,
		),
		...askedAgain('the answer has no end', ENDLESS, NO_ANSWER),
		...[302, 307, 308].map((status) => ({
			...final(`${status} to another host`, bare(status), /redirects elsewhere.*'Base URL'/s),
			faults: ({ otherHost }: { otherHost: string }) =>
				hit('poll', Infinity, { kind: 'redirect', status, location: `${otherHost}/stolen` }),
		})),
	];

	const nonsense: FaultInCall[] = [
		...askedAgain('a web page instead of JSON', { kind: 'html' }, NO_ANSWER),
		...askedAgain('an empty answer', { kind: 'empty' }, NO_ANSWER),
		...askedAgain('the answer "null"', { kind: 'json', body: null }, NO_ANSWER),
		...askedAgain('a list instead of an object', { kind: 'json', body: [] }, NO_ANSWER),
		...askedAgain('an answer without a task', { kind: 'json', body: {} }, NO_ANSWER),
		untilTheTimeout('the answer "null"', { kind: 'json', body: null }, 20),
		...askedAgain(
			"somebody else's task",
			withValues({ [fields.taskId]: 'of somebody else' }),
			NO_ANSWER,
		),
		untilTheTimeout('a status that nobody knows', withValues({ [fields.status]: 'ARCHIVED' }), 100),
		...poll.endings.map(({ happens, change, means }) =>
			final(happens, withValues(change), endingOf(means, service)),
		),
	];

	const links: FaultInCall[] = [
		...[
			['no image link', undefined],
			['an empty image link', ''],
			['an image link without a scheme', '//127.0.0.1/image.png'],
			['a file: image link', 'file:///etc/passwd'],
			['an ftp: image link', 'ftp://127.0.0.1/image.png'],
			['a javascript: image link', 'javascript:alert(1)'],
			['a data: image link', 'data:image/png;base64,iVBORw0KGgo='],
			['an image link that is no link', 'http://'],
		].flatMap(([happens = '', link]) =>
			poll.meansNoImage(fields.imageUrl, link)
				? [final(happens, withLink(service, link), endingOf('filtered', service))]
				: askedAgain(happens, withLink(service, link), NO_ANSWER),
		),
	];

	const linkLives =
		fields.linkSeconds === undefined
			? []
			: (
					[
						['0', 0],
						['-5', -5],
						['1e+308', 1e308],
						['"soon"', 'soon'],
						['"Infinity"', 'Infinity'],
						['{}', {}],
					] as const
				).map(([shown, seconds]) =>
					row(
						`the link's time to live is ${shown}`,
						Infinity,
						withValues({ [fields.linkSeconds ?? '']: seconds }),
						IMAGE,
					),
				);

	return [
		...connection,
		...bareStatuses,
		...answers,
		...nonsense,
		...links,
		...linkLives,
		...wrongTypeRows(service),
	];
}
