import { BinaryDataConfig, BinaryDataService, ErrorReporter } from 'n8n-core';
import { LoggerProxy } from 'n8n-workflow';

import { Container, Logger, network, type SsrfProtectionConfig } from './coreDependencies';
import { createErrorReporter } from './engineVersion';
import { engineLogger, nodeLogger } from './logs';

/** Where n8n keeps binary data: `default` is in memory, inside the item. */
export type BinaryMode = 'default' | 'filesystem';

/**
 * n8n's protection against server-side request forgery (`N8N_SSRF_PROTECTION_ENABLED`).
 * `true` blocks n8n's default ranges, localhost among them; the lists are those of the
 * `N8N_SSRF_…` variables.
 */
export type SsrfProtection = boolean | Partial<Omit<SsrfProtectionConfig, 'enabled'>>;

/** Settings of the n8n instance, as opposed to those of a workflow. */
export interface EngineSettings {
	/** Default `filesystem`, as in n8n. */
	binaryMode?: BinaryMode;
	/** Default `false`, as in n8n. */
	ssrfProtection?: SsrfProtection;
}

Container.set(Logger, nodeLogger);
Container.set(ErrorReporter, createErrorReporter(engineLogger));
LoggerProxy.init(engineLogger);

let activeUses = 0;
let activeSettings = '';
let configured: Promise<void>;

async function configure({ binaryMode, ssrfProtection }: Required<EngineSettings>): Promise<void> {
	protectNetwork(ssrfProtection);
	Container.get(BinaryDataConfig).mode = binaryMode;
	await Container.get(BinaryDataService).init();
}

function protectNetwork(protection: SsrfProtection): void {
	if (network === undefined) {
		if (protection === false) return;
		throw new Error('This n8n has no protection against server-side request forgery');
	}
	const { DnsResolver, OutboundHttp, SsrfProtectionConfig, SsrfProtectionService } = network;
	const config = new SsrfProtectionConfig();
	if (typeof protection === 'object') Object.assign(config, protection);
	config.enabled = protection !== false;
	const service = new SsrfProtectionService(config, Container.get(DnsResolver), engineLogger);
	Container.set(OutboundHttp, new OutboundHttp(service, config, engineLogger));
}

/**
 * Runs `work` on an n8n instance with the given settings.
 * The instance is one per process, so work that runs side by side must ask for the same settings.
 *
 * @throws Error when other work with other settings is still under way
 */
export async function withEngine<T>(
	{ binaryMode = 'filesystem', ssrfProtection = false }: EngineSettings,
	work: () => Promise<T>,
): Promise<T> {
	const settings = JSON.stringify({ binaryMode, ssrfProtection });
	if (activeUses > 0 && settings !== activeSettings) {
		throw new Error(`Other work is still using the engine with the settings ${activeSettings}`);
	}
	if (settings !== activeSettings) {
		activeSettings = settings;
		configured = configure({ binaryMode, ssrfProtection });
	}
	activeUses++;
	try {
		await configured;
		return await work();
	} finally {
		activeUses--;
	}
}
