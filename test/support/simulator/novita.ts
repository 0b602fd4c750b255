import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { InvalidRequest, readNovitaRequest, readWebhookUrl } from './novitaRequest';
import { novitaTaskResult } from './novitaResult';
import { ReferenceImageError } from './references';
import type { Service } from './service';

/** Novita AI's dialect, also spoken by JieKou.AI: its v3 asynchronous API and its balance. */
export async function novita(server: FastifyInstance, service: Service): Promise<void> {
	await server.register(async (scope) => tasks(scope, service), { prefix: '/v3' });
	await server.register(async (scope) => billing(scope, service), { prefix: '/openapi/v1' });
}

async function tasks(scope: FastifyInstance, service: Service): Promise<void> {
	answerInEnvelopes(scope);

	scope.post('/async/flux-2-flex', { config: { call: 'submit' } }, async (request, reply) => {
		const key = readKey(request);
		if (key === undefined) return refuse(reply, 400, 'MISSING_API_KEY', 'missing api-key');
		if (!isKnown(key, service)) return refuse(reply, 403, 'INVALID_API_KEY', 'invalid api-key');

		const order = await readNovitaRequest(request.body, service.options.imageType);
		if (service.balance <= 0) {
			return refuse(reply, 403, 'NOT_ENOUGH_BALANCE', 'not enough balance');
		}
		const waitSeconds = service.secondsUntilRoom(service.maxActiveTasks());
		if (waitSeconds !== undefined) {
			if (service.options.retryAfter) reply.header('retry-after', String(waitSeconds));
			return refuse(reply, 429, 'RATE_LIMIT_EXCEEDED', 'rate limit exceeded');
		}

		const task = service.tasks.accept(order);
		request.record.taskId = task.id;
		const webhookUrl = readWebhookUrl(order.body);
		if (webhookUrl) {
			const event = () => ({
				event_type: 'ASYNC_TASK_RESULT',
				payload: novitaTaskResult(task, service),
			});
			service.announce(task, { url: webhookUrl, event });
		}
		return { task_id: task.id };
	});

	scope.get('/async/task-result', { config: { call: 'poll' } }, async (request, reply) => {
		const key = readKey(request);
		if (key === undefined) return refuse(reply, 400, 'MISSING_API_KEY', 'missing api-key');
		if (!isKnown(key, service)) return refuse(reply, 403, 'INVALID_API_KEY', 'invalid api-key');

		const { task_id: taskId } = request.query as { task_id?: string };
		if (!taskId) return refuse(reply, 400, 'INVALID_REQUEST_BODY', 'task_id is required');
		const task = service.tasks.find(taskId);
		if (!task) return refuse(reply, 404, 'TASK_NOT_FOUND', 'task not found');
		return novitaTaskResult(task, service);
	});
}

async function billing(scope: FastifyInstance, service: Service): Promise<void> {
	answerInEnvelopes(scope);

	scope.get('/billing/balance/detail', { config: { call: 'balance' } }, async (request, reply) => {
		const key = readKey(request);
		if (key === undefined) return refuse(reply, 401, 'UNAUTHORIZED', 'key not found');
		if (!isKnown(key, service)) {
			return refuse(reply, 401, 'FAILED_TO_AUTH', 'failed to authenticate API key');
		}
		const balance = String(service.balance);
		return {
			availableBalance: balance,
			cashBalance: balance,
			creditLimit: '0',
			pendingCharges: '0',
			outstandingInvoices: '0',
		};
	});
}

/** Unknown routes, unreadable bodies and refused ones get the service's flat envelope, too. */
function answerInEnvelopes(scope: FastifyInstance): void {
	scope.setNotFoundHandler((_request, reply) =>
		refuse(reply, 404, 'API_NOT_FOUND', 'route not found'),
	);
	scope.setErrorHandler((error: FastifyError, _request, reply) => {
		if (error instanceof InvalidRequest || error instanceof ReferenceImageError) {
			return refuse(reply, 400, error.reason, error.message);
		}
		if ((error.statusCode ?? 500) < 500) {
			return refuse(reply, 400, 'INVALID_REQUEST_BODY', error.message);
		}
		return refuse(reply, 500, 'TASK_FAILED', `the simulator itself failed: ${error.stack}`);
	});
}

/** Documented as `Bearer <key>`; the vendor's own SDK sends the bare key. */
function readKey(request: FastifyRequest): string | undefined {
	const key = request.headers.authorization?.replace(/^Bearer(\s+|$)/i, '').trim();
	return key === '' ? undefined : key;
}

function isKnown(key: string, service: Service): boolean {
	return service.options.apiKeys.includes(key);
}

function refuse(reply: FastifyReply, code: number, reason: string, message: string): FastifyReply {
	return reply.code(code).send({ code, reason, message, metadata: {} });
}
