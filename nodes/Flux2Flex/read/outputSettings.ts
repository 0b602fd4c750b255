import type { IBinaryData } from 'n8n-workflow';

import { fileName, TOOL_LINK_DAYS, toolResult } from '../description/options';
import { downloadImage, outputField, simplify } from '../description/result';
import type { Item } from '../run/item';
import type { NodeRun } from '../run/nodeRun';
import { signLink, SIGNING_NEEDS } from '../run/signedLink';
import { readBoolean, readChoice, readText } from './fields';

/** How an item's result is handed out. */
export interface OutputSettings {
	/** The field of the output item that gets the image; undefined = only the link is wanted. */
	binaryPropertyName?: string;
	fileName?: string;
	simplify: boolean;
	/** Store the image and tell a link of this n8n, in place of a file in the item. */
	asLink?: boolean;
}

/** How long such a link is valid. */
export const TOOL_LINK_LIFE = `${TOOL_LINK_DAYS} days` as const;

/** @throws NodeOperationError when the image has nowhere to go */
export async function readOutputSettings(item: Item): Promise<OutputSettings> {
	// An agent reads text: it gets the link, in few words.
	if (item.run.isTool) {
		const asLink = readChoice(item, toolResult) === 'n8nLink';
		if (asLink) await checkSigning(item);
		return { simplify: true, asLink };
	}
	const isSimple = readBoolean(item, simplify);
	if (!readBoolean(item, downloadImage)) return { simplify: isSimple };
	const binaryPropertyName = readText(item, outputField).trim();
	if (binaryPropertyName === '') {
		throw item.problem(
			"'Put Output File in Field' is empty",
			"Enter the name of the field that gets the image, e.g. data, or turn 'Download Image' off.",
		);
	}
	return {
		simplify: isSimple,
		binaryPropertyName,
		fileName: readText(item, fileName) || undefined,
	};
}

/** Of each run one, whatever the number of its items. */
const probes = new WeakMap<NodeRun, Promise<IBinaryData>>();

/** Tried with a file of one byte: what n8n cannot do, it says only when it is asked. */
async function checkSigning(item: Item): Promise<void> {
	const { run, context } = item;
	const probe =
		probes.get(run) ??
		context.helpers.prepareBinaryData(Buffer.from('1'), 'probe.txt', 'text/plain');
	probes.set(run, probe);
	if (signLink(item, await probe, TOOL_LINK_LIFE) !== undefined) return;
	throw item.problem(
		'\'Tool Result\' cannot be "Signed Link" on this n8n',
		`${SIGNING_NEEDS} Choose "Service Link".`,
	);
}
