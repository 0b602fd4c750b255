import { resultRequest, type TestedService } from '../../support/services';
import type { Fault, FaultyCall } from '../../support/simulator';
import { bare, ENDLESS, refused, speedFor, withLink, withValues } from './answers';
import { behindProxy, closedTunnels } from './companyProxy';
import type { FaultInCall } from './faultRow';
import { error, image, redirect, rowsOf, withHttps, type More } from './rows';
import { sayingSo, strangersAt } from './strangers';
import { endingOf, strangerAt, wordingOf } from './wordings';
import { wrongTypeRows } from './wrongTypes';

const NO_ANSWER = /gave no usable answer about the task.*not lost/s;
const UNUSABLE =
	/The task is finished, but the link to its image cannot be used: .*'Get Task Result'/s;
const TOO_LATE = /not finished within \d+ seconds.*'Get Task Result'.*'Timeout'/s;

const GET: More = { operation: 'getTaskResult' };

/** Rows about one of the requests that a task is asked for by. */
function rowsAbout(call: FaultyCall) {
	const row = rowsOf(call);

	/** A success without an image is looked at three times: it may be there a moment later. */
	const doubted = (happens: string, fault: Fault, sees: RegExp): FaultInCall[] => [
		row(happens, 2, fault, image(3)),
		row(happens, Infinity, fault, error(sees, 3)),
	];

	return {
		row,
		doubted,
		/** Asking costs nothing: it is asked again, for as long as the operation waits. */
		askedAgain: (
			happens: string,
			fault: Parameters<typeof row>[2],
			sees: RegExp,
			more?: More,
		): FaultInCall[] => [
			row(happens, 2, fault, image(3), more),
			row(happens, Infinity, fault, error(sees, 5), { ...GET, ...more }),
		],
		/** A finished task is looked at three times, for a link that can be used. */
		lookedAt: (happens: string, fault: Fault): FaultInCall[] => [
			...doubted(happens, fault, UNUSABLE),
			row(happens, Infinity, fault, error(UNUSABLE, 3), GET),
		],
		/** The answer will not change. */
		final: (happens: string, fault: Fault, sees: RegExp): FaultInCall =>
			row(happens, Infinity, fault, error(sees, 1)),
		/** The wait ends with the time the user set. */
		untilTheTimeout: (
			happens: string,
			fault: Fault,
			most: number,
			more: More = {},
			sees = TOO_LATE,
		): FaultInCall => {
			// Long enough for a second look on a busy machine.
			const options = { timeout: 2, ...more.options };
			return row(happens, Infinity, fault, error(sees, [2, most]), { ...more, options });
		},
	};
}

