import type { ServiceAnswer } from '../services/service';

/** The service answered, whatever it said. */
export interface Answered {
	kind: 'answered';
	answer: ServiceAnswer;
}

/**
 * Something between n8n and the service answered in its place: a proxy, a firewall, a login page.
 * It says nothing about key, balance, content or task.
 */
export interface Stranger {
	kind: 'stranger';
	/** HTTP status code. */
	status: number;
	/** Names in lower case. */
	headers: Record<string, string>;
	/** Its first words, in one line and free of secrets; "" without any. */
	words: string;
}

/** Nothing reached the service: connection refused, no such host, blocked by n8n's own policy. */
export interface NotSent {
	kind: 'notSent';
	/** What happened, in words or as the system's error code; free of secrets. */
	cause: string;
	/** Whether the same call could work a moment later. */
	temporary: boolean;
}

/** The request may have arrived, but no whole answer came back. */
export interface Lost {
	kind: 'lost';
	cause: string;
}

/** How one HTTP call ended. */
export type Outcome = Answered | Stranger | NotSent | Lost;
