import { createHash } from 'node:crypto';

import { loadImage } from '@napi-rs/canvas';

/** Documented for the sibling img2img route; nothing is documented for flex. */
export const MAX_REFERENCE_BYTES = 10 * 1024 * 1024;
/** Documented for the sibling img2img route; nothing is documented for flex. */
export const MAX_REFERENCE_PIXELS = 16_000_000;

/** An image that can't be used, with the service's `reason` for it. */
export class ReferenceImageError extends Error {
	constructor(
		readonly reason:
			| 'INVALID_IMAGE_FORMAT'
			| 'IMAGE_FILE_EXCEEDS_MAX_SIZE'
			| 'IMAGE_EXCEEDS_MAX_RESOLUTION',
		message: string,
	) {
		super(message);
	}
}

/**
 * One image to edit, as the task knows it. The bytes are private so that a task can be printed,
 * compared and sent as JSON without them.
 */
export class ReferenceImage {
	state: 'waiting' | 'loading' | 'loaded' | 'failed' = 'waiting';

	/** Hex digest of the bytes the service got. */
	sha256?: string;

	byteLength?: number;

	/** Width times height. */
	pixels?: number;

	/** Why it could not be fetched or read. */
	failure?: string;

	#bytes?: Buffer;

	constructor(
		readonly source: 'url' | 'dataUri' | 'base64',
		/** The link, or for inline images nothing: the task's body has them already. */
		readonly url?: string,
	) {}

	/** The bytes; empty until `loaded`. */
	bytes(): Buffer {
		return this.#bytes ?? Buffer.alloc(0);
	}

	/**
	 * Takes the bytes after making sure that they are an image.
	 * @throws ReferenceImageError
	 */
	async take(bytes: Buffer): Promise<void> {
		this.pixels = await requireImage(bytes);
		this.#bytes = bytes;
		this.byteLength = bytes.length;
		this.sha256 = createHash('sha256').update(bytes).digest('hex');
		this.state = 'loaded';
	}

	/** Fetches the link. Never throws: a failure becomes the state. */
	async fetch(timeoutMilliseconds: number, closing: AbortSignal): Promise<void> {
		this.state = 'loading';
		try {
			const signal = AbortSignal.any([closing, AbortSignal.timeout(timeoutMilliseconds)]);
			const response = await fetch(this.url ?? '', { signal });
			if (!response.ok) throw new Error(`the link answered ${response.status}`);
			await this.take(await readAtMost(response, MAX_REFERENCE_BYTES));
		} catch (error) {
			this.failure = error instanceof Error ? error.message : String(error);
			this.state = 'failed';
		}
	}
}

/**
 * Reads a `data:` URI.
 * @throws ReferenceImageError when it holds no readable image
 */
export async function referenceFromDataUri(uri: string): Promise<ReferenceImage> {
	const comma = uri.indexOf(',');
	if (!/^data:image\/[a-z0-9.+-]+;base64$/i.test(uri.slice(0, comma))) {
		throw new ReferenceImageError('INVALID_IMAGE_FORMAT', 'image is not a base64 data URI');
	}
	return await readInlineImage('dataUri', uri.slice(comma + 1));
}

/**
 * Reads bare base64, without the start of a data URI.
 * @throws ReferenceImageError when it holds no readable image
 */
export async function referenceFromBase64(text: string): Promise<ReferenceImage> {
	return await readInlineImage('base64', text);
}

async function readInlineImage(
	source: 'dataUri' | 'base64',
	content: string,
): Promise<ReferenceImage> {
	// Looks for one letter: a pattern for all of them can run out of stack on a large image.
	if (content.trim() === '' || /[^a-z0-9+/=\s]/i.test(content)) {
		throw new ReferenceImageError('INVALID_IMAGE_FORMAT', 'image is not base64');
	}
	const reference = new ReferenceImage(source);
	await reference.take(Buffer.from(content, 'base64'));
	return reference;
}

async function readAtMost(response: Response, limit: number): Promise<Buffer> {
	const chunks: Uint8Array[] = [];
	let length = 0;
	for await (const chunk of response.body ?? []) {
		chunks.push(chunk);
		length += chunk.length;
		if (length > limit) break;
	}
	return Buffer.concat(chunks);
}

/** @returns width times height */
async function requireImage(bytes: Buffer): Promise<number> {
	if (bytes.length > MAX_REFERENCE_BYTES) {
		throw new ReferenceImageError('IMAGE_FILE_EXCEEDS_MAX_SIZE', 'image file exceeds 10 MB');
	}
	// The decoder also reads SVG and other formats that the service doesn't name.
	if (!looksLikeImage(bytes)) {
		throw new ReferenceImageError('INVALID_IMAGE_FORMAT', 'image format is not supported');
	}
	const image = await loadImage(bytes).catch(() => undefined);
	if (!image) {
		throw new ReferenceImageError('INVALID_IMAGE_FORMAT', 'image can not be decoded');
	}
	const pixels = image.width * image.height;
	if (pixels > MAX_REFERENCE_PIXELS) {
		throw new ReferenceImageError(
			'IMAGE_EXCEEDS_MAX_RESOLUTION',
			'image exceeds 16 million pixels',
		);
	}
	return pixels;
}

function looksLikeImage(bytes: Buffer): boolean {
	const start = bytes.subarray(0, 12).toString('latin1');
	return (
		start.startsWith('\x89PNG\r\n\x1a\n') ||
		start.startsWith('\xff\xd8\xff') ||
		start.startsWith('GIF8') ||
		(start.startsWith('RIFF') && start.endsWith('WEBP'))
	);
}
