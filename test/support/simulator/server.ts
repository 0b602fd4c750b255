import type { FastifyInstance } from 'fastify';
import fastify from 'fastify';

import { blackForestLabs } from './blackForestLabs';
import { control } from './control';
import type { Dialect } from './dialect';
import type { Fault, FaultPlan } from './faults';
import { isAccepted } from './faults';
import { falAi } from './falAi';
import { proxiedPath } from './falAiProxy';
import { spoilReply } from './faultyReply';
import { novita } from './novita';
import type { SimulatorOptions } from './options';
import { resolveOptions } from './options';
import { images } from './images';
import { listenAgain } from './regionalHost';
import { replicate } from './replicate';
import type { Call, RecordedRequest } from './requests';
import { Service } from './service';
import type { SimulatedTask } from './tasks';

const DIALECTS: Dialect[] = [novita, blackForestLabs, falAi, replicate];

/** Eight references of 10 MB as base64 and some room. */
const BODY_LIMIT_BYTES = 128 * 1024 * 1024;

declare module 'fastify' {
	interface FastifyContextConfig {
		call?: Call;
	}
	interface FastifyRequest {
		record: RecordedRequest;
		fault: Fault | undefined;
	}
}

export interface Simulator {
	/** Where it listens: `http://127.0.0.1:PORT`. */
	url: string;
	/** Where it listens a second time with `pollingUrl: 'regionalHost'`; everything is there, too. */
	regionalUrl?: string;
	/** Every accepted, that is billed, task in order. */
	tasks: SimulatedTask[];
	/** Every request in order of arrival, those to `/simulator/` left out. */
	requests: RecordedRequest[];
	faults: FaultPlan;
	/**
	 * In 0.0001 USD, for all dialects; a credit of Black Forest Labs is 100 of them. Submits lower it
	 * and are refused where it doesn't reach; Novita AI's take nothing and are refused at 0.
	 */
	balance: number;
	/** Forgets tasks, requests and faults, and fills the balance up again. */
	reset(): void;
	/** Stops at once, with stalled connections and webhooks. */
	close(): Promise<void>;
}

/**
 * Starts a stand-in for the service.
 * @throws Error when the port is taken
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
	const service = new Service(resolveOptions(options));
	const server = fastify({
		logger: false,
		bodyLimit: BODY_LIMIT_BYTES,
		forceCloseConnections: true,
		rewriteUrl: ({ url = '/', headers }) => {
			const path = proxiedPath(headers);
			return path === undefined ? url : service.options.basePath + path;
		},
	});
	recordRequests(server, service);
	applyFaults(server, service);
	await server.register(
		async (scope) => {
			for (const dialect of DIALECTS) await dialect(scope, service);
		},
		{ prefix: service.options.basePath },
	);
	await server.register(async (scope) => images(scope, service));
	await server.register(async (scope) => control(scope, service));

	const { host, port } = service.options;
	const listening = new URL(await server.listen({ host, port }));
	// An address that means "all" is no address to give out.
	if (['0.0.0.0', '[::]'].includes(listening.hostname)) listening.hostname = '127.0.0.1';
	service.origin = listening.origin;
	const regionalHost =
		service.options.pollingUrl === 'regionalHost' ? await listenAgain(server, host) : undefined;
	service.regionalOrigin = regionalHost?.origin;

	return {
		url: service.origin,
		regionalUrl: service.regionalOrigin,
		tasks: service.tasks.all,
		requests: service.requests,
		faults: service.faults,
		get balance() {
			return service.balance;
		},
		set balance(balance) {
			service.balance = balance;
		},
		reset: () => service.reset(),
		close: async () => {
			service.closing.abort();
			await Promise.all([regionalHost?.close(), server.close()]);
		},
	};
}

function recordRequests(server: FastifyInstance, service: Service): void {
	server.decorateRequest('record');
	server.addHook('onRequest', async (request) => {
		const [path = ''] = request.url.split('?');
		const { task_id: polled, id = polled } = request.query as { task_id?: string; id?: string };
		const { taskId: downloaded } = request.params as { taskId?: string };
		request.record = {
			call: request.routeOptions.config.call ?? 'other',
			method: request.method,
			path,
			query: { ...(request.query as object) },
			headers: request.headers,
			status: 0,
			at: service.options.now(),
			taskId: id ?? downloaded,
		};
		if (!path.startsWith('/simulator/')) service.requests.push(request.record);
	});
	// Before the faults' hook, so that what they do to the status is not missed: see there.
	server.addHook('onSend', async (request, reply) => {
		request.record.status = reply.statusCode;
	});
}

/**
 * A fault is chosen when the request has been read. Where it keeps the request from the service,
 * the handler is left out; what it does to the reply happens just before sending.
 */
function applyFaults(server: FastifyInstance, service: Service): void {
	server.decorateRequest('fault');
	server.addHook('preHandler', async (request, reply) => {
		request.fault = service.faults.take(request.record.call);
		if (request.fault && !isAccepted(request.fault)) await reply.send('');
	});
	server.addHook('onSend', (request, reply, payload, done) => {
		const { fault } = request;
		if (!fault) return done(null, payload);
		const trueBody = Buffer.from((payload ?? '') as string | Buffer);
		void spoilReply(fault, reply, trueBody, service.closing.signal).then((spoilt) => {
			if (spoilt === null) {
				// The fault has the socket now. Without `done` fastify leaves it alone.
				if (!reply.raw.headersSent) request.record.status = 0;
				return;
			}
			request.record.status = reply.statusCode;
			done(null, spoilt);
		}, done);
	});
}
