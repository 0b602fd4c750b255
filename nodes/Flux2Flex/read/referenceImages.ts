import type { IBinaryData, NodeOperationError } from 'n8n-workflow';

import { DELIVERY_LINK_HOURS } from '../description/options';
import {
	inputDataFieldName,
	MAX_REFERENCE_MEGABYTES,
	referenceImages,
} from '../description/request';
import { readDataUri, toDataUri } from '../images/dataUri';
import { isEnoughToSniff, sniffImage } from '../images/imageFormat';
import type { Item } from '../run/item';
import { signLink, SIGNING_NEEDS } from '../run/signedLink';
import type { ByteStream } from '../transport/byteStream';
import { readFirstBytes } from '../transport/firstBytes';
import { asHttpUrl, asObject } from '../values/untrusted';
import { show } from '../values/show';

/** A checked reference image; the bytes of a binary one are read only when it is sent. */
export type ReferenceImage =
	| {
			source: 'url';
			url: string;
			/** Of the file in a data URI; 0 = a link. */
			inlineBytes: number;
	  }
	| {
			source: 'binary';
			/** A field name, or the binary itself when an expression gave it. */
			field: string | IBinaryData;
			binary: IBinaryData;
			mimeType: string;
			/** Sent as a signed link to this n8n, not as bytes. */
			asLink: boolean;
			/** Of the file; 0 = it is sent as a link. */
			inlineBytes: number;
	  };

export const SIGNED_URL_LIFE = `${DELIVERY_LINK_HOURS} hours` as const;

/**
 * The reference images of an item, in order and checked.
 *
 * @param asLink whether files are sent as signed links
 * @throws NodeOperationError for an entry that is empty, no link, no image, or too large
 */
export async function readReferenceImages(item: Item, asLink: boolean): Promise<ReferenceImage[]> {
	const images: ReferenceImage[] = [];
	for (const entry of readEntries(item)) {
		if (entry.source === 'binary') {
			for (const field of listFields(
				item,
				entry.binaryPropertyName || inputDataFieldName.default,
			)) {
				images.push(await checkBinary(item, field, asLink));
			}
		} else {
			images.push(...listUrls(item, entry.url).map((url) => checkUrl(item, url)));
		}
	}
	return images;
}

/** What makes a reference image the same image to the user, whatever link or bytes carry it. */
export function identify(image: ReferenceImage): unknown {
	if (image.source === 'url') return image.url;
	return image.binary.id ?? image.binary.data;
}

function readEntries(item: Item): Array<Record<string, unknown>> {
	const list = item.collection(referenceImages).image ?? [];
	const entries = (Array.isArray(list) ? list : [list]).map(asObject);
	if (!entries.every((entry) => entry !== undefined)) {
		throw item.problem(
			"'Reference Images' is not a list of images",
			`It holds ${show(list)}. Add the images in the form, or check the expression behind it.`,
		);
	}
	return entries;
}

/** One link or several: a list, or text with commas or line breaks between links. */
function listUrls(item: Item, value: unknown): unknown[] {
	if (Array.isArray(value) && value.length > 0) return value;
	if (!Array.isArray(value) && typeof value !== 'string' && value !== null && value !== undefined) {
		return [value];
	}
	// Commas also occur within links and in every data URI: only one before a new link separates.
	const urls = String(value ?? '')
		.split(/\s*[,\n]\s*(?=[a-z][a-z\d+.-]*:\/\/|data:)/i)
		.map((url) => url.trim().replace(/[,\s]+$/, ''))
		.filter((url) => url !== '');
	if (urls.length > 0) return urls;
	throw item.problem(
		"'Image URL' of a reference image is empty",
		"Enter a link, or remove the entry from 'Reference Images'.",
	);
}

function checkUrl(item: Item, value: unknown): ReferenceImage {
	const url = typeof value === 'string' ? value.trim() : undefined;
	if (url !== undefined && /^data:/i.test(url)) {
		return { source: 'url', ...checkDataUri(item, url) };
	}
	const link = url !== undefined && /\s/.test(url) ? undefined : asHttpUrl(url);
	if (link === undefined) {
		throw item.problem(
			`'Image URL' of a reference image is not an http(s) link: ${show(value)}`,
			'The service fetches the image itself, so it must be a public link, e.g. https://example.com/image.png. For a file of this workflow choose \'Source\' "Binary File".',
		);
	}
	return { source: 'url', url: link, inlineBytes: 0 };
}

/** The image as base64 under its true type: not every service reads all that a data URI may be. */
function checkDataUri(item: Item, uri: string): { url: string; inlineBytes: number } {
	const label = "'Image URL' of a reference image";
	const decoded = readDataUri(uri);
	if ('fault' in decoded) {
		throw item.problem(
			`${label} is a data URI that cannot be decoded: ${decoded.fault}`,
			'A data URI of an image looks like data:image/png;base64,iVBORw0… Check how it was made, or give the image as a link or a file.',
		);
	}
	const { bytes } = decoded;
	const format = sniffImage(bytes);
	if (format === undefined) {
		throw item.problem(
			`${label} is a data URI that holds no image: ${show(uri)}`,
			'A data URI of an image looks like data:image/png;base64,iVBORw0…',
		);
	}
	checkBytes(item, bytes.length, label);
	return { url: toDataUri(bytes, format.mimeType), inlineBytes: bytes.length };
}

