import type { Json, Meaning, Refusal } from './testedService';

/** Refuses for good, in the words of its name, unless told otherwise. */
export function refusal(
	means: Meaning,
	status: number,
	name: string,
	body: Json,
	otherwise: Partial<Refusal> = {},
): Refusal {
	return {
		name: `${status} ${name}`,
		status,
		body,
		said: name,
		means,
		submit: 'nothing, for good',
		simulated: false,
		...otherwise,
	};
}
