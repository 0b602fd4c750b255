import { crc32, deflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const KEYWORD = 'Description\0';

/** A part of a PNG file: length, type, data, checksum. */
function chunk(type: string, data: Buffer): Buffer {
	const typeAndData = Buffer.concat([Buffer.from(type, 'latin1'), data]);
	const length = Buffer.alloc(4);
	length.writeUInt32BE(data.length);
	const checksum = Buffer.alloc(4);
	checksum.writeUInt32BE(crc32(typeAndData));
	return Buffer.concat([length, typeAndData, checksum]);
}

/** One grey pixel. */
const HEADER = chunk('IHDR', Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]));
const PIXELS = chunk('IDAT', deflateSync(Buffer.from([0, 128])));
const END = chunk('IEND', Buffer.alloc(0));

/**
 * Makes PNG images of a single pixel that tell which prompt they are for and are as large as asked
 * for. Cheap, so that a simulator with hundreds of downloads under way has time for the rest.
 */
export class ImageMaker {
	/** A private chunk that programs skip. */
	private readonly filling: Buffer;

	/** @param bytes about how large the files are */
	constructor(bytes: number) {
		this.filling = chunk('fiLl', Buffer.alloc(bytes, 0x5a));
	}

	make(prompt: string): Buffer {
		const text = chunk('tEXt', Buffer.from(KEYWORD + prompt, 'latin1'));
		return Buffer.concat([SIGNATURE, HEADER, text, PIXELS, this.filling, END]);
	}
}

/** The prompt an image was made for; undefined when it is not a whole image of these. */
export function readPrompt(image: Buffer): string | undefined {
	if (!image.subarray(0, SIGNATURE.length).equals(SIGNATURE)) return undefined;
	if (!image.subarray(-END.length).equals(END)) return undefined;
	const textAt = SIGNATURE.length + HEADER.length;
	const length = image.readUInt32BE(textAt);
	const text = image.subarray(textAt + 8, textAt + 8 + length).toString('latin1');
	return text.startsWith(KEYWORD) ? text.slice(KEYWORD.length) : undefined;
}
