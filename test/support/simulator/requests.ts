import type { FastifyRequest } from 'fastify';

export type Call =
	| 'submit'
	/** Asks where a task stands, which in most dialects also brings what came of it. */
	| 'poll'
	/** Asks for what came of a task, where that is a call of its own. */
	| 'result'
	| 'cancel'
	| 'download'
	| 'balance'
	| 'other';

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
