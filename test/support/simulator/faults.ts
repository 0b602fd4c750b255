import type { Call } from './requests';

/** The calls that can be made to go wrong; not every dialect has all of them. */
export const FAULTY_CALLS = [
	'submit',
	'poll',
	'result',
	'cancel',
	'download',
] as const satisfies Call[];

/** Those that a task is made and fetched by. */
export type FaultyCall = Exclude<(typeof FAULTY_CALLS)[number], 'cancel'>;

/**
 * What goes wrong. `accept` says whether the request reaches the service all the same: on a submit
 * whether the task exists and is billed.
 */
export type Fault =
	/** Another status. Not accepted unless told. */
	| {
			kind: 'status';
			status: number;
			body?: unknown;
			headers?: Record<string, string>;
			accept?: boolean;
	  }
	/** Accepted, then the socket is reset. */
	| { kind: 'resetBeforeReply' }
	/** The socket is reset and nothing is accepted. */
	| { kind: 'resetBeforeAccept' }
	/** Accepted unless told otherwise, and never answered. */
	| { kind: 'stall'; accept?: boolean }
	/** Accepted; headers and half the body, then silence. */
	| { kind: 'stallBody' }
	/** Accepted; the body comes slowly. */
	| { kind: 'slowDrip'; bytesPerSecond: number }
	/** Accepted; the full Content-Length, half the body, end of connection. */
	| { kind: 'truncate' }
	/**
	 * Accepted; the whole body under a Content-Length that is off by `difference` bytes (default
	 * +16), then end of connection.
	 */
	| { kind: 'wrongContentLength'; difference?: number }
	/** 200 with a web page, as from a proxy's login. Not accepted unless told. */
	| { kind: 'html'; accept?: boolean }
	/** 200 with nothing in it. Accepted unless told otherwise. */
	| { kind: 'empty'; accept?: boolean }
	/** 200 with this JSON in place of the true one. Accepted unless told otherwise. */
	| { kind: 'json'; body: unknown; accept?: boolean }
	/**
	 * Accepted; the true JSON reply, changed, and under another status if one is given. Written as a
	 * method so that callers may narrow `body`.
	 */
	| { kind: 'patch'; status?: number; patch(body: Record<string, unknown>): unknown }
	/** A redirect, by default 302. Not accepted unless told. */
	| { kind: 'redirect'; location: string; status?: number; accept?: boolean }
	/** 200 with these bytes. Not accepted unless told. */
	| { kind: 'body'; contentType: string; bytes: Buffer; accept?: boolean }
	/**
	 * 200 with that many bytes, made as they are sent. Chunked, so that only counting helps the
	 * client, unless `announced` gives a Content-Length. Not accepted unless told.
	 */
	| {
			kind: 'huge';
			bytes: number;
			contentType?: string;
			announced?: boolean;
			accept?: boolean;
	  }
	/** Accepted at once, the true reply comes later. */
	| { kind: 'delay'; milliseconds: number };

export interface PlannedFault {
	call: (typeof FAULTY_CALLS)[number];
	/** How many requests it hits. Default 1. */
	times?: number;
	/** How many matching requests pass unharmed first. Default 0. */
	skip?: number;
	fault: Fault;
}

/** The faults to come. Several for one call are used up in the order they were added. */
export class FaultPlan {
	#planned: Array<Required<PlannedFault>> = [];

	add(planned: PlannedFault): void {
		this.#planned.push({ times: 1, skip: 0, ...planned });
	}

	clear(): void {
		this.#planned = [];
	}

	/**
	 * The fault for a request that just came in, which counts as a use of it.
	 * A request that one fault lets pass is offered to the next.
	 */
	take(call: Call): Fault | undefined {
		for (const planned of this.#planned) {
			if (planned.call !== call) continue;
			if (planned.skip > 0) {
				planned.skip--;
				continue;
			}
			if (planned.times > 0) {
				planned.times--;
				return planned.fault;
			}
		}
		return undefined;
	}
}

/** Whether the request still reaches the service behind the fault. */
export function isAccepted(fault: Fault): boolean {
	switch (fault.kind) {
		case 'resetBeforeAccept':
			return false;
		case 'status':
		case 'html':
		case 'redirect':
		case 'body':
		case 'huge':
			return fault.accept ?? false;
		case 'stall':
		case 'empty':
		case 'json':
			return fault.accept ?? true;
		default:
			return true;
	}
}
