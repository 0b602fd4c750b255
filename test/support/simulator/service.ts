import type { FastifyRequest } from 'fastify';

import { FaultPlan } from './faults';
import { secondsUntilRoom } from './limits';
import { ImageLinks } from './links';
import type { ResolvedOptions } from './options';
import type { RecordedRequest } from './requests';
import type { Acceptance, SimulatedTask, TaskOrder } from './tasks';
import { TaskStore } from './tasks';
import type { Webhook } from './webhook';
import { deliverWebhook } from './webhook';

/** 100 USD. */
const INITIAL_BALANCE = 1_000_000;

/** What every dialect stands on: the tasks, the account, the links, the faults to come. */
export class Service {
	readonly requests: RecordedRequest[] = [];

	readonly faults = new FaultPlan();

	readonly tasks: TaskStore;

	readonly links: ImageLinks;

	/** In 0.0001 USD. Only dialects whose vendor publishes the price lower it. */
	balance = INITIAL_BALANCE;

	/** Where the server listens, without a path. */
	origin = '';

	/** Where it listens a second time, without a path; see `pollingUrl` in the options. */
	regionalOrigin?: string;

	/** Ends everything still going on when the server closes. */
	readonly closing = new AbortController();

	#forgetting = new AbortController();

	readonly #prices = new WeakMap<SimulatedTask, number>();

	constructor(readonly options: ResolvedOptions) {
		this.tasks = new TaskStore(options, this.closing.signal);
		this.links = new ImageLinks(() => this.origin, options.now);
	}

	/**
	 * Tasks that may be active at a time; Infinity = no limit.
	 * @param documented what the dialect's vendor says
	 */
	maxActiveTasks(documented = Infinity): number {
		const { maxActiveTasks } = this.options;
		return maxActiveTasks === 'documented' ? documented : maxActiveTasks;
	}

	/**
	 * Seconds until one more task would be let in; undefined = now.
	 * @param maxActiveTasks Infinity = no limit
	 */
	secondsUntilRoom(maxActiveTasks: number): number | undefined {
		return secondsUntilRoom(this.options, this.tasks, maxActiveTasks);
	}

	/**
	 * The start of the addresses of ours that the reply to a request names: by default those under
	 * which the request came in. Undefined = no address is told; see `pollingUrl` in the options.
	 */
	toldAddress({ headers }: FastifyRequest): string | undefined {
		const { pollingUrl, basePath } = this.options;
		if (pollingUrl === 'none') return undefined;
		return (this.regionalOrigin ?? `http://${headers.host}`) + basePath;
	}

	/** Takes a task on, and its price from the balance. */
	accept(order: TaskOrder, price: number, acceptance?: Acceptance): SimulatedTask {
		const task = this.tasks.accept(order, acceptance);
		this.#prices.set(task, price);
		this.balance -= price;
		return task;
	}

	/** Takes back a task that never ran, and gives back its price. */
	withdraw(task: SimulatedTask): void {
		if (!this.tasks.withdraw(task)) return;
		this.balance += this.#prices.get(task) ?? 0;
	}

	/** A fresh link to a finished task's image. */
	imageLink(task: SimulatedTask, timeToLiveSeconds: number): string {
		return this.links.create(`/images/${task.id}/0.${task.imageType}`, timeToLiveSeconds);
	}

	/** Posts the event once the task has ended. */
	announce(task: SimulatedTask, webhook: Webhook): void {
		const stop = AbortSignal.any([this.closing.signal, this.#forgetting.signal]);
		void deliverWebhook(task, webhook, this.tasks, this.options, stop);
	}

	/** As freshly started, on the same port. */
	reset(): void {
		this.#forgetting.abort();
		this.#forgetting = new AbortController();
		this.tasks.reset();
		this.requests.length = 0;
		this.faults.clear();
		this.balance = INITIAL_BALANCE;
	}
}
