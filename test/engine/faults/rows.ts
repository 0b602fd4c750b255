import type { Fault, FaultyCall } from '../../support/simulator';
import { hit } from './answers';
import type { Expectation, FaultInCall, Places } from './faultRow';

/** Undefined where something else than an answer goes wrong, such as the address. */
type FaultAt = Fault | ((places: Places) => Fault) | undefined;

export type More = Partial<FaultInCall>;

/** Makes rows of one call: what happens to its first `times` requests. */
export function rowsOf(call: FaultyCall) {
	return (
		happens: string,
		times: number,
		fault: FaultAt,
		expected: Expectation,
		more: More = {},
	): FaultInCall => {
		const faultAt = typeof fault === 'function' ? fault : () => fault as Fault;
		const faults = fault && ((places: Places) => hit(call, times, faultAt(places)));
		return { call, happens, times, faults, expected, ...more };
	};
}

/** The image arrives, after so many requests. */
export function image(requests: Expectation['requests']): Expectation {
	return { billed: 1, images: 1, requests };
}

/** An error like this, after so many requests; the task is paid for unless told otherwise. */
export function error(sees: RegExp, requests: Expectation['requests'], billed = 1): Expectation {
	return { sees, billed, images: 0, requests };
}

/** Redirects to a path of the other host. */
export function redirect(status: number, path: string): (places: Places) => Fault {
	return ({ otherHost }) => ({ kind: 'redirect', status, location: otherHost + path });
}

/** A service's address with https, where plain http answers. */
export const withHttps = ({ service }: Places) => service.replace('http:', 'https:');
