import type { NodeRun } from '../run/nodeRun';
import { problem } from '../run/problems';
import { readParameter } from './fields';
import { readOptions } from './settings';

/** How an item's result is handed out. */
export interface OutputSettings {
	/** The field of the output item that gets the image; undefined = only the link is wanted. */
	binaryPropertyName?: string;
	fileName?: string;
	simplify: boolean;
}

/** @throws NodeOperationError when the image has no field to go to */
export function readOutputSettings(run: NodeRun, itemIndex: number): OutputSettings {
	// An agent reads text: it gets the link, in few words.
	if (run.isTool) return { simplify: true };
	const simplify = readParameter(run, itemIndex, 'simplify', true) === true;
	if (readParameter(run, itemIndex, 'downloadImage', true) !== true) return { simplify };
	const name = readParameter(run, itemIndex, 'binaryPropertyName', 'data');
	const binaryPropertyName = typeof name === 'string' ? name.trim() : '';
	if (binaryPropertyName === '') {
		throw problem(
			{ context: run.context, itemIndex },
			"'Put Output File in Field' is empty",
			"Enter the name of the field that gets the image, e.g. data, or turn 'Download Image' off.",
		);
	}
	const { fileName } = readOptions(run, itemIndex);
	return {
		simplify,
		binaryPropertyName,
		fileName: fileName === undefined || fileName === '' ? undefined : String(fileName),
	};
}
