/** An image format with the names that go with it. */
export interface ImageFormat {
	mimeType: string;
	/** File extensions without a dot, the usual one first. */
	extensions: readonly [string, ...string[]];
	/** What APIs call it. */
	name: string;
}

/** What is shorter is no image. */
const SHORTEST_IMAGE = 12;
/** A longer list of brands is none. */
const LONGEST_BRANDS = 256;

const ascii = (bytes: Uint8Array, start: number, end: number) =>
	String.fromCharCode(...bytes.subarray(start, end));

const startsWith = (bytes: Uint8Array, signature: number[]) =>
	signature.every((byte, index) => bytes[index] === byte);

/**
 * The brands of an ISO base media file: the major one and those it is compatible with. Only all of
 * them tell AVIF from HEIC: both may come under the major brand `mif1` (ISO/IEC 23008-12).
 */
function brandsOf(bytes: Uint8Array): string[] {
	const end = endOfBrands(bytes);
	if (end === 0 || bytes.length < end) return [];
	const brands = [ascii(bytes, 8, 12)];
	// Between them stands the version of the major one.
	for (let at = 16; at + 4 <= end; at += 4) brands.push(ascii(bytes, at, at + 4));
	return brands;
}

/** Where the list of brands ends; 0 when the file begins with none. */
function endOfBrands(bytes: Uint8Array): number {
	if (ascii(bytes, 4, 8) !== 'ftyp') return 0;
	const boxSize = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
	return Math.min(boxSize, LONGEST_BRANDS);
}

const isBaseMedia = (bytes: Uint8Array, brands: RegExp) =>
	brandsOf(bytes).some((brand) => brands.test(brand));

/** Signatures: https://en.wikipedia.org/wiki/List_of_file_signatures */
const formats: Array<{ format: ImageFormat; matches: (bytes: Uint8Array) => boolean }> = [
	{
		format: { name: 'png', mimeType: 'image/png', extensions: ['png'] },
		matches: (bytes) => startsWith(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
	},
	{
		format: { name: 'jpeg', mimeType: 'image/jpeg', extensions: ['jpg', 'jpeg', 'jpe', 'jfif'] },
		matches: (bytes) => startsWith(bytes, [0xff, 0xd8, 0xff]),
	},
	{
		format: { name: 'webp', mimeType: 'image/webp', extensions: ['webp'] },
		matches: (bytes) => ascii(bytes, 0, 4) === 'RIFF' && ascii(bytes, 8, 12) === 'WEBP',
	},
	{
		format: { name: 'gif', mimeType: 'image/gif', extensions: ['gif'] },
		matches: (bytes) => /^GIF8[79]a$/.test(ascii(bytes, 0, 6)),
	},
	{
		format: { name: 'avif', mimeType: 'image/avif', extensions: ['avif'] },
		matches: (bytes) => isBaseMedia(bytes, /^avi[fs]$/),
	},
	{
		format: { name: 'heic', mimeType: 'image/heic', extensions: ['heic', 'heif'] },
		matches: (bytes) => isBaseMedia(bytes, /^(hei[cxms]|hev[cx]|mif1|msf1)$/),
	},
	{
		format: { name: 'tiff', mimeType: 'image/tiff', extensions: ['tiff', 'tif'] },
		matches: (bytes) =>
			startsWith(bytes, [0x49, 0x49, 0x2a, 0x00]) || startsWith(bytes, [0x4d, 0x4d, 0x00, 0x2a]),
	},
	{
		format: { name: 'bmp', mimeType: 'image/bmp', extensions: ['bmp'] },
		// Four reserved bytes after the size are zero; "BM" alone could be the start of a text.
		matches: (bytes) =>
			ascii(bytes, 0, 2) === 'BM' && [6, 7, 8, 9].every((index) => bytes[index] === 0),
	},
];

/** Whether these first bytes of a file are enough to know its format. */
export function isEnoughToSniff(bytes: Uint8Array): boolean {
	return bytes.length >= Math.max(SHORTEST_IMAGE, endOfBrands(bytes));
}

/** The format of a file by its first bytes; undefined when it is no known image. */
export function sniffImage(bytes: Uint8Array): ImageFormat | undefined {
	if (bytes.length < SHORTEST_IMAGE) return undefined;
	return formats.find(({ matches }) => matches(bytes))?.format;
}

/** All extensions of images, to tell a name's extension from a dot within the name. */
export const imageExtensions: ReadonlySet<string> = new Set(
	formats.flatMap(({ format }) => format.extensions),
);
