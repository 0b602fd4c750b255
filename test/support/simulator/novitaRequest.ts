import { isHttpUrl, isRecord } from './jsonValues';
import type { ImageType } from './options';
import { ReferenceImage, referenceFromDataUri } from './references';
import type { TaskOrder } from './tasks';
import { MAX_SEED } from './tasks';

const MIN_SIDE = 256;
const MAX_SIDE = 1536;
const MAX_IMAGES = 3;
/** What a sibling model makes when no size is given. */
const DEFAULT_SIDE = 1024;

/** A body the service refuses with status 400. */
export class InvalidRequest extends Error {
	constructor(
		readonly reason: string,
		message: string,
	) {
		super(message);
	}
}

/**
 * Checks the body of `POST /v3/async/flux-2-flex` by the rules of the vendor's page for the
 * endpoint. Unknown fields are ignored, as the live service does.
 * @throws InvalidRequest
 * @throws ReferenceImageError where a data URI holds no image
 */
export async function readNovitaRequest(body: unknown, imageType: ImageType): Promise<TaskOrder> {
	if (!isRecord(body)) throw invalidBody('body must be a JSON object');
	return {
		body,
		prompt: readPrompt(body.prompt),
		...readSize(body.size),
		seed: readSeed(body.seed),
		imageType,
		references: await readImages(body.images),
	};
}

/** The address to tell when the task has ended: `extra.webhook.url`. Anything unusable is ignored. */
export function readWebhookUrl(body: Record<string, unknown>): string | undefined {
	const webhook = isRecord(body.extra) ? body.extra.webhook : undefined;
	const url = isRecord(webhook) ? webhook.url : undefined;
	return typeof url === 'string' && isHttpUrl(url) ? url : undefined;
}

function readPrompt(prompt: unknown): string {
	if (typeof prompt !== 'string' || prompt === '') {
		throw invalidBody('prompt is required and must be a non-empty string');
	}
	return prompt;
}

function readSize(size: unknown): { width: number; height: number } {
	if (size === undefined) return { width: DEFAULT_SIDE, height: DEFAULT_SIDE };
	// Only `*` separates; `1024x1024` was seen to be rejected.
	const sides = typeof size === 'string' ? /^(\d+)\*(\d+)$/.exec(size) : null;
	if (!sides) throw invalidBody('size must be a string in the format width*height');
	const [width, height] = [Number(sides[1]), Number(sides[2])];
	for (const side of [width, height]) {
		if (side < MIN_SIDE || side > MAX_SIDE) {
			throw new InvalidRequest(
				'INVALID_IMAGE_SIZE',
				`width and height must be between ${MIN_SIDE} and ${MAX_SIDE}`,
			);
		}
	}
	return { width, height };
}

function readSeed(seed: unknown): number {
	if (seed === undefined) return -1;
	if (typeof seed !== 'number' || !Number.isInteger(seed) || seed < -1 || seed > MAX_SEED) {
		throw invalidBody(`seed must be an integer between -1 and ${MAX_SEED}`);
	}
	return seed;
}

async function readImages(images: unknown): Promise<ReferenceImage[]> {
	if (images === undefined) return [];
	if (!Array.isArray(images) || images.length < 1 || images.length > MAX_IMAGES) {
		throw invalidBody(`images must be an array of 1 to ${MAX_IMAGES} entries`);
	}
	return await Promise.all(images.map(readImage));
}

async function readImage(image: unknown): Promise<ReferenceImage> {
	if (typeof image === 'string' && image.startsWith('data:')) {
		return await referenceFromDataUri(image);
	}
	if (typeof image !== 'string' || !isHttpUrl(image)) {
		throw invalidBody('images must be http(s) URLs or data URIs');
	}
	return new ReferenceImage('url', image);
}

function invalidBody(message: string): InvalidRequest {
	return new InvalidRequest('INVALID_REQUEST_BODY', message);
}
