import { Readable } from 'node:stream';
import type { IDataObject, IHttpRequestOptions } from 'n8n-workflow';

import {
	fieldOf,
	novita,
	resultRequest,
	withField,
	withFields,
	type Json,
	type Meaning,
	type TestedService,
} from '../services';
import type { FaultyCall } from '../simulator';
import type { VirtualClock } from './virtualClock';

/** A task of the virtual service; times in milliseconds since 1970. */
export interface VirtualTask {
	id: string;
	prompt: string;
	acceptedAt: number;
	endsAt: number;
	polls: number;
	outcome: 'succeeded' | 'failed' | 'filtered';
	/** When a poll first told the end. */
	noticedAt?: number;
}

export interface VirtualServiceOptions {
	/** Whose dialect it speaks; by default that of Novita AI. */
	dialect?: TestedService;
	/** Milliseconds a task takes. */
	duration?: (taskNumber: number) => number;
	/** How a task ends; all succeed by default. */
	outcome?: (taskNumber: number) => VirtualTask['outcome'];
	/** Milliseconds from a request to its answer; half of it each way. */
	roundTrip?: number;
	maxActiveTasks?: number;
	maxSubmitsPerSecond?: number;
	/** Seconds; undefined = refusals come without the header. */
	retryAfter?: number;
	/** Whether the service guesses the time left. */
	tellsEta?: boolean;
	/** Answers, or faults, instead of the true ones; undefined lets the true one through. */
	intercept?: (
		call: FaultyCall,
		number: number,
		prompt: string | undefined,
	) => VirtualFault | undefined;
}

export type VirtualFault =
	/** `accepts`: the task is made (and billed) all the same. */
	| { kind: 'answer'; status: number; body?: unknown; headers?: IDataObject; accepts?: boolean }
	| { kind: 'error'; code: string; syscall?: string; accepts?: boolean };

const PNG_START = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/**
 * The service's behaviour behind n8n's HTTP helpers, on virtual time and without sockets: for
 * thousands of tasks in a second. What it knows of an API stands in the table of the services.
 */
export class VirtualService {
	readonly tasks: VirtualTask[] = [];
	readonly submitTimes: number[] = [];
	readonly calls: Record<'submit' | 'poll' | 'download', number> & { result?: number } = {
		submit: 0,
		poll: 0,
		download: 0,
	};
	readonly dialect: TestedService;
	refusedSubmits = 0;

	constructor(
		private readonly clock: VirtualClock,
		private readonly options: VirtualServiceOptions = {},
	) {
		this.dialect = options.dialect ?? novita;
	}

	/** Answers as n8n's HTTP helpers do, with `returnFullResponse`. */
	readonly request = async (request: IHttpRequestOptions): Promise<unknown> => {
		const trip = (this.options.roundTrip ?? 10) / 2;
		await this.clock.sleep(trip);
		const reply = this.answer(request);
		await this.clock.sleep(trip);
		if (reply instanceof Error) throw reply;
		return reply;
	};

	private answer(request: IHttpRequestOptions): unknown {
		const { pathname } = new URL(request.url);
		const asked = this.taskAsked(request);
		const call = asked?.call ?? (request.method === 'POST' ? 'submit' : 'download');
		const prompt = request.method === 'POST' ? promptIn(request.body) : undefined;
		const number = (this.calls[call] ?? 0) + 1;
		this.calls[call] = number;
		const fault = this.options.intercept?.(call, number, prompt);
		if (fault?.accepts) this.accept(prompt ?? '');
		if (fault?.kind === 'error') {
			return Object.assign(new Error(fault.code), { code: fault.code, syscall: fault.syscall });
		}
		if (fault) return reply(fault.status, fault.body ?? '', fault.headers);
		if (call === 'submit') return this.submit(prompt ?? '');
		if (asked !== undefined) return this.poll(asked.taskId, asked.call);
		return reply(200, Readable.from([Buffer.from([...PNG_START, ...Buffer.from(pathname)])]));
	}

