import { asObject, asText } from '../values/untrusted';
import type { Lost, NotSent } from './outcome';

/** Faults before the first byte of the request; a moment later the same call may work. */
const NOT_REACHED = new Set([
	'ECONNREFUSED',
	'ENOTFOUND',
	'EAI_AGAIN',
	'EHOSTUNREACH',
	'ENETUNREACH',
	'ENETDOWN',
	'EADDRNOTAVAIL',
]);

/** Calls of the operating system that come before anything is sent. */
const BEFORE_SENDING = new Set(['connect', 'getaddrinfo']);

/** Faults of certificates and of the request itself: it never left, and repeating does not help. */
const NEVER_SENT =
	/CERT|SIGNATURE|ERR_TLS|ERR_INVALID|ERR_UNESCAPED|ERR_FR_TOO_MANY|UNSUPPORTED_PROTOCOL/;

/** Faults of TLS in the handshake, or on a connection that carried the request already. */
const TLS_FAULT = /ERR_SSL|EPROTO/;

/**
 * A company's proxy that opened no tunnel, in the words of the two HTTP clients of n8n
 * (https-proxy-agent and undici). A refusal with a page reaches us as an answer instead.
 */
const NO_TUNNEL = /CONNECT response|when HTTP Tunneling/i;

/**
 * Reads what n8n's HTTP helpers throw (a NodeApiError around the HTTP client's error, in several
 * layers) and decides whether the request can have reached the service.
 */
export function readConnectionFault(error: unknown): NotSent | Lost {
	const layers = causes(error);
	const codes = layers.flatMap((layer) => asText(layer.code) ?? asText(layer.httpCode) ?? []);
	const blocked = layers.find((layer) => /^Ssrf/.test(asText(layer.name) ?? ''));
	if (blocked !== undefined) {
		return {
			kind: 'notSent',
			cause: asText(blocked.message) ?? "blocked by n8n's SSRF protection",
			temporary: false,
		};
	}
	if (layers.some((layer) => NO_TUNNEL.test(asText(layer.message) ?? ''))) {
		const cause = 'the proxy let nothing through';
		return { kind: 'notSent', cause, temporary: true };
	}
	const cause = codes[0] ?? 'no connection';
	const calls = layers.flatMap((layer) => asText(layer.syscall) ?? []);
	const isBeforeSending =
		calls.length > 0
			? calls.every((call) => BEFORE_SENDING.has(call))
			: codes.some((code) => NOT_REACHED.has(code));
	if (isBeforeSending) return { kind: 'notSent', cause, temporary: true };
	const fatal = codes.find((code) => NEVER_SENT.test(code));
	if (fatal !== undefined) return { kind: 'notSent', cause: fatal, temporary: false };
	if (!neverCameUp(layers)) return { kind: 'lost', cause };
	// A port that does not speak TLS will not do so a moment later.
	return { kind: 'notSent', cause, temporary: !codes.some((code) => TLS_FAULT.test(code)) };
}

/**
 * Whether the connection was still being made, as its socket tells: n8n's error keeps the request.
 * The codes do not tell; a broken TLS record looks alike before and after the request was sent.
 */
function neverCameUp(layers: Array<Record<string, unknown>>): boolean {
	return layers.some(({ request }) => {
		const socket = asObject(request)?.socket;
		// Null stands there until a socket is handed over, which a proxy's refusal prevents.
		if (socket === null) return true;
		const { connecting, secureConnecting } = asObject(socket) ?? {};
		return connecting === true || secureConnecting === true;
	});
}

/** The error and what caused it, outermost first; of several attempts to connect, all of them. */
function causes(error: unknown): Array<Record<string, unknown>> {
	const layers: Array<Record<string, unknown>> = [];
	for (
		let layer = asObject(error);
		layer !== undefined && !layers.includes(layer) && layers.length < 8;
		layer = asObject(layer.cause)
	) {
		layers.push(layer);
	}
	const attempts = layers
		.flatMap(({ errors }): unknown[] => (Array.isArray(errors) ? errors : []))
		.slice(0, 20)
		.map(asObject)
		.filter((attempt) => attempt !== undefined);
	return [...layers, ...attempts];
}
