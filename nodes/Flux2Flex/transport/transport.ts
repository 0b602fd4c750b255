import type { IExecuteFunctions, IHttpRequestOptions, IN8nHttpFullResponse } from 'n8n-workflow';

import { asObject } from '../values/untrusted';
import { isRedirect, isSuccess } from '../services/refusals';
import type { ServiceAnswer, ServiceRequest } from '../services/service';
import { discard, isStream, type ByteStream } from './byteStream';
import { within, type Clock } from '../timing/clock';
import { CREDENTIAL_TYPE, mayGetKey, type Account } from '../services/account';
import { readConnectionFault } from './connectionFault';
import type { Lost, NotSent, Outcome } from './outcome';
import { parseAnswer } from './parseAnswer';
import { strangerOf } from './stranger';
import type { StopSignal } from '../timing/stopSignal';

/** The start of a file that is being downloaded. */
export interface OpenDownload {
	kind: 'open';
	/** HTTP status code; the body of anything but 2xx is of no use. */
	status: number;
	headers: Record<string, string>;
	body: ByteStream;
}

export interface CallLimits {
	/** Milliseconds until the whole answer must be there. */
	timeLimit: number;
	/** Ends the call at once; it then counts as lost. */
	signal: StopSignal;
}

/** An answer of the API is a few kilobytes; more than this is not one, unless a service says so. */
export const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/**
 * Answers are short and images are compressed already, while servers were seen that compress and
 * announce the length of what they had before: n8n's HTTP client takes that for a broken answer.
 */
const UNCOMPRESSED = { 'Accept-Encoding': 'identity' };

/** Milliseconds without a byte after which a download counts as stalled. */
const DOWNLOAD_STALL_LIMIT = 60_000;

/**
 * The one place that does HTTP. Everything goes through n8n's helpers, so n8n's proxy settings and
 * its SSRF protection hold. No call throws for what the network or the service does.
 */
export class Transport {
	constructor(
		private readonly context: IExecuteFunctions,
		private readonly clock: Clock,
	) {}

	/** Calls the service with the account's key, which goes to no foreign host whatever was answered. */
	async call(account: Account, request: ServiceRequest, limits: CallLimits): Promise<Outcome> {
		const started = this.clock.now();
		const options: IHttpRequestOptions = {
			method: request.method,
			...addressOf(request, account),
			body: request.body,
			headers: {
				Accept: 'application/json',
				...UNCOMPRESSED,
				...(request.body && { 'Content-Type': 'application/json' }),
				...request.headers,
			},
			timeout: Math.max(1, Math.ceil(limits.timeLimit)),
			// A stream, so that an endless answer can be cut off.
			encoding: 'stream',
			returnFullResponse: true,
			// n8n sends a rejected 401 a second time, a paid POST included.
			ignoreHttpStatusErrors: true,
			// The key must not travel to another host, and a POST not turn into a GET.
			disableFollowRedirect: true,
		};
		const response = await this.settle(
			this.context.helpers.httpRequestWithAuthentication.call(
				this.context,
				CREDENTIAL_TYPE,
				options,
				{
					credentialsDecrypted: {
						id: '',
						name: '',
						type: CREDENTIAL_TYPE,
						data: account.credentials,
					},
				},
			),
			limits,
		);
		if (response.kind !== 'response') return response;
		const left = limits.timeLimit - (this.clock.now() - started);
		const { maxAnswerBytes = MAX_ANSWER_BYTES } = account.service;
		const text = await this.readText(response.body, { ...limits, timeLimit: left }, maxAnswerBytes);
		const { status, headers } = response;
		if (typeof text !== 'string') {
			// A refusal is one, also when its words broke off; whose they were is not known.
			const isRefusal = status >= 300 && status < 500;
			return isRefusal ? strangerOf({ status, headers, body: '' }, account.secrets) : text;
		}
		const answer: ServiceAnswer = { status, headers, body: parseAnswer(text, account.secrets) };
		if (isSuccess(status) && typeof answer.body === 'string' && answer.body.startsWith('{')) {
			return { kind: 'lost', cause: 'an answer that broke off in the middle' };
		}
		return !isRedirect(status) && account.service.isOwnAnswer(answer)
			? { kind: 'answered', answer }
			: strangerOf(answer, account.secrets);
	}

