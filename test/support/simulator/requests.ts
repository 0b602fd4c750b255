import type { FastifyRequest } from 'fastify';

export type Call = 'submit' | 'poll' | 'download' | 'balance' | 'other';

/** What came in and what it was answered. */
export interface RecordedRequest {
	readonly call: Call;
	readonly method: string;
	/** Without the query. */
	readonly path: string;
	readonly query: Record<string, unknown>;
	/** As received, names in lower case. */
	readonly headers: FastifyRequest['headers'];
	/** 0 as long as, or because, no reply was sent. */
	status: number;
	/** Milliseconds since 1970. */
	readonly at: number;
	/** The task asked for, or the one just accepted. */
	taskId?: string;
}
