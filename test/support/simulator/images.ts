import { randomBytes } from 'node:crypto';

import type { FastifyInstance, FastifyReply } from 'fastify';

import type { Service } from './service';

/**
 * The object store: hands a finished task's image to whoever has a good link, and draws it only
 * then. Refusals are XML in the form of Amazon S3's, the store most of the service's links lead to.
 */
export async function images(server: FastifyInstance, service: Service): Promise<void> {
	server.get('/images/:taskId/:file', { config: { call: 'download' } }, async (request, reply) => {
		const { taskId, file } = request.params as { taskId: string; file: string };
		const { expires = '', signature = '' } = request.query as Record<string, string>;

		const check = service.links.check(`/images/${taskId}/${file}`, expires, signature);
		if (check === 'expired') return refuse(reply, 403, 'AccessDenied', 'Request has expired');
		if (check === 'wrong signature') return refuse(reply, 403, 'AccessDenied', 'Access Denied');

		const task = service.tasks.find(taskId);
		if (!task) return refuse(reply, 404, 'NoSuchKey', 'The specified key does not exist.');
		const image = await service.options.drawImage({
			prompt: task.prompt,
			width: task.width,
			height: task.height,
			seed: task.seed,
			imageType: task.imageType,
			references: task.references.map((reference) => reference.bytes()),
		});
		return reply.type(`image/${task.imageType}`).send(image);
	});
}

function refuse(reply: FastifyReply, status: number, code: string, message: string): FastifyReply {
	const requestId = randomBytes(8).toString('hex').toUpperCase();
	return reply
		.code(status)
		.type('application/xml')
		.send(
			'<?xml version="1.0" encoding="UTF-8"?>\n' +
				`<Error><Code>${code}</Code><Message>${message}</Message>` +
				`<RequestId>${requestId}</RequestId></Error>`,
		);
}
