import { Readable } from 'node:stream';
import type { IDataObject, IHttpRequestOptions } from 'n8n-workflow';

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
		call: 'submit' | 'poll' | 'download',
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
 * thousands of tasks in a second. What it knows of the API is in `novita-api`, as the simulator's.
 */
export class VirtualService {
	readonly tasks: VirtualTask[] = [];
	readonly submitTimes: number[] = [];
	readonly calls = { submit: 0, poll: 0, download: 0 };
	refusedSubmits = 0;

	constructor(
		private readonly clock: VirtualClock,
		private readonly options: VirtualServiceOptions = {},
	) {}

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
		const url = new URL(request.url);
		const isSubmit = request.method === 'POST';
		const call = isSubmit ? 'submit' : url.pathname.startsWith('/images/') ? 'download' : 'poll';
		const body = request.body as { prompt: string } | undefined;
		this.calls[call]++;
		const fault = this.options.intercept?.(call, this.calls[call], body?.prompt);
		if (fault?.accepts) this.accept(body?.prompt ?? '');
		if (fault?.kind === 'error') {
			return Object.assign(new Error(fault.code), { code: fault.code, syscall: fault.syscall });
		}
		if (fault) return reply(fault.status, fault.body ?? '', fault.headers);
		if (call === 'submit') return this.submit(body?.prompt ?? '');
		if (call === 'poll') return this.poll(String(request.qs?.task_id));
		return reply(200, Readable.from([Buffer.from([...PNG_START, ...Buffer.from(url.pathname)])]));
	}

	private submit(prompt: string): unknown {
		const now = this.clock.now();
		const { maxActiveTasks = Infinity, maxSubmitsPerSecond = Infinity, retryAfter } = this.options;
		const active = this.tasks.filter(({ endsAt }) => endsAt > now).length;
		const recent = this.submitTimes.filter((time) => time > now - 1000).length;
		if (active >= maxActiveTasks || recent >= maxSubmitsPerSecond) {
			this.refusedSubmits++;
			const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
			return reply(429, { code: 429, reason: 'RATE_LIMIT_EXCEEDED' }, headers);
		}
		return reply(200, { task_id: this.accept(prompt).id });
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

	private poll(taskId: string): unknown {
		const now = this.clock.now();
		const task = this.tasks.find(({ id }) => id === taskId);
		if (task === undefined) return reply(404, { code: 404, reason: 'TASK_NOT_FOUND' });
		task.polls++;
		const isOver = now >= task.endsAt;
		const status = !isOver ? 'PROCESSING' : task.outcome === 'failed' ? 'FAILED' : 'SUCCEED';
		if (isOver) task.noticedAt ??= now;
		const eta = this.options.tellsEta ? Math.ceil((task.endsAt - now) / 1000) : 0;
		return reply(200, {
			extra: { seed: '7' },
			task: {
				task_id: taskId,
				status: `TASK_STATUS_${status}`,
				reason: status === 'FAILED' ? 'out of luck' : '',
				eta: isOver ? 0 : eta,
				progress_percent: 0,
			},
			images:
				isOver && task.outcome === 'succeeded'
					? [
							{
								image_url: `https://images.example.com/images/${taskId}.png`,
								image_url_ttl: '3600',
								image_type: 'png',
								nsfw_detection_result: null,
							},
						]
					: [],
		});
	}
}

function reply(statusCode: number, body: unknown, headers: IDataObject = {}): unknown {
	return { statusCode, headers, body };
}