	/** The task that is asked for, and by which of the requests; undefined for other calls. */
	private taskAsked({ method, url, qs }: IHttpRequestOptions) {
		if (method !== 'GET') return undefined;
		const { pathname } = new URL(url);
		for (const { call, path, query } of this.dialect.poll.requests(PLACE)) {
			const [, inPath] = new RegExp(`^${path.replace(PLACE, '([^/]+)')}$`).exec(pathname) ?? [];
			const name = Object.keys(query).find((key) => query[key] === PLACE);
			const taskId = name === undefined ? inPath : path === pathname && (qs?.[name] as string);
			if (taskId) return { call, taskId };
		}
		return undefined;
	}

	private submit(prompt: string): unknown {
		const now = this.clock.now();
		const { maxActiveTasks = Infinity, maxSubmitsPerSecond = Infinity, retryAfter } = this.options;
		const active = this.tasks.filter(({ endsAt }) => endsAt > now).length;
		const recent = this.submitTimes.filter((time) => time > now - 1000).length;
		if (active >= maxActiveTasks || recent >= maxSubmitsPerSecond) {
			this.refusedSubmits++;
			const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
			return this.refuse('rateLimit', headers);
		}
		return reply(200, this.dialect.submit.reply(this.accept(prompt).id));
	}

	private accept(prompt: string): VirtualTask {
		const acceptedAt = this.clock.now();
		const endsAt = acceptedAt + (this.options.duration?.(this.tasks.length) ?? 2000);
		const outcome = this.options.outcome?.(this.tasks.length) ?? 'succeeded';
		const id = `task-${this.tasks.length + 1}-id`;
		const task: VirtualTask = { id, prompt, acceptedAt, endsAt, outcome, polls: 0 };
		this.tasks.push(task);
		this.submitTimes.push(acceptedAt);
		return task;
	}

	private refuse(means: Meaning, headers: IDataObject = {}): unknown {
		const { refusals } = this.dialect;
		const refusal =
			refusals.find((one) => one.means === means) ??
			refusals.find((one) => one.meansOfTask === means);
		return reply(refusal?.status ?? 500, refusal?.body, headers);
	}

	private poll(taskId: string, call: FaultyCall): unknown {
		const now = this.clock.now();
		const { poll } = this.dialect;
		const task = this.tasks.find(({ id }) => id === taskId);
		if (task === undefined) return this.refuse('unknownTask');
		task.polls++;
		if (now < task.endsAt) {
			const eta = this.options.tellsEta ? Math.ceil((task.endsAt - now) / 1000) : 0;
			const pending = (poll.standing ?? poll.answer)({ status: 'processing', taskId });
			return reply(
				200,
				fieldOf(pending, ETA) === undefined ? pending : withField(pending, ETA, eta),
			);
		}
		task.noticedAt ??= now;
		if (call !== resultRequest(this.dialect, taskId).call) {
			return reply(200, poll.standing?.({ status: 'succeeded', taskId }));
		}
		const imageUrl = `https://images.example.com/images/${taskId}.png`;
		const succeeded = poll.answer({ status: 'succeeded', taskId, imageUrl, seed: 7 });
		return task.outcome === 'succeeded' ? reply(200, succeeded) : this.ending(task, succeeded);
	}

	/** A task that ended without an image, in the first way that its service has for it. */
	private ending({ id, outcome }: VirtualTask, succeeded: Json): unknown {
		const { answer, endings } = this.dialect.poll;
		const ending = endings.find(({ means, isDoubted }) => means === outcome && !isDoubted);
		const { status = 200, change } = ending ?? endings.find(({ means }) => means === outcome)!;
		return outcome === 'failed' && status === 200
			? reply(200, answer({ status: 'failed', taskId: id, reason: 'out of luck' }))
			: reply(status, withFields(succeeded, change));
	}
}

/** In the place of a task's id. */
const PLACE = 'the-task-id';

/** Where Novita AI guesses the seconds left. */
const ETA = 'task.eta';

function promptIn(body: unknown): string | undefined {
	const { prompt, input } = (body ?? {}) as { prompt?: string; input?: { prompt: string } };
	return prompt ?? input?.prompt;
}

function reply(statusCode: number, body: unknown, headers: IDataObject = {}): unknown {
	return { statusCode, headers, body };
}
