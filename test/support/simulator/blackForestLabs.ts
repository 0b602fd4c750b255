import { createHmac } from 'node:crypto';

import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import type { Price } from './blackForestLabsPrice';
import { CREDIT, priceOf } from './blackForestLabsPrice';
import type { BlackForestLabsRequest } from './blackForestLabsRequest';
import { readBlackForestLabsRequest } from './blackForestLabsRequest';
import { blackForestLabsResult, taskNotFound } from './blackForestLabsResult';
import { problemsOf, UnprocessableRequest } from './fastApiBody';
import type { Service } from './service';
import type { SimulatedTask } from './tasks';

/** Documented: tasks of an account that may be submitted and unfinished. */
const MAX_ACTIVE_TASKS = 24;

/** Black Forest Labs' own dialect: https://docs.bfl.ai */
export async function blackForestLabs(server: FastifyInstance, service: Service): Promise<void> {
	await server.register(async (scope) => routes(scope, service), { prefix: '/v1' });
}

async function routes(scope: FastifyInstance, service: Service): Promise<void> {
	answerAsFastApi(scope);

	scope.post('/flux-2-flex', { config: { call: 'submit' } }, async (request, reply) => {
		const refusedKey = whyKeyIsRefused(request, service);
		if (refusedKey !== undefined) return refuse(reply, 403, { detail: refusedKey });

		const { order, webhook } = await readBlackForestLabsRequest(request.body);
		const price = priceOf(order);
		if (service.balance < price.cost * CREDIT) {
			const message = 'Insufficient credits, please add credits to your account';
			return refuse(reply, 402, { error: 'insufficient_credits', message, details: null });
		}
		const maxActiveTasks = service.maxActiveTasks(MAX_ACTIVE_TASKS);
		const waitSeconds = service.secondsUntilRoom(maxActiveTasks);
		if (waitSeconds !== undefined) {
			tellLimit(reply, service, maxActiveTasks, waitSeconds);
			if (service.options.retryAfter) reply.header('retry-after', String(waitSeconds));
			return refuse(reply, 429, {
				error: 'rate_limit_exceeded',
				message: 'Too many concurrent requests',
				retry_after: waitSeconds,
			});
		}

		const task = service.accept(order, price.cost * CREDIT);
		request.record.taskId = task.id;
		if (webhook) announce(task, webhook, service);
		tellLimit(reply, service, maxActiveTasks, 0);
		return submitReply(task, price, service);
	});

	scope.get('/get_result', { config: { call: 'poll' } }, async (request, reply) => {
		const refusedKey = whyKeyIsRefused(request, service);
		if (refusedKey !== undefined) return refuse(reply, 403, { detail: refusedKey });

		const { id } = request.query as { id?: string };
		if (id === undefined) {
			const problem = { type: 'missing', loc: ['query', 'id'], msg: 'Field required', input: null };
			throw new UnprocessableRequest([problem]);
		}
		const task = service.tasks.find(id);
		return task ? blackForestLabsResult(task, service) : refuse(reply, 404, taskNotFound(id));
	});

	scope.get('/credits', { config: { call: 'balance' } }, async (request, reply) => {
		const refusedKey = whyKeyIsRefused(request, service);
		if (refusedKey !== undefined) return refuse(reply, 403, { detail: refusedKey });
		return { credits: service.balance / CREDIT };
	});
}

function submitReply({ id }: SimulatedTask, price: Price, service: Service) {
	const { pollingUrl, tellsCost, basePath } = service.options;
	const origin = service.regionalOrigin ?? service.origin;
	const rounded = (megapixels: number) => Math.round(megapixels * 100) / 100;
	return {
		id,
		...(pollingUrl !== 'none' && {
			polling_url: `${origin}${basePath}/v1/get_result?id=${id}`,
		}),
		// Recorded as null where nothing is told.
		cost: tellsCost ? price.cost : null,
		input_mp: tellsCost ? rounded(price.inputMegapixels) : null,
		output_mp: tellsCost ? rounded(price.outputMegapixels) : null,
	};
}

function announce(
	task: SimulatedTask,
	{ url, secret }: NonNullable<BlackForestLabsRequest['webhook']>,
	service: Service,
): void {
	service.announce(task, {
		url,
		event: () => {
			const { id, status, result } = blackForestLabsResult(task, service);
			return { id, status, result, timestamp: new Date(service.options.now()).toISOString() };
		},
		headers: (body): Record<string, string> =>
			secret === undefined
				? {}
				: {
						'x-bfl-signature': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
					},
	});
}

/** Only with a limit there is something to tell. */
function tellLimit(
	reply: FastifyReply,
	service: Service,
	maxActiveTasks: number,
	waitSeconds: number,
): void {
	if (maxActiveTasks === Infinity) return;
	const remaining = Math.max(0, maxActiveTasks - service.tasks.active().length);
	const resetAt = Math.ceil(service.options.now() / 1000) + waitSeconds;
	reply.headers({
		'x-ratelimit-limit': String(maxActiveTasks),
		'x-ratelimit-remaining': String(remaining),
		'x-ratelimit-reset': String(resetAt),
	});
}

/** The words clients recorded; the vendor's guide names 401 for it, which nobody reported. */
function whyKeyIsRefused({ headers }: FastifyRequest, service: Service): string | undefined {
	const key = headers['x-key'];
	if (key === undefined || key === '') return 'Not authenticated';
	if (service.options.apiKeys.includes(String(key))) return undefined;
	return 'Not authenticated - Invalid Authentication';
}

function answerAsFastApi(scope: FastifyInstance): void {
	scope.setNotFoundHandler((_request, reply) => refuse(reply, 404, { detail: 'Not Found' }));
	scope.setErrorHandler((error: FastifyError, _request, reply) => {
		const detail = problemsOf(error);
		if (detail) return refuse(reply, 422, { detail });
		return refuse(reply, 500, { detail: `the simulator itself failed: ${error.stack}` });
	});
}

function refuse(reply: FastifyReply, status: number, body: object): FastifyReply {
	return reply.code(status).send(body);
}
