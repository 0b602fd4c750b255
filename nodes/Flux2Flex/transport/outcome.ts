import type { ServiceAnswer } from '../services/service';

/** The service answered, whatever it said. */
export interface Answered {
	kind: 'answered';
	answer: ServiceAnswer;
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
export type Outcome = Answered | NotSent | Lost;
