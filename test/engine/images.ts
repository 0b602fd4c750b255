import { storeBinary, type BinaryMode } from '../support/harness';
import { formats, type Format } from '../support/images';

export { formats, type Format };

/** The image as a data URI. */
export function dataUri(format: Format): string {
	const { mimeType, bytes } = formats[format];
	return `data:${mimeType};base64,${bytes.toString('base64')}`;
}

/** A binary field that holds the bytes; by default under a name and a type that say nothing. */
export async function file(
	bytes: Buffer,
	binaryMode: BinaryMode,
	{ mimeType = 'application/octet-stream', fileName = 'file.bin' } = {},
) {
	return await storeBinary(bytes, { mimeType, fileName, binaryMode });
}
