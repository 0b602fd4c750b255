import type { INodeProperties } from 'n8n-workflow';

import type { TaskReceipt, TaskReference, TaskReport } from './task';

/** What a user asks for, checked and complete, in no service's dialect. */
export interface GenerationInput {
	prompt: string;
	/** Pixels; undefined lets the service choose. */
	size?: { width: number; height: number };
	/** -1 = random. */
	seed: number;
	/** http(s) links or data URIs, in the order the prompt speaks of them. */
	images: string[];
	/** Where the service reports the finished task. */
	webhookUrl?: string;
	/** What it signs that report with, where it does so. */
	webhookSecret?: string;
	/** The service's own options that the user set, by their names in `ownOptions`. */
	ownOptions: Readonly<Record<string, unknown>>;
}

/** A request below the service's base URL; the transport adds host, key and time limits. */
export interface ServiceRequest {
	method: 'GET' | 'POST';
	/** The whole address as the service gave it; goes before `path` if the API key may go there. */
	url?: string;
	path: string;
	query?: Record<string, string>;
	/** What it needs beside the key. */
	headers?: Record<string, string>;
	body?: Record<string, unknown>;
}

/** What came back: parsed JSON where it was JSON, else the text. */
export interface ServiceAnswer {
	/** HTTP status code. */
	status: number;
	/** Names in lower case. */
	headers: Record<string, string>;
	body: unknown;
}

/** An answer about a task that leads to another request, whose answer has what is missing. */
export interface FollowUp {
	request: ServiceRequest;
	/** The task in the answer to that request; undefined when it makes no sense. */
	readTask(answer: ServiceAnswer): TaskReport | undefined;
}

/** Why a service said no, in terms every service shares. */
export type RefusalKind =
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
	| 'unavailable'
	| 'unexpected';

export interface Refusal {
	kind: RefusalKind;
	/** HTTP status code. */
	status: number;
	/** The service's own words, when it had any. */
	text?: string;
	/**
	 * Whether a submit answered like this may still have made a (billed) task.
	 * Only the service's documentation can rule it out.
	 */
	mayHaveCreatedTask: boolean;
	/** Seconds to wait, where the body says so; a `Retry-After` header counts before it. */
	retryAfter?: number;
}

/** The sizes a service makes, in pixels. */
export interface SizeRule {
	minSide: number;
	maxSide: number;
	/** Both sides are multiples of this. */
	multipleOf: number;
	/** Most pixels of the whole image. */
	maxPixels: number;
}

/** A call that costs nothing and tells a good key from a bad one. */
export interface KeyTest {
	/** Below the base URL, with its query. */
	path: string;
	/** HTTP status of the answer to a good key. */
	goodStatus: number;
	/** The path of a value that only the answer to a good key has. */
	proof: string;
}

/**
 * One image service, with everything there is to know about it: what the form, the credential and
 * the readers are built from, and a pure mapping between our terms and its HTTP dialect. It does no
 * I/O, so a new service is one file with this shape and one line in the registry.
 */
export interface Service {
	/** The value of the credential's `service` field. */
	id: string;
	displayName: string;
	/** What it is, in a few words, for whoever has to choose. */
	about: string;
	/** Address without a trailing slash. */
	defaultBaseUrl: string;
	/** The domain whose hosts (regions) all belong to the service, where it has such. */
	domain?: string;
	/** The headers that show whose call it is. */
	authenticate(apiKey: string): Record<string, string>;
	keyTest: KeyTest;
	/** The date for which the service announced the end of this model there. */
	announcedEnd?: string;
	/** Most reference images one task takes. */
	maxReferenceImages: number;
	/** Most bytes of files that one request may carry; more have to be links. */
	maxInlineBytes?: number;
	/** Most bytes of an answer, of a service whose answers repeat the request, files included. */
	maxAnswerBytes?: number;
	/** Most tasks of one account that it works on at a time, where it says so. */
	maxActiveTasks?: number;
	size: SizeRule;
	/** Fields of the credential that only this service has. */
	credentialFields?: readonly INodeProperties[];
	/** The fields of 'Options' that not every service has; shown where a task is submitted. */
	ownOptions: readonly INodeProperties[];
	submitRequest(input: GenerationInput): ServiceRequest;
	taskRequest(task: TaskReference): ServiceRequest;
	/**
	 * Whether an answer has the form of the service's own: its JSON, with a field that only it has.
	 * All others are a stranger's: of a proxy, a firewall, a login page.
	 */
	isOwnAnswer(answer: ServiceAnswer): boolean;
	/** What a reply to a submit says of the task; undefined when it names none. */
	readReceipt(answer: ServiceAnswer): TaskReceipt | undefined;
	/** The task that a link leads to, of a service that gives such links. */
	readTaskLink?(link: string): TaskReference | undefined;
	/** The name of the link without which a task is not found, where regions know only their own. */
	regionalLink?: string;
	/** The task in a reply to a task request; undefined when the reply makes no sense. */
	readTask(answer: ServiceAnswer, task: TaskReference): TaskReport | FollowUp | undefined;
	/** Why the service refused what was asked; undefined when the answer is a success (2xx). */
	readRefusal(answer: ServiceAnswer, asked: 'submit' | 'task'): Refusal | undefined;
}
