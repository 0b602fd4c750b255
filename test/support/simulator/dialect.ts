import type { FastifyInstance } from 'fastify';

import type { Service } from './service';

/**
 * One vendor's way to talk about the same tasks: its routes, checks and envelopes. Another one is
 * another function of this type, added to the list in `server.ts`. Its routes name their call in
 * `config`, which is what faults and records go by.
 */
export type Dialect = (server: FastifyInstance, service: Service) => Promise<void>;
