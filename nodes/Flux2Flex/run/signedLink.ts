import type { IBinaryData } from 'n8n-workflow';

import type { Item } from './item';

/**
 * A link of this n8n to a stored file, for whoever has no account here; undefined where n8n cannot
 * sign: it keeps files in memory, or the engine's helper throws.
 *
 * @param life how long it is valid, as the package `ms` reads it, e.g. "2 hours"
 */
export function signLink({ context }: Item, binary: IBinaryData, life: Life): string | undefined {
	if (binary.id === undefined) return undefined;
	try {
		return context.helpers.createBinarySignedUrl(binary, life);
	} catch {
		return undefined;
	}
}

type Life = Parameters<Item['context']['helpers']['createBinarySignedUrl']>[1];

/** What an n8n needs for signed links, as a way out. */
export const SIGNING_NEEDS =
	'Signed links need an n8n that stores files outside its memory (N8N_DEFAULT_BINARY_DATA_MODE other than default) and that can sign links.';
