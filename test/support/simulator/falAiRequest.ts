import type { FieldProblem } from './fastApiBody';
import { FastApiBody } from './fastApiBody';
import { isRecord } from './jsonValues';
import { lateReference } from './lateReference';
import { PIXELS_PER_MEGAPIXEL } from './megapixels';
import type { ReferenceImage } from './references';
import type { TaskOrder } from './tasks';

interface Size {
	width: number;
	height: number;
}

/** The sizes behind the names that all of the service's image models share. */
const PRESETS: Record<string, Size> = {
	square_hd: { width: 1024, height: 1024 },
	square: { width: 512, height: 512 },
	portrait_4_3: { width: 768, height: 1024 },
	portrait_16_9: { width: 576, height: 1024 },
	landscape_4_3: { width: 1024, height: 768 },
	landscape_16_9: { width: 1024, height: 576 },
};
/** What `auto` makes here; the real service goes by the images to edit. */
const AUTOMATIC: Size = { width: 1024, height: 1024 };
/** Of `{width, height}` where one of them is missing. */
const DEFAULT_SIDE = 512;
/** No limit is documented for this model: that of the vendor's schema for sizes, and the model's. */
const MAX_SIDE = 14_142;
const MAX_PIXELS = 4 * PIXELS_PER_MEGAPIXEL;
/** Not documented; what Replicate takes for the same model. */
const MAX_IMAGES = 10;
const MAX_SEED = 2 ** 32 - 1;

/** A submit, and what is wrong with it. */
export interface FalAiRequest {
	order: TaskOrder;
	problems: FieldProblem[];
}

/**
 * Reads the body of a submit by the vendor's schema for the model's two routes. Unknown fields are
 * ignored.
 * @param isEdit whether it came to the route with images
 */
export async function readFalAiRequest(json: unknown, isEdit: boolean): Promise<FalAiRequest> {
	const body = new FastApiBody(json);
	const prompt = body.requiredText('prompt');
	const size = readSize(body, isEdit);
	const seed = body.integer('seed', { least: 0, most: MAX_SEED });
	const imageType = body.choice('output_format', ['jpeg', 'png']);
	body.number('guidance_scale', { least: 1.5, most: 10 });
	body.integer('num_inference_steps', { least: 2, most: 50 });
	body.choice('safety_tolerance', ['1', '2', '3', '4', '5']);
	body.flag('enable_safety_checker');
	body.flag('enable_prompt_expansion');
	body.flag('sync_mode');
	const references = isEdit ? await readImages(body) : [];
	return {
		order: {
			body: body.fields,
			prompt,
			...size,
			seed: seed ?? -1,
			imageType: imageType ?? 'jpeg',
			references,
		},
		problems: body.problems,
	};
}

function readSize(body: FastApiBody, isEdit: boolean): Size {
	const size = body.fields.image_size;
	if (isRecord(size)) return readSides(body, size);
	const names = isEdit ? ['auto', ...Object.keys(PRESETS)] : Object.keys(PRESETS);
	const name = body.choice('image_size', names) ?? (isEdit ? 'auto' : 'landscape_4_3');
	return PRESETS[name] ?? AUTOMATIC;
}

function readSides(body: FastApiBody, size: Record<string, unknown>): Size {
	const sides = new FastApiBody(size);
	const limits = { least: 1, most: MAX_SIDE };
	const width = sides.integer('width', limits) ?? DEFAULT_SIDE;
	const height = sides.integer('height', limits) ?? DEFAULT_SIDE;
	for (const { loc, ...problem } of sides.problems) {
		body.problems.push({ ...problem, loc: ['body', 'image_size', ...loc.slice(1)] });
	}
	if (width * height > MAX_PIXELS) {
		body.refuse('image_size', 'the image must not exceed 4 megapixels');
	}
	return { width, height };
}

async function readImages(body: FastApiBody): Promise<ReferenceImage[]> {
	const links = body.fields.image_urls;
	const refuse = (problem: Omit<FieldProblem, 'loc'>, ...path: number[]) => {
		body.problems.push({ ...problem, loc: ['body', 'image_urls', ...path] });
	};
	if (links === undefined || links === null) {
		refuse({ type: 'missing', msg: 'Field required', input: body.fields });
		return [];
	}
	if (!Array.isArray(links)) {
		refuse({ type: 'list_type', msg: 'Input should be a valid list', input: links });
		return [];
	}
	if (links.length < 1 || links.length > MAX_IMAGES) {
		const isShort = links.length < 1;
		const [limit, name] = isShort ? [1, 'min_length'] : [MAX_IMAGES, 'max_length'];
		refuse({
			type: isShort ? 'too_short' : 'too_long',
			msg: `List should have at ${isShort ? 'least' : 'most'} ${limit} item${isShort ? '' : 's'} after validation, not ${links.length}`,
			input: links,
			ctx: { field_type: 'List', [name]: limit, actual_length: links.length },
		});
	}
	const images = links.map(async (link: unknown, index) => {
		if (typeof link === 'string') return await lateReference(link);
		refuse({ type: 'string_type', msg: 'Input should be a valid string', input: link }, index);
		return undefined;
	});
	return (await Promise.all(images)).filter((image) => image !== undefined);
}
