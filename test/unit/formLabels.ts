import type { INodeProperties, INodePropertyCollection, INodePropertyOptions } from 'n8n-workflow';

import { Flux2FlexApi } from '../../credentials/Flux2FlexApi.credentials';
import { Flux2Flex } from '../../nodes/Flux2Flex/Flux2Flex.node';

type Entry = INodeProperties | INodePropertyOptions | INodePropertyCollection;

function labelsOf(entries: Entry[] = []): string[] {
	return entries.flatMap((entry) => [
		'displayName' in entry ? entry.displayName : entry.name,
		...('options' in entry ? labelsOf(entry.options as Entry[]) : []),
		...('values' in entry ? labelsOf(entry.values) : []),
	]);
}

/** Everything a user can read as the name of a field or a choice of node and credential. */
export const formLabels: ReadonlySet<string> = new Set([
	...labelsOf(new Flux2Flex().description.properties),
	...labelsOf(new Flux2FlexApi().properties),
]);
