import { fileName } from '../description/options';
import { downloadImage, outputField, simplify } from '../description/result';
import type { Item } from '../run/item';
import { readBoolean, readText } from './fields';

/** How an item's result is handed out. */
export interface OutputSettings {
	/** The field of the output item that gets the image; undefined = only the link is wanted. */
	binaryPropertyName?: string;
	fileName?: string;
	simplify: boolean;
}

/** @throws NodeOperationError when the image has no field to go to */
export function readOutputSettings(item: Item): OutputSettings {
	// An agent reads text: it gets the link, in few words.
	if (item.run.isTool) return { simplify: true };
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