/** Every fault in a request for a task. */
export function pollRows(service: TestedService): FaultInCall[] {
	const { poll } = service;
	const { fields } = poll;
	const { row, askedAgain, final, untilTheTimeout } = rowsAbout('poll');
	const { call: resultCall } = resultRequest(service, '');
	const result = rowsAbout(resultCall);
	const BUSY = strangerAt(service, 429, 'without a word');
	const answers = service.refusals.flatMap((refusal) => {
		const { name } = refusal;
		const means = refusal.meansOfTask ?? refusal.means;
		const fault = refused(refusal);
		const says = wordingOf(means, service);
		if (means === 'unknownTask') {
			return [
				row(`${name}, right after the submit`, 2, fault, image(3)),
				row(`${name}, for more than 30 seconds`, Infinity, fault, error(says, [3, 100]), {
					speed: 20,
				}),
				row(name, Infinity, fault, error(says, 1), GET),
			];
		}
		if (refusal.submit === 'nothing, for good') return [final(name, fault, says)];
		return askedAgain(name, fault, says, speedFor(refusal));
	});

	const aDay = bare(429, { retryAfter: '86400' });
	const twoSeconds = { options: { timeout: 2 } };
	const bareStatuses: FaultInCall[] = [
		...askedAgain('429 without a word', bare(429), BUSY),
		row('429 with "Retry-After: 1"', 1, bare(429, { retryAfter: '1' }), {
			...image(2),
			waits: 950,
		}),
		untilTheTimeout('429 with a "Retry-After" of a day', aDay, 2),
		row('429 with a "Retry-After" of a day', Infinity, aDay, error(BUSY, 1), GET),
		untilTheTimeout('429 with "Retry-After: 0"', bare(429, { retryAfter: '0' }), 12, twoSeconds),
		untilTheTimeout(
			'429 with a "Retry-After" in the past',
			bare(429, { retryAfter: 'Wed, 21 Oct 2015 07:28:00 GMT' }),
			12,
			twoSeconds,
		),
		row(
			"503 without a word; 'On Timeout' returns the pending task",
			Infinity,
			bare(503),
			{ billed: 1, images: 0, requests: [2, 20] },
			{ options: { timeout: 2, onTimeout: 'returnPending' } },
		),
	];

	const connection: FaultInCall[] = [
		row('connection refused', 2, undefined, image(3), { closedPort: true }),
		row('connection refused', Infinity, undefined, error(NO_ANSWER, 5), {
			closedPort: true,
			...GET,
		}),
		...askedAgain('connection reset', { kind: 'resetBeforeReply' }, NO_ANSWER),
		...askedAgain('no answer within 30 seconds', { kind: 'stall' }, NO_ANSWER, { speed: 30 }),
		untilTheTimeout('no answer, ever', { kind: 'stall' }, 3, {
			speed: 8,
			options: { timeout: 45 },
		}),
		...askedAgain('the answer stops halfway', { kind: 'stallBody' }, NO_ANSWER, { speed: 30 }),
		row('the answer drips in, in time', 1, { kind: 'slowDrip', bytesPerSecond: 2000 }, image(1)),
		row('the answer drips in, too slowly', 1, { kind: 'slowDrip', bytesPerSecond: 40 }, image(2), {
			speed: 30,
		}),
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
		...[302, 307, 308].flatMap((status) =>
			askedAgain(
				`${status} to another host`,
				redirect(status, '/stolen?a=b'),
				strangerAt(service, status, '"redirect to http://[^?]*/stolen"'),
			),
		),
	];

	const nonsense: FaultInCall[] = [
		...askedAgain('an empty answer', { kind: 'empty' }, strangerAt(service, 200, 'without')),
		...(
			[
				['the answer "null"', null],
				['a list instead of an object', []],
				['an answer without a task', {}],
			] as const
		).flatMap(([happens, body]) => {
			const words = `"${JSON.stringify(body).replace(/[[\]]/g, '\\$&')}"`;
			return askedAgain(happens, { kind: 'json', body }, strangerAt(service, 200, words));
		}),
		untilTheTimeout('the answer "null"', { kind: 'json', body: null }, 20),
		...askedAgain(
			"somebody else's task",
			withValues({ [fields.taskId]: 'of somebody else' }),
			NO_ANSWER,
		),
		untilTheTimeout('a status that nobody knows', withValues({ [fields.status]: 'ARCHIVED' }), 100),
		...poll.endings.flatMap(({ happens, status, change, means, isDoubted }) => {
			const fault = withValues(change, status);
			const sees = endingOf(means, service);
			return isDoubted
				? result.doubted(happens, fault, sees)
				: [result.final(happens, fault, sees)];
		}),
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
				? result.doubted(happens, withLink(service, link), endingOf('filtered', service))
				: result.lookedAt(happens, withLink(service, link)),
		),
	];

	const strangers = strangersAt(service).flatMap((answer): FaultInCall[] => {
		const { happens, status, words } = answer;
		const fault = sayingSo(answer);
		const lastLook = `${TOO_LATE.source}.* The last look brought no answer: something between n8n and ${service.displayName} answered.*status ${status},`;
		return [
			...askedAgain(happens, fault, strangerAt(service, status, words)),
			untilTheTimeout(happens, fault, 20, {}, new RegExp(lastLook, 's')),
		];
	});

	/** One answer that is not the service's, among the polls of five paid tasks. */
	const amongFive = row(
		"a firewall's 403 as text, with five tasks under way",
		1,
		undefined,
		{ billed: 5, images: 5, requests: 6 },
		{
			faults: () => [
				{ call: 'poll', skip: 1, fault: { kind: 'status', status: 403, body: 'error code: 1010' } },
			],
			items: 5,
		},
	);

	const proxies: FaultInCall[] = [
		...closedTunnels.map((tunnel) => {
			const { happens, status, words = '' } = tunnel;
			const sees = status === undefined ? NO_ANSWER : strangerAt(service, status, words);
			const more = { ...GET, baseUrl: () => behindProxy(tunnel) };
			return row(happens, Infinity, undefined, error(sees, 5), more);
		}),
		row(
			'an https address where plain http answers',
			Infinity,
			undefined,
			error(/could not be reached at https.*not lost.*'Base URL'/s, 1),
			{ ...GET, baseUrl: withHttps },
		),
	];

	const { linkSeconds } = fields;
	const lives = linkSeconds === undefined ? [] : [0, -5, 1e308, 'soon', 'Infinity', {}];
	const linkLives = lives.map((seconds) =>
		result.row(
			`the link's time to live is ${JSON.stringify(seconds)}`,
			Infinity,
			withValues({ [linkSeconds ?? '']: seconds }),
			image(1),
		),
	);

	/** Where the result is fetched by a request of its own, that one may fail as well. */
	const resultCalls =
		resultCall === 'poll'
			? []
			: [
					...result.askedAgain(
						'connection reset, asking for the result',
						{ kind: 'resetBeforeReply' },
						NO_ANSWER,
					),
					...result.askedAgain(
						'502 without a word, asking for the result',
						bare(502),
						strangerAt(service, 502, 'without a word'),
					),
					...result.askedAgain(
						'a page, asking for the result',
						{ kind: 'html' },
						strangerAt(service, 200, '"Sign in'),
					),
					...result.askedAgain(
						'429 in the words of the service, asking for the result',
						{ kind: 'status', status: 429, body: { detail: 'said by the service' } },
						wordingOf('rateLimit', service),
					),
				];

	return [
		...connection,
		...resultCalls,
		...bareStatuses,
		...answers,
		...strangers,
		amongFive,
		...proxies,
		...nonsense,
		...links,
		...linkLives,
		...wrongTypeRows(service),
	];
}
