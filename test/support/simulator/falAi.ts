import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { takeEmptyBodies } from './emptyBody';
import { readFalAiRequest } from './falAiRequest';
import type { FalAiAnswer } from './falAiResult';
import { detailOf, falAiEvent, falAiReceipt, falAiResult, falAiStatus } from './falAiResult';
import { createFalAiSignature } from './falAiSignature';
import type { FieldProblem } from './fastApiBody';
import { problemsOf, UnprocessableRequest } from './fastApiBody';
import { isHttpUrl } from './jsonValues';
import { priceByMegapixel } from './megapixels';
import type { Service } from './service';
import type { SimulatedTask } from './tasks';

/** In 0.0001 USD, for each megapixel in and out. */
const MEGAPIXEL_PRICE = 500;

/** Documented: tasks of a fresh account that are worked on at a time. The rest waits in the queue. */
const PLACES = 2;

const LOCKED =
	'User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing.';

/** fal.ai's dialect, as its queue at queue.fal.run speaks it: https://fal.ai/docs */
export async function falAi(server: FastifyInstance, service: Service): Promise<void> {
	const signature = createFalAiSignature();
	/** Of requests that were accepted all the same; see `falAiChecks` in the options. */
	const lateProblems = new WeakMap<SimulatedTask, FieldProblem[]>();

	await server.register(async (scope) => queue(scope), { prefix: '/fal-ai' });
	server.get('/.well-known/jwks.json', async () => ({ keys: [signature.publicKey] }));

	function queue(scope: FastifyInstance): void {
		answerAsFalAi(scope, service);
		takeEmptyBodies(scope);

		for (const isEdit of [false, true]) {
			const path = isEdit ? '/flux-2-flex/edit' : '/flux-2-flex';
			scope.post(path, { config: { call: 'submit' } }, async (request, reply) =>
				submit(request, reply, isEdit),
			);
		}

		const task = '/flux-2-flex/requests/:taskId';
		scope.get(`${task}/status`, { config: { call: 'poll' } }, async (request, reply) =>
			answer(reply, request, (found) => falAiStatus(found, service, service.toldAddress(request))),
		);
		scope.get(task, { config: { call: 'result' } }, async (request, reply) =>
			answer(reply, request, (found) => falAiResult(found, service, lateProblems.get(found))),
		);
		scope.put(`${task}/cancel`, { config: { call: 'cancel' } }, async (request, reply) =>
			answer(reply, request, cancel),
		);
	}

	async function submit(request: FastifyRequest, reply: FastifyReply, isEdit: boolean) {
		const { order, problems } = await readFalAiRequest(request.body, isEdit);
		const isRefused = service.options.falAiChecks === 'atSubmit';
		if (isRefused && problems.length > 0) throw new UnprocessableRequest(problems);
		const price = priceByMegapixel(order, MEGAPIXEL_PRICE);
		if (service.balance < price) return refuse(reply, 403, { detail: LOCKED });
		const waitSeconds = service.secondsUntilRoom(service.maxActiveTasks());
		if (waitSeconds !== undefined) {
			if (service.options.retryAfter) reply.header('retry-after', String(waitSeconds));
			return refuse(reply, 429, { detail: 'Too many requests', error_type: 'rate_limited' });
		}

		const isLimited = service.options.maxActiveTasks === 'documented';
		const earliestStart = isLimited ? service.tasks.earliestStart(PLACES) : 0;
		const task = service.accept(order, price, { earliestStart });
		request.record.taskId = task.id;
		lateProblems.set(task, problems);
		const { fal_webhook: url } = request.query as { fal_webhook?: unknown };
		if (typeof url === 'string' && isHttpUrl(url)) {
			service.announce(task, {
				url,
				event: () => falAiEvent(task, service, problems),
				headers: (body) => signature.headers(task.id, service.options.now(), body),
			});
		}
		reply.header('x-fal-request-id', task.id);
		return falAiReceipt(task, service, service.toldAddress(request));
	}

	/** Documented: a task in the queue is removed; what is at work gets a signal, which may be late. */
	function cancel(task: SimulatedTask): FalAiAnswer {
		const state = service.tasks.stateOf(task);
		if (state.status === 'succeeded' || state.status === 'failed') {
			return { httpStatus: 400, body: { status: 'ALREADY_COMPLETED' } };
		}
		if (state.status === 'queued') {
			service.withdraw(task);
			service.tasks.cancel(task);
			task.silent = true;
		}
		return { httpStatus: 202, body: { status: 'CANCELLATION_REQUESTED' } };
	}

	function answer(
		reply: FastifyReply,
		request: FastifyRequest,
		about: (task: SimulatedTask) => FalAiAnswer,
	): FastifyReply {
		const { taskId } = request.params as { taskId: string };
		const task = service.tasks.find(taskId);
		if (!task || task.cancellation) return refuse(reply, 404, { status: 'NOT_FOUND' });
		const { httpStatus, body } = about(task);
		return reply.code(httpStatus).header('x-fal-request-id', task.id).send(body);
	}
}

function answerAsFalAi(scope: FastifyInstance, service: Service): void {
	scope.addHook('preHandler', async (request, reply) => {
		const detail = whyKeyIsRefused(request, service);
		if (detail !== undefined) await refuse(reply, 401, { detail });
	});
	scope.setNotFoundHandler((request, reply) => {
		const app = appOf(request);
		const detail = app === 'flux-2-flex' ? 'Not Found' : `Application "${app}" not found`;
		return refuse(reply, 404, { detail });
	});
	scope.setErrorHandler((error: FastifyError, _request, reply) => {
		const problems = problemsOf(error);
		if (problems) return refuse(reply, 422, detailOf(problems));
		return refuse(reply, 500, { detail: `the simulator itself failed: ${error.stack}` });
	});
}

/** Only `Key` opens; the vendor says that public models answer without a key, too: not here. */
function whyKeyIsRefused(request: FastifyRequest, service: Service): string | undefined {
	const { authorization = '' } = request.headers;
	if (authorization === '') return `Cannot access application "fal-ai/${appOf(request)}"`;
	const key = /^Key\s+(.+)$/i.exec(authorization)?.[1]?.trim() ?? '';
	return service.options.apiKeys.includes(key) ? undefined : 'invalid key credentials';
}

function appOf({ url }: FastifyRequest): string {
	return /\/fal-ai\/([^/?]*)/.exec(url)?.[1] ?? '';
}

function refuse(reply: FastifyReply, status: number, body: object): FastifyReply {
	return reply.code(status).send(body);
}
