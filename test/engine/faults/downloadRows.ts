import { resultRequest, type TestedService } from '../../support/services';
import { bare, hit, withLink } from './answers';
import { behindProxy, closedTunnels } from './companyProxy';
import type { Expectation, FaultInCall } from './faultRow';
import { error, image, redirect, rowsOf, type More } from './rows';
import { sayingSo, strangersAt } from './strangers';

const row = rowsOf('download');

const failed = (cause: RegExp, requests: Expectation['requests']) =>
	error(
		new RegExp(
			`could not be downloaded.*paid for and not lost.*'Get Task Result'.*Cause: .*(${cause.source})`,
			's',
		),
		requests,
	);

/** Every further try gets a fresh link. */
function triedAgain(
	happens: string,
	fault: Parameters<typeof row>[2],
	cause: RegExp,
	more?: More,
): FaultInCall[] {
	return [
		row(happens, 2, fault, image(3), more),
		row(happens, Infinity, fault, failed(cause, 4), more),
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
		const faults: FaultInCall['faults'] = ({ otherHost }) =>
			hit(resultRequest(service, '').call, times, withLink(service, link(otherHost)));
		return row(happens, times, undefined, expected, { faults });
	}
	const atOtherHost = (happens: string, path: string, expected: Expectation) =>
		linkTo(happens, Infinity, (host) => host + path, expected);
	const nowhere = () => 'http://127.0.0.1:1/image.png';

	return [
		linkTo('connection refused', 2, nowhere, image(3)),
		linkTo('connection refused', Infinity, nowhere, failed(/ECONNREFUSED/, 4)),
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
		row('the image drips in, in time', 1, { kind: 'slowDrip', bytesPerSecond: 200_000 }, image(1)),
		row(
			'the image drips in for more than 10 minutes',
			1,
			{ kind: 'slowDrip', bytesPerSecond: 2000 },
			image(2),
			{ speed: 150 },
		),
		...triedAgain('the image is cut off', { kind: 'truncate' }, /./),
		...triedAgain('the image is shorter than announced', { kind: 'wrongContentLength' }, /./),
		...triedAgain('403, an expired link', bare(403), /HTTP status 403/),
		...triedAgain('404', bare(404), /HTTP status 404/),
		...triedAgain('429 without a word', bare(429), /HTTP status 429/),
		...triedAgain('429 with "Retry-After: 1"', bare(429, { retryAfter: '1' }), /HTTP status 429/),
		...triedAgain('500', bare(500), /HTTP status 500/),
		...triedAgain('502', bare(502), /HTTP status 502/),
		...triedAgain('503', bare(503), /HTTP status 503/),
		...triedAgain('504', bare(504), /HTTP status 504/),
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

		atOtherHost('an image of 100 MB, announced', '/large.png?announced', failed(TOO_LARGE, 1)),
		atOtherHost('an image of 100 MB, not announced', '/large.png', failed(TOO_LARGE, 1)),
		atOtherHost('an image without end', '/endless.png', failed(TOO_LARGE, 1)),
		atOtherHost(
			'a host that announces the length before it compressed',
			'/compressed.png',
			image(1),
		),
		atOtherHost('the link leads to another host', '/image.png', image(1)),
		...[302, 307, 308].map((status) =>
			row(`${status} to another host`, Infinity, redirect(status, '/image.png'), image(1)),
		),
		atOtherHost('redirects without end', '/circle', failed(/./, [1, 4])),
		row(
			'a redirect to a file: address',
			Infinity,
			{ kind: 'redirect', location: 'file:///etc/passwd' },
			failed(/./, [1, 4]),
		),

		...strangersAt(service)
			// Without a word these are the statuses above.
			.filter(({ body }) => body !== undefined)
			.flatMap((answer) => {
				const { happens, status } = answer;
				const cause = status === 200 ? NOT_AN_IMAGE : new RegExp(`HTTP status ${status}`);
				return triedAgain(happens, sayingSo(answer), cause);
			}),
		...triedAgain('302 to a login page', redirect(302, '/login'), NOT_AN_IMAGE),
		...closedTunnels.map((tunnel) => {
			const { happens, status } = tunnel;
			const cause = status === undefined ? /./ : new RegExp(`HTTP status ${status}`);
			const link = () => `${behindProxy(tunnel)}/image.png`;
			return linkTo(happens, Infinity, link, failed(cause, 4));
		}),
	];
}
