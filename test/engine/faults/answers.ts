import { withFields, type Json, type Refusal, type TestedService } from '../../support/services';
import type { Fault, FaultyCall, PlannedFault } from '../../support/simulator';

/** A refusal in the service's own words. */
export function refused({ status, body }: Refusal): Fault {
	return { kind: 'status', status, body };
}

/** How many times faster the time goes where the service asks for patience. */
export function speedFor({ retryAfter }: Refusal): { speed?: number } {
	return retryAfter === undefined ? {} : { speed: 20 };
}

/** A status without a word. */
export function bare(status: number, more: { accept?: boolean; retryAfter?: string } = {}): Fault {
	const { accept, retryAfter } = more;
	const headers = retryAfter === undefined ? undefined : { 'retry-after': retryAfter };
	return { kind: 'status', status, accept, headers };
}

/** The first `times` requests of a call are hit. */
export function hit(call: FaultyCall, times: number, fault: Fault): PlannedFault[] {
	return [{ call, times, fault }];
}

/** The true answer, changed. */
export function changed(change: (answer: Json) => unknown): Fault {
	return { kind: 'patch', patch: (body) => change(structuredClone(body)) };
}

/** The true result with other values in these fields, and perhaps under another HTTP status. */
export function withValues(values: Json, status?: number): Fault {
	return { ...changed((result) => withFields(result, values)), ...(status && { status }) } as Fault;
}

/** The true result with this in place of the link to the image. */
export function withLink({ poll }: TestedService, link: unknown): Fault {
	return withValues({ [poll.fields.imageUrl]: link });
}

/** Longer than an API's answer may be, and than an image may be. */
export const ENDLESS: Fault = {
	kind: 'huge',
	bytes: 1_000_000_000,
	contentType: 'application/json',
};
