import type { FastifyInstance } from 'fastify';

import type { PlannedFault } from './faults';
import { FAULTY_CALLS } from './faults';
import type { Service } from './service';

/** The simulator's own routes, for scripts in another process. They are not recorded. */
export async function control(server: FastifyInstance, service: Service): Promise<void> {
	server.get('/simulator/state', async () => ({
		tasks: service.tasks.all,
		requests: service.requests,
	}));

	server.post('/simulator/reset', async () => {
		service.reset();
		return {};
	});

	server.post('/simulator/finish', async (request, reply) => {
		const { taskId, silent = false } = (request.body ?? {}) as {
			taskId?: string;
			silent?: boolean;
		};
		const task = service.tasks.find(taskId ?? '');
		if (!task) return reply.code(404).send({ message: 'taskId must be that of a task' });
		service.tasks.finish(task, silent);
		return {};
	});

	server.post('/simulator/faults', async (request, reply) => {
		const planned = [request.body].flat() as PlannedFault[];
		const refusal = planned.map(whyUnusable).find((reason) => reason !== undefined);
		if (refusal) return reply.code(400).send({ message: refusal });
		planned.map(decodeBytes).forEach((entry) => service.faults.add(entry));
		return {};
	});
}

function whyUnusable(planned: PlannedFault | null): string | undefined {
	if (!FAULTY_CALLS.some((call) => call === planned?.call)) {
		return `call must be one of ${FAULTY_CALLS.join(', ')}`;
	}
	if (typeof planned?.fault?.kind !== 'string') return 'fault.kind is missing';
	if (planned.fault.kind === 'patch') return 'patch takes a function, which JSON has not; use json';
	return undefined;
}

/** JSON has no bytes: they come as base64. */
function decodeBytes(planned: PlannedFault): PlannedFault {
	if (planned.fault.kind !== 'body') return planned;
	const bytes = Buffer.from(String(planned.fault.bytes), 'base64');
	return { ...planned, fault: { ...planned.fault, bytes } };
}
