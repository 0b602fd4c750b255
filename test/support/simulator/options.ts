import type { ImageRequest } from './image';
import { drawImage } from './image';

/** The image formats the services are known to hand out. */
export type ImageType = 'png' | 'jpeg' | 'webp';

export interface SimulatorOptions {
	/** 0, the default, takes any free port. */
	port?: number;
	/** Default `127.0.0.1`. */
	host?: string;
	/** Path in front of the API, as behind a company gateway: `/gateway`. Default none. */
	basePath?: string;
	/** Keys that are let in. Default `['simulator-key']`. */
	apiKeys?: string[];
	/** How long a task stays queued. Default 0. */
	queueMilliseconds?: number;
	/** How long a task is worked on, or a function of its number, counted from 1. Default 0. */
	processingMilliseconds?: number | ((taskNumber: number) => number);
	/**
	 * How long an image's link is good for; 0 gives links that never expire. Default what the
	 * dialect's vendor documents: Novita AI 3600, Black Forest Labs 600.
	 */
	linkTimeToLiveSeconds?: number;
	/**
	 * Unfinished tasks allowed at a time; more answer 429. `documented` is what the dialect's vendor
	 * says: Black Forest Labs 24, Novita AI nothing. Default no limit.
	 */
	maxActiveTasks?: number | 'documented';
	/** Tasks accepted within any one second; more answer 429. Default no limit. */
	maxSubmitsPerSecond?: number;
	/** Whether a 429 says in `Retry-After` when to come back. Default false: it is not documented. */
	retryAfter?: boolean;
	/** What Novita AI's dialect makes; in the other one each request says it. Default `png`. */
	imageType?: ImageType;
	/**
	 * Where Black Forest Labs' dialect sends clients with `polling_url`: to the host that took the
	 * submit (default), to a second one that the simulator then listens on (`regionalUrl`), or
	 * nowhere, with a reply that has no such field.
	 */
	pollingUrl?: 'ownHost' | 'regionalHost' | 'none';
	/** Whether Black Forest Labs' dialect says what a task costs; it does not always. Default true. */
	tellsCost?: boolean;
	/** Makes the bytes of an image. Default: really draws one. */
	drawImage?: (request: ImageRequest) => Promise<Buffer>;
	/** The clock, in milliseconds since 1970. Default `Date.now`. */
	now?: () => number;
	/** How long one reference image may take to fetch. Default 10 000. */
	referenceTimeoutMilliseconds?: number;
	/** How long a webhook's receiver may take to answer. Default 5 000, as documented. */
	webhookTimeoutMilliseconds?: number;
	/** Pause between two tries of a webhook. Default 1 000; the real one is not documented. */
	webhookRetryMilliseconds?: number;
}

export type ResolvedOptions = Required<Omit<SimulatorOptions, 'linkTimeToLiveSeconds'>> &
	Pick<SimulatorOptions, 'linkTimeToLiveSeconds'>;

/** Fills in the defaults. */
export function resolveOptions(options: SimulatorOptions): ResolvedOptions {
	return {
		port: 0,
		host: '127.0.0.1',
		basePath: '',
		apiKeys: ['simulator-key'],
		queueMilliseconds: 0,
		processingMilliseconds: 0,
		maxActiveTasks: Infinity,
		maxSubmitsPerSecond: Infinity,
		retryAfter: false,
		imageType: 'png',
		pollingUrl: 'ownHost',
		tellsCost: true,
		drawImage,
		now: Date.now,
		referenceTimeoutMilliseconds: 30_000,
		webhookTimeoutMilliseconds: 5_000,
		webhookRetryMilliseconds: 1_000,
		...options,
	};
}
