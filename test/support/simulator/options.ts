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
	 * dialect's vendor documents: Novita AI and Replicate 3600, Black Forest Labs 600, fal.ai for
	 * ever.
	 */
	linkTimeToLiveSeconds?: number;
	/**
	 * Unfinished tasks allowed at a time; more answer 429. `documented` is what the dialect's vendor
	 * says: Black Forest Labs 24, the others nothing. fal.ai then works on 2 at a time, and lets the
	 * rest wait in its queue. Default no limit.
	 */
	maxActiveTasks?: number | 'documented';
	/** Tasks accepted within any one second; more answer 429. Default no limit. */
	maxSubmitsPerSecond?: number;
	/** Whether a 429 says in `Retry-After` when to come back. Default false: it is not documented. */
	retryAfter?: boolean;
	/** What Novita AI's dialect makes; in the others each request says it. Default `png`. */
	imageType?: ImageType;
	/**
	 * Where replies send clients that come back for a task, in dialects that name an address: to the
	 * host that took the submit (default), to a second one that the simulator then listens on
	 * (`regionalUrl`), or nowhere, with a reply that has no such field.
	 */
	pollingUrl?: 'ownHost' | 'regionalHost' | 'none';
	/** Whether Black Forest Labs' dialect says what a task costs; it does not always. Default true. */
	tellsCost?: boolean;
	/**
	 * When fal.ai's dialect says what is wrong with a request: at once (default), or only as the
	 * result of a task, as it was seen to do, too.
	 */
	falAiChecks?: 'atSubmit' | 'atResult';
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
		falAiChecks: 'atSubmit',
		drawImage,
		now: Date.now,
		referenceTimeoutMilliseconds: 30_000,
		webhookTimeoutMilliseconds: 5_000,
		webhookRetryMilliseconds: 1_000,
		...options,
	};
}
