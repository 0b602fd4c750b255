import type { Fault, FaultyCall, PlannedFault } from '../simulator';

/** A refusal in the service's envelope. */
export function refusal(
	status: number,
	reason: string,
	headers: Record<string, string> = {},
): Fault {
	const body = { code: status, reason, message: 'said by the service', metadata: {} };
	return { kind: 'status', status, body, headers };
}

/** A status without a word. */
export function bare(status: number, more: { accept?: boolean; retryAfter?: string } = {}): Fault {
	const { accept, retryAfter } = more;
	const headers = retryAfter === undefined ? undefined : { 'retry-after': retryAfter };
	return { kind: 'status', status, accept, headers };
}

/** The page a proxy in between sends. */
export function proxyPage(status: number, accept = false): Fault {
	const body = `<html><head><title>${status}</title></head></html>`;
	return { kind: 'status', status, body, accept };
}

/** The first `times` requests of a call are hit. */
export function hit(call: FaultyCall, times: number, fault: Fault): PlannedFault[] {
	return [{ call, times, fault }];
}

type Json = Record<string, unknown>;

/** The result of a finished task, as the simulator sends it. */
export interface TaskResult extends Json {
	task: Json;
	images: Json[];
	extra: Json;
}

/** The true result of a task, changed. */
export function changed(change: (result: TaskResult) => unknown): Fault {
	return {
		kind: 'patch',
		patch: (body) => change(structuredClone(body) as TaskResult),
	};
}

/** The true result with other fields in its only image. */
export function withImage(fields: Json): Fault {
	return changed((result) => ({
		...result,
		images: result.images.map((image) => ({ ...image, ...fields })),
	}));
}

/** Longer than an API's answer may be, and than a picture may be. */
export const ENDLESS: Fault = {
	kind: 'huge',
	bytes: 1_000_000_000,
	contentType: 'application/json',
};