	/** Opens a public link; without a key, since image hosts are not the service. */
	async open(url: string, limits: CallLimits): Promise<OpenDownload | NotSent | Lost> {
		const connection = new AbortController();
		const unsubscribe = limits.signal.onStop(() => connection.abort());
		const response = await this.settle(
			this.context.helpers.httpRequest({
				method: 'GET',
				url,
				// A store that knows a file as application/octet-stream only has an image, too.
				headers: { Accept: 'image/*,*/*;q=0.8', ...UNCOMPRESSED },
				timeout: Math.max(1, Math.min(limits.timeLimit, DOWNLOAD_STALL_LIMIT)),
				encoding: 'stream',
				returnFullResponse: true,
				// With a rejected status n8n leaves the streamed body unread and open.
				ignoreHttpStatusErrors: true,
				maxRedirects: 5,
				sendCredentialsOnCrossOriginRedirect: false,
				abortSignal: connection.signal,
			}),
			limits,
		);
		unsubscribe();
		if (response.kind !== 'response') return response;
		if (!isStream(response.body)) return { kind: 'lost', cause: 'an answer without a body' };
		// A stream that breaks while nobody listens would end the whole n8n process.
		response.body.on('error', () => {});
		return {
			kind: 'open',
			status: response.status,
			headers: response.headers,
			body: response.body,
		};
	}

	/** Waits for a response; one that comes too late is thrown away. */
	private async settle(
		pending: Promise<unknown>,
		{ timeLimit, signal }: CallLimits,
	): Promise<
		| { kind: 'response'; status: number; headers: Record<string, string>; body: unknown }
		| NotSent
		| Lost
	> {
		const settled = pending.then(
			(value) => readResponse(value as IN8nHttpFullResponse),
			(error: unknown) => readConnectionFault(error),
		);
		const outcome = await within(this.clock, timeLimit, signal, settled);
		if (outcome !== undefined) return outcome;
		void settled.then((late) => {
			if (late.kind === 'response' && isStream(late.body)) discard(late.body);
		});
		return { kind: 'lost', cause: signal.stopped ? 'canceled' : 'no whole answer in time' };
	}

	/** The whole body as text, or why it did not arrive. */
	private async readText(
		body: unknown,
		{ timeLimit, signal }: CallLimits,
		maxBytes: number,
	): Promise<string | Lost> {
		if (typeof body === 'string') return body;
		// n8n's own test tools answer with parsed JSON where a stream was asked for.
		if (!isStream(body)) return JSON.stringify(body ?? '');
		const text = await within(this.clock, timeLimit, signal, readAll(body, maxBytes));
		if (text !== undefined) return text;
		body.destroy();
		return { kind: 'lost', cause: 'no whole answer in time' };
	}
}

/** The address the service gave, where the key may go there; else the one on the account's host. */
function addressOf({ url, path, query }: ServiceRequest, account: Account) {
	return url !== undefined && mayGetKey(account, url)
		? { url }
		: { url: account.baseUrl + path, qs: query };
}

function readResponse(response: IN8nHttpFullResponse): {
	kind: 'response';
	status: number;
	headers: Record<string, string>;
	body: unknown;
} {
	return {
		kind: 'response',
		status: response.statusCode,
		// Node has their names in lower case already.
		headers: (asObject(response.headers) ?? {}) as Record<string, string>,
		body: response.body,
	};
}

async function readAll(body: ByteStream, maxBytes: number): Promise<string | Lost> {
	const chunks: Uint8Array[] = [];
	let bytes = 0;
	try {
		for await (const chunk of body as AsyncIterable<Uint8Array | string>) {
			const part = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
			bytes += part.length;
			if (bytes > maxBytes) return { kind: 'lost', cause: 'an answer without end' };
			chunks.push(part);
		}
	} catch {
		return { kind: 'lost', cause: 'the connection broke in the middle of the answer' };
	}
	return Buffer.concat(chunks).toString('utf8');
}
