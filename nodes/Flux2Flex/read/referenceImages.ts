import type { IBinaryData } from 'n8n-workflow';

import { asHttpUrl, asObject } from '../values/untrusted';
import type { ByteStream } from '../transport/byteStream';
import { readFirstBytes } from '../transport/firstBytes';
import { SNIFFED_BYTES, sniffImage } from '../images/imageFormat';
import type { NodeRun } from '../run/nodeRun';
import { problem, type Location } from '../run/problems';
import { readParameter, show } from './fields';

/** How a binary reference image reaches the service. */
export type BinaryDelivery = 'dataUri' | 'signedUrl';

/** A checked reference image; the bytes of a binary one are read only when it is sent. */
export type ReferenceImage =
	| { source: 'url'; url: string }
	| {
			source: 'binary';
			/** A field name, or the binary itself when an expression gave it. */
			field: string | IBinaryData;
			binary: IBinaryData;
			mimeType: string;
	  };

/** Largest image in bytes; the services document 10 MB for their other image models. */
export const MAX_REFERENCE_BYTES = 10_000_000;

/** How long a signed link to this n8n stays valid: the task may wait in a queue before it is read. */
const SIGNED_URL_LIFE = '2 hours';

/**
 * The reference images of an item, in order and checked.
 *
 * @throws NodeOperationError for an entry that is empty, no link, no image, or too large
 */
export async function readReferenceImages(
	run: NodeRun,
	itemIndex: number,
	delivery: BinaryDelivery,
): Promise<ReferenceImage[]> {
	const where = { context: run.context, itemIndex };
	const entries = readEntries(readParameter(run, itemIndex, 'images', {}), where);
	const images: ReferenceImage[] = [];
	for (const entry of entries) {
		if (entry.source === 'binary') {
			for (const field of listFields(entry.binaryPropertyName, where)) {
				images.push(await checkBinary(run, where, field, delivery));
			}
		} else {
			images.push(...listUrls(entry.url, where).map((url) => checkUrl(url, where)));
		}
	}
	return images;
}

/** What makes a reference image the same image to the user, whatever link or bytes carry it. */
export function identify(image: ReferenceImage): unknown {
	if (image.source === 'url') return image.url;
	return image.binary.id ?? image.binary.data;
}

/** The image in the form the service takes: a link or a data URI. */
export async function deliver(
	run: NodeRun,
	itemIndex: number,
	image: ReferenceImage,
	delivery: BinaryDelivery,
): Promise<string> {
	if (image.source === 'url') return image.url;
	if (delivery === 'signedUrl') {
		return run.context.helpers.createBinarySignedUrl(image.binary, SIGNED_URL_LIFE);
	}
	const bytes = await run.context.helpers.getBinaryDataBuffer(
		itemIndex,
		// n8n takes the binary itself as well as a field name; older type definitions know only names.
		image.field as string,
	);
	return `data:${image.mimeType};base64,${bytes.toString('base64')}`;
}

function readEntries(value: unknown, where: Location): Array<Record<string, unknown>> {
	const list = asObject(value)?.image ?? [];
	const entries = (Array.isArray(list) ? list : [list]).map(asObject);
	if (!entries.every((entry) => entry !== undefined)) {
		throw problem(
			where,
			"'Reference Images' is not a list of images",
			`It holds ${show(list)}. Add the images in the form, or check the expression behind it.`,
		);
	}
	return entries;
}

/** One link or several: a list, or text with commas or line breaks between links. */
function listUrls(value: unknown, where: Location): unknown[] {
	if (Array.isArray(value) && value.length > 0) return value;
	if (!Array.isArray(value) && typeof value !== 'string') return [value];
	// Commas also occur within links and in every data URI: only one before a new link separates.
	const urls = String(value)
		.split(/\s*[,\n]\s*(?=[a-z][a-z\d+.-]*:\/\/|data:)/i)
		.map((url) => url.trim().replace(/[,\s]+$/, ''))
		.filter((url) => url !== '');
	if (urls.length > 0) return urls;
	throw problem(
		where,
		"'Image URL' of a reference image is empty",
		"Enter a link, or remove the entry from 'Reference Images'.",
	);
}

