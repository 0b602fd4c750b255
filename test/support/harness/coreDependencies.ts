import './environment';

import type { ErrorReporter } from 'n8n-core';
import { createRequire } from 'node:module';

/**
 * What n8n-core is built on, from the very copies n8n-core uses. A plain import may find another
 * version higher up in node_modules, with a service container of its own that nobody looks into.
 * The types say no more than the harness needs, for the same reason.
 */
const requireFromCore = createRequire(require.resolve('n8n-core'));

type Constructor<T> = abstract new (...dependencies: never[]) => T;

/** n8n's logger. */
export type Logger = ConstructorParameters<typeof ErrorReporter>[0];

/** n8n's settings for its protection against server-side request forgery. */
export interface SsrfProtectionConfig {
	enabled: boolean;
	blockedIpRanges: string[];
	allowedIpRanges: string[];
	blockedHostnames: string[];
	allowedHostnames: string[];
}

/** n8n's services, one instance each. */
export const { Container } = requireFromCore('@n8n/di') as {
	Container: {
		get<T>(service: Constructor<T>): T;
		set<T>(service: Constructor<T>, instance: T): void;
	};
};

export const { Logger } = requireFromCore('@n8n/backend-common') as {
	Logger: Constructor<Logger>;
};

/** n8n's outgoing HTTP and its protection against server-side request forgery. */
interface Network {
	SsrfProtectionConfig: new () => SsrfProtectionConfig;
	DnsResolver: Constructor<object>;
	OutboundHttp: new (
		ssrfProtection: object,
		config: SsrfProtectionConfig,
		logger: Logger,
	) => object;
	SsrfProtectionService: new (
		config: SsrfProtectionConfig,
		dnsResolver: object,
		logger: Logger,
	) => object;
}

/** Undefined in an n8n from before that protection. */
export const network: Network | undefined = isThere('@n8n/backend-network')
	? ({
			...(requireFromCore('@n8n/config') as object),
			...(requireFromCore('@n8n/backend-network') as object),
		} as Network)
	: undefined;

function isThere(request: string): boolean {
	try {
		requireFromCore.resolve(request);
		return true;
	} catch {
		return false;
	}
}

/** lodash's `get`: the value at a path such as `data.items[0].id`. */
export const get = requireFromCore('lodash/get') as (object: unknown, path: string) => unknown;
