import type { Call, FaultyCall } from '../simulator';

export type Json = Record<string, unknown>;

/** What a user asks for, in no service's dialect. */
export interface Order {
	prompt: string;
	/** Pixels. */
	size?: { width: number; height: number };
	/** -1 = random. */
	seed?: number;
	/** As they are sent: links, or what `inlineImage` makes. */
	images?: string[];
	webhookUrl?: string;
}

/** Where a task stands, in no service's dialect. */
export interface TaskState {
	/** `unknown` is a status of tomorrow: the task goes on. */
	status: 'queued' | 'processing' | 'succeeded' | 'failed' | 'unknown';
	/** A text, unless a test sends something else on purpose. */
	taskId: unknown;
	/** For `succeeded`. */
	imageUrl?: string;
	/** For `succeeded`. */
	seed?: number;
	/** For `failed`. */
	reason?: string;
}

/** Where a request goes, below the base URL. */
export interface Address {
	path: string;
	query: Record<string, string>;
}

/** What a refusal means to the user. */
export type Meaning =
	| 'badKey'
	| 'emptyBalance'
	| 'notAllowed'
	| 'rateLimit'
	| 'filteredContent'
	| 'unreadableImage'
	| 'invalidRequest'
	| 'routeNotFound'
	| 'unknownTask'
	| 'overloaded'
	| 'unavailable';

/** One documented or recorded way in which a service says no. */
export interface Refusal {
	/** For titles: `403 INVALID_API_KEY`. */
	name: string;
	/** HTTP status code. */
	status: number;
	body: unknown;
	/** The service's own words, as the user must get to see them. */
	said: string;
	means: Meaning;
	/** The same where a task was asked for, if that is another thing. */
	meansOfTask?: Meaning;
	/** What a submit that was answered like this may have done. */
	submit: 'nothing, for good' | 'nothing, for now' | 'perhaps a task';
	/** Seconds to wait that the body asks for. */
	retryAfter?: number;
	/** Whether the simulator answers like this, byte for byte apart from ids and times. */
	simulated?: boolean;
}

/** A way in which a task ends without an image. */
export interface Ending {
	/** In the words of `docs/faults.md`. */
	happens: string;
	/** HTTP status code, where it is not 200. */
	status?: number;
	/** What is different from the result of a task that succeeded: values by path. */
	change: Json;
	means: 'filtered' | 'failed';
	/** It is not believed at once: the image may be there a moment later. */
	isDoubted?: boolean;
}

/**
 * What a test must know of a service to speak its dialect. Fields of answers are given as paths
 * (`images[0].image_url`), which serve to change answers (see `withField`), as titles, and in
 * expressions of n8n.
 */
export interface TestedService {
	/** As in the credential. */
	id: string;
	/** As in messages. */
	displayName: string;
	/** Without a slash at the end. */
	defaultBaseUrl: string;
	key: {
		/** Name of the header, in lower case. */
		header: string;
		/** Its value for a key. */
		value: (apiKey: string) => string;
	};
	maxReferenceImages: number;
	/** What stands in a request for an image that goes along with it. */
	inlineImage: (bytes: Buffer, mimeType: string) => string;
	/** How long a link to an image is good for, in seconds; undefined = for good. */
	linkSeconds?: number;
	submit: {
		address: (order: Order) => Address;
		body: (order: Order) => Json;
		/** Path of the task id in the reply. */
		taskId: string;
		/** Fields of the reply with links to ask for the task at. */
		links: string[];
		/** A reply with this id and nothing else that is not always there. */
		reply: (taskId: unknown) => Json;
	};
	poll: {
		/** The requests for a task that is over, one after the other; only the last brings its result. */
		requests: (taskId: string) => Array<Address & { call: FaultyCall }>;
		/** Paths of what the node reads: where the task stands, from the answer to the first of them… */
		fields: {
			taskId: string;
			status: string;
			/** … and what came of it, from the answer to the last. */
			imageUrl: string;
			/** Undefined where it is not told. */
			seed?: string;
			/** Seconds that the link lives; undefined where the service does not say. */
			linkSeconds?: string;
		};
		/** Paths of all fields of the result, for wrong types in them. */
		allFields: string[];
		/** Whether a value in a field of such a result says for good that there is no image. */
		meansNoImage: (field: string, value: unknown) => boolean;
		/** The status of a task that succeeded. */
		succeeded: string;
		/** A whole answer to the last of the requests. */
		answer: (state: TaskState) => Json;
		/** The one to the first, where that is another. */
		standing?: (state: TaskState) => Json;
		endings: Ending[];
	};
	/** The free call that tells a good key from a bad one, and what it answers to a good one. */
	credentialTest: {
		call: Call;
		path: string;
		status: number;
		body: Json;
	};
	refusals: Refusal[];
}
