import type { TestedService } from '../../support/services';
import type { Fault } from '../../support/simulator';
import { bare, hit, withLink } from './answers';
import { behindProxy, closedTunnels } from './companyProxy';
import type { Expectation, FaultInCall } from './faultRow';
import { sayingSo, strangersAt } from './strangers';

const FAILED = (cause: RegExp) =>
	new RegExp(
		`could not be downloaded.*paid for and not lost.*'Get Task Result'.*Cause: .*(${cause.source})`,
		's',
	);

const IMAGE: Expectation = { billed: 1, images: 1, requests: 1 };

type More = Partial<FaultInCall>;

function row(happens: string, times: number, fault: Fault, expected: Expectation, more: More = {}) {
	const faults = () => hit('download', times, fault);
	return { call: 'download', happens, times, faults, expected, ...more } satisfies FaultInCall;
}

/** Every further try gets a fresh link. */
function triedAgain(happens: string, fault: Fault, cause: RegExp, more?: More): FaultInCall[] {
	return [
		row(happens, 2, fault, { ...IMAGE, requests: 3 }, more),
		row(happens, Infinity, fault, { sees: FAILED(cause), billed: 1, images: 0, requests: 4 }, more),
	];
}

const NOT_AN_IMAGE = /not an image/;
const TOO_LARGE = /larger than 50 MB/;

/** Every fault in a download. */
export function downloadRows(service: TestedService): FaultInCall[] {
	/** The image link of the first `times` answers about the task, and of all later ones, differ. */
	function linkTo(
		happens: string,
		times: number,
		link: (otherHost: string) => string,
		expected: Expectation,
	): FaultInCall {
		return {
			call: 'download',
			happens,
			times,
			faults: ({ otherHost }) => hit('poll', times, withLink(service, link(otherHost))),
			expected,
		};
	}

	const connection: FaultInCall[] = [
		linkTo('connection refused', 2, () => 'http://127.0.0.1:1/image.png', {
			...IMAGE,
			requests: 3,
		}),
		linkTo('connection refused', Infinity, () => 'http://127.0.0.1:1/image.png', {
			sees: FAILED(/ECONNREFUSED/),
			billed: 1,
			images: 0,
			requests: 4,
		}),
		...triedAgain('connection reset', { kind: 'resetBeforeReply' }, /ECONNRESET/),
		...triedAgain('no answer within 60 seconds', { kind: 'stall' }, /ECONNABORTED|in time/, {
			speed: 40,
		}),
		...triedAgain(
			'nothing comes for 60 seconds halfway',
			{ kind: 'stallBody' },
			/aborted|broke|for 60 seconds/,
			{ speed: 40 },
		),
		row('the image drips in, in time', 1, { kind: 'slowDrip', bytesPerSecond: 200_000 }, IMAGE),
		row(
			'the image drips in for more than 10 minutes',
			1,
			{ kind: 'slowDrip', bytesPerSecond: 2000 },
			{ ...IMAGE, requests: 2 },
			{ speed: 150 },
		),
		...triedAgain('the image is cut off', { kind: 'truncate' }, /./),
		...triedAgain('the image is shorter than announced', { kind: 'wrongContentLength' }, /./),
	];

	const statuses: FaultInCall[] = [
		...triedAgain('403, an expired link', bare(403), /HTTP status 403/),
		...triedAgain('404', bare(404), /HTTP status 404/),
		...triedAgain('429 without a word', bare(429), /HTTP status 429/),
		...triedAgain('429 with "Retry-After: 1"', bare(429, { retryAfter: '1' }), /HTTP status 429/),
		...triedAgain('500', bare(500), /HTTP status 500/),
		...triedAgain('502', bare(502), /HTTP status 502/),
		...triedAgain('503', bare(503), /HTTP status 503/),
		...triedAgain('504', bare(504), /HTTP status 504/),
	];

	const contents: FaultInCall[] = [
		...triedAgain('a web page instead of an image', { kind: 'html' }, NOT_AN_IMAGE),
		...triedAgain('an empty file', { kind: 'empty' }, NOT_AN_IMAGE),
		...triedAgain('"null" instead of an image', { kind: 'json', body: null }, NOT_AN_IMAGE),
		...triedAgain(
			'a text that is called image/png',
			{ kind: 'body', contentType: 'image/png', bytes: Buffer.from('Not Found, but politely so.') },
			NOT_AN_IMAGE,
		),
		...triedAgain(
			'a file of 1 GB that is not an image',
			{ kind: 'huge', bytes: 1e9 },
			NOT_AN_IMAGE,
		),
		...['/large.png?announced', '/large.png'].map((path) =>
			linkTo(
				`an image of 100 MB, ${path.endsWith('announced') ? 'announced' : 'not announced'}`,
				Infinity,
				(otherHost) => otherHost + path,
				{ sees: FAILED(TOO_LARGE), billed: 1, images: 0, requests: 1 },
			),
		),
		linkTo('an image without end', Infinity, (otherHost) => `${otherHost}/endless.png`, {
			sees: FAILED(TOO_LARGE),
			billed: 1,
			images: 0,
			requests: 1,
		}),
	];

	const elsewhere: FaultInCall[] = [
		linkTo(
			'a host that announces the length before it compressed',
			Infinity,
			(host) => `${host}/compressed.png`,
			IMAGE,
		),
		linkTo('the link leads to another host', Infinity, (host) => `${host}/image.png`, IMAGE),
		...[302, 307, 308].map((status) => ({
			...row(`${status} to another host`, Infinity, bare(status), IMAGE),
			faults: ({ otherHost }: { otherHost: string }) =>
				hit('download', Infinity, {
					kind: 'redirect',
					status,
					location: `${otherHost}/image.png`,
				}),
		})),
		linkTo('redirects without end', Infinity, (host) => `${host}/circle`, {
			sees: FAILED(/./),
			billed: 1,
			images: 0,
			requests: [1, 4],
		}),
		row(
			'a redirect to a file: address',
			Infinity,
			{ kind: 'redirect', location: 'file:///etc/passwd' },
			{ sees: FAILED(/./), billed: 1, images: 0, requests: [1, 4] },
		),
	];

	const strangers: FaultInCall[] = [
		...strangersAt(service)
			// Without a word these are the statuses above.
			.filter(({ body }) => body !== undefined)
			.flatMap((answer) => {
				const { happens, status } = answer;
				const cause = status === 200 ? NOT_AN_IMAGE : new RegExp(`HTTP status ${status}`);
				return triedAgain(happens, sayingSo(answer), cause);
			}),
		...triedAgain('302 to a login page', bare(302), NOT_AN_IMAGE).map((triedRow) => ({
			...triedRow,
			faults: ({ otherHost }: { otherHost: string }) =>
				hit('download', triedRow.times, { kind: 'redirect', location: `${otherHost}/login` }),
		})),
		...closedTunnels.map((tunnel) =>
			linkTo(tunnel.happens, Infinity, () => `${behindProxy(tunnel)}/image.png`, {
				sees: FAILED(
					tunnel.status === undefined ? /./ : new RegExp(`HTTP status ${tunnel.status}`),
				),
				billed: 1,
				images: 0,
				requests: 4,
			}),
		),
	];

	return [...connection, ...statuses, ...contents, ...elsewhere, ...strangers];
}
