import type { IncomingHttpHeaders } from 'node:http';

/**
 * The path and query that a request of fal.ai's official client means when it is told of a proxy
 * (`proxyUrl`): it sends everything to that one address, and the true one in a header.
 */
export function proxiedPath(headers: IncomingHttpHeaders): string | undefined {
	const target = headers['x-fal-target-url'];
	if (typeof target !== 'string' || !URL.canParse(target)) return undefined;
	const { hostname, pathname, search } = new URL(target);
	return hostname === 'queue.fal.run' ? pathname + search : undefined;
}
