import type { Json } from './testedService';

/**
 * A copy with another value at the path (`images[0].image_url`). What is missing on the way is left
 * missing.
 */
export function withField(json: Json, path: string, value: unknown): Json {
	const copy = structuredClone(json);
	const names = path.split(/[.[\]]+/).filter((name) => name !== '');
	const last = names.pop() ?? '';
	const parent = names.reduce<unknown>((place, name) => childOf(place, name), copy);
	if (typeof parent === 'object' && parent !== null) (parent as Json)[last] = value;
	return copy;
}

/** A copy with other values at the paths. */
export function withFields(json: Json, values: Json): Json {
	return Object.entries(values).reduce(
		(changed, [path, value]) => withField(changed, path, value),
		json,
	);
}

/** What stands at the path. */
export function fieldOf(json: unknown, path: string): unknown {
	return path
		.split(/[.[\]]+/)
		.filter((name) => name !== '')
		.reduce(childOf, json);
}

function childOf(place: unknown, name: string): unknown {
	return (place as Json | null | undefined)?.[name];
}