function checkUrl(value: unknown, where: Location): ReferenceImage {
	const url = typeof value === 'string' ? value.trim() : undefined;
	if (url !== undefined && /^data:/i.test(url))
		return { source: 'url', url: checkDataUri(url, where) };
	if (url === undefined || /\s/.test(url) || asHttpUrl(url) === undefined) {
		throw problem(
			where,
			`'Image URL' of a reference image is not an http(s) link: ${show(value)}`,
			'The service fetches the image itself, so it must be a public link, e.g. https://example.com/cat.png. For a file of this workflow choose \'Source\' "Binary File".',
		);
	}
	return { source: 'url', url };
}

function checkDataUri(url: string, where: Location): string {
	const comma = url.indexOf(',');
	const data = url.slice(comma + 1);
	// One pattern for all of it would remember a way back for each of millions of letters.
	const isBase64 =
		/^data:image\/[\w.+-]+;base64$/i.test(url.slice(0, comma)) && !/[^A-Za-z0-9+/=\s]/.test(data);
	const bytes = isBase64 ? Buffer.from(data, 'base64') : undefined;
	if (bytes === undefined || sniffImage(bytes) === undefined) {
		throw problem(
			where,
			`'Image URL' of a reference image is a data URI that holds no image: ${show(url)}`,
			'A data URI of an image looks like data:image/png;base64,iVBORw0…',
		);
	}
	checkBytes(bytes.length, "'Image URL' of a reference image", where);
	return url;
}

function listFields(value: unknown, where: Location): Array<string | IBinaryData> {
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
	throw problem(
		where,
		"'Input Data Field Name' of a reference image is empty",
		"Enter the name of the input item's field that holds the file, e.g. data.",
	);
}

async function checkBinary(
	run: NodeRun,
	where: Location,
	field: string | IBinaryData,
	delivery: BinaryDelivery,
): Promise<ReferenceImage> {
	const { helpers } = run.context;
	const label =
		typeof field === 'string' ? `The file in the field '${field}'` : 'A file in Reference Images';
	const binary = readBinary(run, where, field);
	const metadata = binary.id === undefined ? undefined : await helpers.getBinaryMetadata(binary.id);
	const start =
		binary.id === undefined
			? await helpers.getBinaryDataBuffer(where.itemIndex, field as string)
			: await readStart(await helpers.getBinaryStream(binary.id));
	checkBytes(metadata?.fileSize ?? start.length, label, where);
	const format = sniffImage(start);
	if (format === undefined) {
		throw problem(
			where,
			`${label} is not an image that can be read`,
			"'Reference Images' takes PNG, JPEG, WebP and GIF files. Check what the node before puts into this field.",
		);
	}
	if (delivery === 'signedUrl') checkSignedUrl(run, where, binary);
	return { source: 'binary', field, binary, mimeType: format.mimeType };
}

function readBinary(run: NodeRun, where: Location, field: string | IBinaryData): IBinaryData {
	try {
		return run.context.helpers.assertBinaryData(where.itemIndex, field as string);
	} catch {
		throw problem(
			where,
			`The input item has no file in the field ${show(field)}`,
			"Check 'Input Data Field Name' in 'Reference Images', and that the node before hands on a file under that name.",
		);
	}
}

async function readStart(stream: unknown): Promise<Uint8Array> {
	const body = stream as ByteStream;
	try {
		return await readFirstBytes(body, SNIFFED_BYTES);
	} finally {
		body.destroy();
	}
}

function checkBytes(bytes: number, label: string, where: Location): void {
	if (bytes === 0) {
		throw problem(where, `${label} is empty`, 'Check what the node before puts into this field.');
	}
	if (bytes > MAX_REFERENCE_BYTES) {
		throw problem(
			where,
			`${label} is too large: ${(bytes / 1e6).toFixed(1)} MB`,
			`A reference image may have ${MAX_REFERENCE_BYTES / 1e6} MB. Shrink it first, e.g. with the Edit Image node.`,
		);
	}
}

function checkSignedUrl(run: NodeRun, where: Location, binary: IBinaryData): void {
	if (binary.id !== undefined && 'createBinarySignedUrl' in run.context.helpers) return;
	throw problem(
		where,
		'\'Send Reference Images As\' cannot be "Signed Link" on this n8n',
		'Signed links need an n8n that stores files outside its memory (N8N_DEFAULT_BINARY_DATA_MODE other than default) and that can sign links. Choose "Data URI", or give the image as a public link.',
	);
}
