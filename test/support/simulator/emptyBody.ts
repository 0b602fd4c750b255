import type { FastifyInstance } from 'fastify';

/** Lets calls without a body say that it is JSON: official clients do so when they cancel. */
export function takeEmptyBodies(scope: FastifyInstance): void {
	const parse = scope.getDefaultJsonParser('error', 'ignore');
	scope.addContentTypeParser(
		'application/json',
		{ parseAs: 'string' },
		(request, body: string, done) => {
			if (body === '') done(null);
			else void parse(request, body, done);
		},
	);
}
