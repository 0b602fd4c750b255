import type { INode, INodeParameters } from 'n8n-workflow';

import type { TestedService } from '../../support/services';
import type { FaultyCall, PlannedFault } from '../../support/simulator';

/** What a row's faults may refer to. */
export interface Places {
	/** The simulated service, without a trailing slash. */
	service: string;
	/** Another host, see `otherHost.ts`. */
	otherHost: string;
}

/** One line of the matrix: a fault in one kind of call at a service, and what must come of it. */
export interface FaultRow extends FaultInCall {
	service: TestedService;
}

/** A fault in one kind of call, whatever the service. */
export interface FaultInCall {
	call: FaultyCall;
	/** What happens, in the words of `docs/faults.md`. */
	happens: string;
	/** How many requests are hit, from the first on; Infinity = all of them. */
	times: number;
	/** Default `submitAndWait`. `getTaskResult` asks for a task that was paid for before. */
	operation?: 'submitAndWait' | 'getTaskResult';
	/** The faults; the same thing may take several. */
	faults?: (places: Places) => PlannedFault[];
	/** Nobody listens at the service's address while the requests that are to be hit are sent. */
	closedPort?: boolean;
	/** Replaces the address in the credential. */
	baseUrl?: (places: Places) => string;
	/** Under 'Options' in the node. */
	options?: INodeParameters;
	/** Settings of the node, such as `retryOnFail`. */
	node?: Partial<INode>;
	/** Input items; default 1. */
	items?: number;
	/** How many times faster the time of the node goes while the requests that are hit are out. */
	speed?: number;
	expected: Expectation;
}

export interface Expectation {
	/** Part of the error; left out where there must be none. */
	sees?: RegExp;
	/** Tasks that were accepted, and so are billed. */
	billed: number;
	/** Images that reach the output, each byte for byte the one of its own item. */
	images: number;
	/** Requests of the row's call; a number or the least and the most. */
	requests: number | [least: number, most: number];
	/** Least milliseconds from the first request to the second. */
	waits?: number;
}
