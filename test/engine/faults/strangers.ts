import { isDeepStrictEqual } from 'node:util';

import type { TestedService } from '../../support/services';
import type { Fault } from '../../support/simulator';

/** An answer of somebody between n8n and the service. */
export interface StrangersAnswer {
	/** In the words of `docs/faults.md`. */
	happens: string;
	status: number;
	body?: unknown;
	/** What the user is told of it, as a pattern. */
	words: string;
}

const text = (status: number, happens: string, body: string): StrangersAnswer => ({
	happens,
	status,
	body,
	words: `"${body.replace(/[{}]/g, '\\$&')}"`,
});

const page = (status: number, happens: string, words: string): StrangersAnswer => ({
	happens,
	status,
	body: `<!DOCTYPE html><html><head><title>${words}</title><script>run()</script></head></html>`,
	words: `"${words}"`,
});

const json = (status: number, happens: string, body: object): StrangersAnswer => ({
	happens,
	status,
	body,
	words: `"${JSON.stringify(body).replace(/[{}]/g, '\\$&')}"`,
});

/** What proxies, firewalls, gateways and login pages were seen to say. */
const strangersAnswers: StrangersAnswer[] = [
	text(403, "a firewall's 403 as text", 'error code: 1010'),
	page(403, "a firewall's challenge page with 403", 'Just a moment'),
	page(503, "a firewall's challenge page with 503", 'Checking your browser'),
	page(404, "a web server's page with 404", 'Not Found'),
	page(502, "a proxy's page with 502", 'Bad Gateway'),
	page(504, "a proxy's page with 504", 'Gateway Timeout'),
	text(530, "a CDN's 530 as text", 'error code: 1033'),
	json(403, "a gateway's 403 in JSON", { message: 'Forbidden' }),
	json(404, "a gateway's 404 in JSON", { message: 'no Route matched with those values' }),
	json(404, "a gateway's 404 in the JSON of its framework", { detail: 'Not Found' }),
	json(403, "a gateway's 403 as a problem document", {
		type: 'about:blank',
		title: 'Forbidden',
		status: 403,
		detail: 'Blocked by the company',
	}),
	json(403, "a gateway's 403 in JSON with an id", { id: '8f2c41d0', message: 'Forbidden' }),
	json(503, "a gateway's 503 in JSON with an id", { id: '8f2c41d0', message: 'No backend' }),
	text(403, "a gateway's 403 in what is nearly JSON", '{message: Forbidden}'),
	text(429, "a gateway's 429 as text", 'Too many requests'),
	page(407, "a proxy's 407", 'Proxy authentication required'),
	page(200, 'a login page with 200', 'Sign in'),
	json(200, "a captive portal's JSON with 200", { ok: true }),
	...[401, 403, 404, 500, 503].map((status) => ({
		happens: `${status} without a word`,
		status,
		words: 'without a word',
	})),
];

/** What a service says itself in just these words is no stranger's there. */
export function strangersAt({ refusals }: TestedService): StrangersAnswer[] {
	return strangersAnswers.filter(
		({ status, body }) =>
			!refusals.some((own) => own.status === status && isDeepStrictEqual(own.body, body)),
	);
}

/** The stranger's answer in place of the service's. */
export function sayingSo({ status, body }: StrangersAnswer): Fault {
	return { kind: 'status', status, body };
}
