import { createHmac, randomBytes } from 'node:crypto';

import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { takeEmptyBodies } from './emptyBody';
import { priceByMegapixel } from './megapixels';
import { pause } from './pause';
import { InvalidInput } from './replicateInput';
import type { ReplicateRequest } from './replicateRequest';
import { readReplicateRequest } from './replicateRequest';
import { eventOf, isAborted, prediction, replicateId } from './replicateResult';
import type { Service } from './service';
import type { SimulatedTask, TaskState } from './tasks';
import { hasEnded } from './tasks';

/** In 0.0001 USD, for each megapixel in and out. */
const MEGAPIXEL_PRICE = 600;

/** Documented: how long `Prefer: wait` holds the reply at most. */
const MAX_WAIT_SECONDS = 60;

/** How often the clock is looked at meanwhile; it may be a test's own. */
const LOOK_MILLISECONDS = 20;

const NO_CREDIT =
	'You have insufficient credit to run this model. Go to https://replicate.com/account/billing#billing to purchase credit. Once you purchase credit, please wait a few minutes before trying again.';

/** Replicate's dialect: https://replicate.com/docs/reference/http */
export async function replicate(server: FastifyInstance, service: Service): Promise<void> {
	const webhookSecret = `whsec_${randomBytes(24).toString('base64')}`;

	// Not one scope for all of it: another dialect has `/v1`, too.
	await register('/v1/models', (scope) => {
		const path = '/black-forest-labs/flux-2-flex/predictions';
		scope.post(path, { config: { call: 'submit' } }, submit);
	});
	await register('/v1/predictions', (scope) => {
		scope.get('/:taskId', { config: { call: 'poll' } }, async (request, reply) =>
			answer(request, reply),
		);
		scope.post('/:taskId/cancel', { config: { call: 'cancel' } }, async (request, reply) =>
			answer(request, reply, cancel),
		);
	});
	await register('/v1/account', (scope) => {
		scope.get('/', { config: { call: 'balance' } }, async () => ({
			type: 'user',
			username: 'simulator',
			name: 'Simulator',
			github_url: 'https://github.com/simulator',
		}));
	});
	await register('/v1/webhooks', (scope) => {
		scope.get('/default/secret', async () => ({ key: webhookSecret }));
	});

	async function register(prefix: string, add: (scope: FastifyInstance) => void): Promise<void> {
		await server.register(
			async (scope) => {
				answerAsReplicate(scope, service);
				takeEmptyBodies(scope);
				add(scope);
			},
			{ prefix },
		);
	}

	async function submit(request: FastifyRequest, reply: FastifyReply) {
		const { order, webhook } = await readReplicateRequest(request.body);
		const price = priceByMegapixel(order, MEGAPIXEL_PRICE);
		if (service.balance < price) return refuse(reply, 402, NO_CREDIT, 'Insufficient credit');
		const waitSeconds = service.secondsUntilRoom(service.maxActiveTasks());
		if (waitSeconds !== undefined) {
			if (service.options.retryAfter) reply.header('retry-after', String(waitSeconds));
			const detail = `Request was throttled. Your rate limit resets in ~${waitSeconds}s.`;
			return reply.code(429).send({ detail, status: 429, retry_after: waitSeconds });
		}

		const task = service.accept(order, price, { id: replicateId() });
		request.record.taskId = task.id;
		const deadline = milliseconds(request.headers['cancel-after']);
		if (deadline !== undefined) {
			task.cancellation = { at: task.acceptedAt + deadline, by: 'deadline' };
		}
		const address = service.toldAddress(request);
		if (webhook) announce(task, webhook, address);
		const hasCome = await waitAsPreferred(task, request.headers.prefer);
		// However soon it ends, a fresh prediction is only starting.
		const fresh: TaskState = { status: 'queued', etaSeconds: 0 };
		return reply.code(201).send(prediction(task, service, address, hasCome ? undefined : fresh));
	}

	function answer(
		request: FastifyRequest,
		reply: FastifyReply,
		act?: (task: SimulatedTask) => void,
	) {
		const { taskId } = request.params as { taskId: string };
		const task = service.tasks.find(taskId);
		if (!task) return reply.code(404).send({ detail: 'Not found' });
		// It costs nothing, which is seen when somebody asks.
		if (isAborted(task, service.options.now())) service.withdraw(task);
		act?.(task);
		return prediction(task, service, service.toldAddress(request));
	}

	/** What has ended stays as it is. */
	function cancel(task: SimulatedTask): void {
		const state = service.tasks.stateOf(task);
		if (hasEnded(state)) return;
		if (state.status === 'queued') service.withdraw(task);
		service.tasks.cancel(task);
	}

	/** By https://www.standardwebhooks.com */
	function announce(
		task: SimulatedTask,
		{ url, events }: NonNullable<ReplicateRequest['webhook']>,
		address: string | undefined,
	): void {
		const key = Buffer.from(webhookSecret.replace('whsec_', ''), 'base64');
		for (const event of events) {
			const id = `msg_${randomBytes(12).toString('hex')}`;
			service.announce(task, {
				url,
				isDue: event === 'start' ? ({ status }) => status !== 'queued' : undefined,
				event: () => eventOf(event, task, service, address),
				headers: (body) => {
					const timestamp = String(Math.floor(service.options.now() / 1000));
					const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`);
					return {
						'webhook-id': id,
						'webhook-timestamp': timestamp,
						'webhook-signature': `v1,${signature.digest('base64')}`,
					};
				},
			});
		}
	}

	/** @returns whether the task has ended */
	async function waitAsPreferred(
		task: SimulatedTask,
		prefer: string | string[] | undefined,
	): Promise<boolean> {
		const preference = /\bwait(?:=(\d+))?/.exec(String(prefer ?? ''));
		if (!preference) return false;
		const seconds = Math.min(Number(preference[1] ?? MAX_WAIT_SECONDS), MAX_WAIT_SECONDS);
		const until = Date.now() + seconds * 1000;
		while (!hasEnded(service.tasks.stateOf(task))) {
			if (Date.now() >= until || service.closing.signal.aborted) return false;
			await pause(LOOK_MILLISECONDS, service.closing.signal);
		}
		return true;
	}
}

function answerAsReplicate(scope: FastifyInstance, service: Service): void {
	scope.addHook('preHandler', async (request, reply) => {
		const { authorization = '' } = request.headers;
		const key = /^(?:Bearer|Token)\s+(.+)$/i.exec(authorization)?.[1]?.trim() ?? '';
		if (service.options.apiKeys.includes(key)) return;
		await refuse(reply, 401, 'You did not pass a valid authentication token', 'Unauthenticated');
	});
	scope.setNotFoundHandler((_request, reply) => reply.code(404).send({ detail: 'Not found' }));
	scope.setErrorHandler((error: FastifyError, _request, reply) => {
		if (error instanceof InvalidInput) {
			return reply.code(422).send({
				detail: error.message,
				status: 422,
				title: 'Input validation failed',
				invalid_fields: error.invalidFields,
			});
		}
		const status = (error.statusCode ?? 500) < 500 ? 400 : 500;
		return refuse(
			reply,
			status,
			`${error.message}`,
			status === 400 ? 'Bad request' : 'The simulator itself failed',
		);
	});
}

/** A length of time as in `Cancel-After`: `30s`, `1m30s`. */
function milliseconds(text: string | string[] | undefined): number | undefined {
	const parts = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?$/.exec(String(text ?? ''));
	if (!parts || text === undefined || text === '') return undefined;
	const [hours, minutes, seconds] = parts.slice(1).map((part) => Number(part ?? 0));
	return (((hours ?? 0) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0)) * 1000;
}

function refuse(reply: FastifyReply, status: number, detail: string, title: string): FastifyReply {
	return reply.code(status).send({ title, detail, status });
}
