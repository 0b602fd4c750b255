import { FastApiBody } from './fastApiBody';
import { isHttpUrl } from './jsonValues';
import { PIXELS_PER_MEGAPIXEL } from './megapixels';
import type { ImageType } from './options';
import { ReferenceImage, ReferenceImageError, referenceFromBase64 } from './references';
import type { TaskOrder } from './tasks';

const MIN_SIDE = 64;
const SIDE_STEP = 16;
const MAX_PIXELS = 4 * PIXELS_PER_MEGAPIXEL;
/** What "automatic" makes here; the real service may go by the first input image. */
const AUTOMATIC_SIDE = 1024;
const MAX_IMAGES = 8;
/** Seeds of recorded answers go beyond 31 bits. */
const MAX_SEED = 2 ** 32 - 1;

const IMAGE_TYPES: readonly ImageType[] = ['jpeg', 'png', 'webp'];

/** A checked submit. */
export interface BlackForestLabsRequest {
	order: TaskOrder;
	webhook?: { url: string; secret?: string };
}

/**
 * Checks the body of `POST /v1/flux-2-flex` by the vendor's OpenAPI description. Unknown fields are
 * ignored.
 * @throws UnprocessableRequest with everything that is wrong
 */
export async function readBlackForestLabsRequest(json: unknown): Promise<BlackForestLabsRequest> {
	const body = new FastApiBody(json);
	const prompt = body.requiredText('prompt');
	const size = readSize(body);
	const seed = body.integer('seed', { least: 0, most: MAX_SEED });
	const imageType = body.choice('output_format', IMAGE_TYPES);
	const webhookUrl = body.link('webhook_url');
	const secret = body.text('webhook_secret');
	body.number('guidance', { least: 1.5, most: 10 });
	body.integer('steps', { least: 1, most: 50 });
	body.integer('safety_tolerance', { least: 0, most: 5 });
	body.flag('prompt_upsampling');
	const references = await readImages(body);
	body.finish();
	return {
		order: {
			body: body.fields,
			prompt,
			...size,
			seed: seed ?? -1,
			imageType: imageType ?? 'jpeg',
			references,
		},
		webhook: webhookUrl === undefined ? undefined : { url: webhookUrl, secret },
	};
}

function readSize(body: FastApiBody): { width: number; height: number } {
	const [width = AUTOMATIC_SIDE, height = AUTOMATIC_SIDE] = ['width', 'height'].map((name) => {
		// 0 is automatic, as if it were not there.
		if (body.fields[name] === 0) return undefined;
		const side = body.integer(name, { least: MIN_SIDE, most: MAX_PIXELS / MIN_SIDE });
		if (side !== undefined && side % SIDE_STEP !== 0) {
			body.refuse(name, `${name} must be a multiple of ${SIDE_STEP}`);
		}
		return side;
	});
	if (width * height > MAX_PIXELS) body.refuse('width', 'the image must not exceed 4 megapixels');
	return { width, height };
}

/** Links, or base64 without the start of a data URI: that is the form the vendor documents. */
async function readImages(body: FastApiBody): Promise<ReferenceImage[]> {
	const names = Array.from({ length: MAX_IMAGES }, (_, index) =>
		index === 0 ? 'input_image' : `input_image_${index + 1}`,
	);
	const images = await Promise.all(
		names.map(async (name) => {
			const text = body.text(name);
			if (text === undefined) return undefined;
			if (isHttpUrl(text)) return new ReferenceImage('url', text);
			try {
				return await referenceFromBase64(text);
			} catch (error) {
				if (!(error instanceof ReferenceImageError)) throw error;
				body.refuse(name, error.message);
				return undefined;
			}
		}),
	);
	return images.filter((image) => image !== undefined);
}