function listFields(item: Item, value: unknown): Array<string | IBinaryData> {
	if (typeof value === 'string') {
		const names = value
			.split(',')
			.map((name) => name.trim())
			.filter((name) => name !== '');
		if (names.length > 0) return names;
	} else {
		const list: unknown[] = Array.isArray(value) ? value : [value];
		const isUsable = (field: unknown) =>
			(typeof field === 'string' && field.trim() !== '') || asObject(field) !== undefined;
		if (list.length > 0 && list.every(isUsable)) return list as Array<string | IBinaryData>;
	}
	throw item.problem(
		"'Input Data Field Name' of a reference image is empty",
		"Enter the name of the input item's field that holds the file, e.g. data.",
	);
}

async function checkBinary(
	item: Item,
	field: string | IBinaryData,
	asLink: boolean,
): Promise<ReferenceImage> {
	const label = nameOf(field);
	const binary = readBinary(item, field);
	const { start, size } = await readStored(item, field, binary);
	checkBytes(item, size, label);
	const format = sniffImage(start);
	if (format === undefined) {
		throw item.problem(
			`${label} is not an image that can be read`,
			"'Reference Images' takes PNG, JPEG, WebP and GIF files. Check what the node before puts into this field.",
		);
	}
	if (asLink) checkSignedUrl(item, binary);
	const inlineBytes = asLink ? 0 : size;
	return { source: 'binary', field, binary, mimeType: format.mimeType, asLink, inlineBytes };
}

const nameOf = (field: string | IBinaryData) =>
	typeof field === 'string' ? `The file in the field '${field}'` : "A file in 'Reference Images'";

function readBinary(item: Item, field: string | IBinaryData): IBinaryData {
	let binary: unknown;
	try {
		binary = item.context.helpers.assertBinaryData(item.index, field as string);
	} catch {
		// Told below, with the label and the way out.
	}
	if (asObject(binary) !== undefined) return binary as IBinaryData;
	throw item.problem(
		`The input item has no file in the field ${show(field)}`,
		"Check 'Input Data Field Name' in 'Reference Images', and that the node before hands on a file under that name.",
	);
}

/** The first bytes of a file and the size of all of it, without reading the rest where it is stored. */
async function readStored(
	item: Item,
	field: string | IBinaryData,
	{ id }: IBinaryData,
): Promise<{ start: Uint8Array; size: number }> {
	const { helpers } = item.context;
	try {
		if (id === undefined) {
			const bytes = await helpers.getBinaryDataBuffer(item.index, field as string);
			return { start: bytes, size: bytes.length };
		}
		const { fileSize } = await helpers.getBinaryMetadata(id);
		const start = await readStart(await helpers.getBinaryStream(id));
		return { start, size: fileSize ?? start.length };
	} catch (error) {
		throw unreadableFileProblem(item, field, error);
	}
}

/** n8n's store cannot hand out a file that the item speaks of. */
export function unreadableFileProblem(
	item: Item,
	field: string | IBinaryData,
	error: unknown,
): NodeOperationError {
	const cause = error instanceof Error ? error.message : String(error);
	return item.problem(
		`${nameOf(field)} cannot be read: ${cause}`,
		"Check 'Input Data Field Name' in 'Reference Images'. The file may be gone: n8n deletes files of old executions, and pinned data keeps only a reference to them. Run the node before again.",
	);
}

async function readStart(stream: unknown): Promise<Uint8Array> {
	const body = stream as ByteStream;
	try {
		return await readFirstBytes(body, isEnoughToSniff);
	} finally {
		body.destroy();
	}
}

function checkBytes(item: Item, bytes: number, label: string): void {
	if (bytes === 0) {
		throw item.problem(`${label} is empty`, 'Check what the node before puts into this field.');
	}
	if (bytes > MAX_REFERENCE_MEGABYTES * 1e6) {
		throw item.problem(
			`${label} is too large: ${(bytes / 1e6).toFixed(1)} MB`,
			`A reference image may have ${MAX_REFERENCE_MEGABYTES} MB. Shrink it first, e.g. with the Edit Image node.`,
		);
	}
}

/** Tried once: an n8n that cannot sign says so only when it is asked. */
function checkSignedUrl(item: Item, binary: IBinaryData): void {
	if (signLink(item, binary, SIGNED_URL_LIFE) !== undefined) return;
	throw item.problem(
		'\'Send Reference Images As\' cannot be "Signed Link" on this n8n',
		`${SIGNING_NEEDS} Choose "Data URI", or give the image as a public link.`,
	);
}
