import { lateReference } from './lateReference';
import { InvalidInput, ReplicateInput } from './replicateInput';
import type { TaskOrder } from './tasks';

const RATIOS = ['1:1', '16:9', '3:2', '2:3', '4:5', '5:4', '9:16', '3:4', '4:3'] as const;
const RESOLUTIONS = ['match_input_image', '0.5 MP', '1 MP', '2 MP', '4 MP'] as const;
const SIDE_LIMITS = { least: 256, most: 2048 };
const SIDE_STEP = 16;
/** What is made where the image to edit decides; the real service looks at it. */
const AUTOMATIC_SIDE = 1024;
const MAX_IMAGES = 10;
const MAX_SEED = 2 ** 32 - 1;

const EVENTS = ['start', 'output', 'logs', 'completed'] as const;

export type ReplicateEvent = (typeof EVENTS)[number];

/** A checked submit. */
export interface ReplicateRequest {
	order: TaskOrder;
	webhook?: { url: string; events: readonly ReplicateEvent[] };
}

/**
 * Checks the body of a submit by what is known of the model's schema. Unknown fields are ignored.
 * @throws InvalidInput with everything that is wrong
 */
export async function readReplicateRequest(json: unknown): Promise<ReplicateRequest> {
	const body = new ReplicateInput(json, '');
	const input = new ReplicateInput(body.fields.input, 'input');
	const prompt = input.requiredText('prompt');
	const size = readSize(input);
	const seed = input.integer('seed', { least: 0, most: MAX_SEED });
	const format = input.choice('output_format', ['webp', 'jpg', 'png']) ?? 'webp';
	input.number('guidance', { least: 1.5, most: 10 });
	input.integer('steps', { least: 1, most: 50 });
	input.integer('safety_tolerance', { least: 1, most: 5 });
	input.integer('output_quality', { least: 0, most: 100 });
	input.flag('prompt_upsampling');
	const images = input.texts('input_images', MAX_IMAGES);
	const webhook = readWebhook(body);

	const invalidFields = [...input.invalidFields, ...body.invalidFields];
	if (invalidFields.length > 0) throw new InvalidInput(invalidFields);
	return {
		order: {
			body: body.fields,
			prompt,
			...size,
			seed: seed ?? -1,
			imageType: format === 'jpg' ? 'jpeg' : format,
			references: await Promise.all(images.map(lateReference)),
		},
		webhook,
	};
}

function readSize(input: ReplicateInput): { width: number; height: number } {
	const ratio = input.choice('aspect_ratio', ['match_input_image', 'custom', ...RATIOS]) ?? '1:1';
	const resolution = input.choice('resolution', RESOLUTIONS) ?? '1 MP';
	const width = input.integer('width', SIDE_LIMITS) ?? AUTOMATIC_SIDE;
	const height = input.integer('height', SIDE_LIMITS) ?? AUTOMATIC_SIDE;
	if (ratio === 'custom') return { width: toStep(width), height: toStep(height) };

	const [across = 1, down = 1] = ratio.split(':').map(Number).filter(Number.isFinite);
	const megapixels = Number.parseFloat(resolution) || 1;
	const unit = AUTOMATIC_SIDE * Math.sqrt(megapixels / (across * down));
	return { width: toStep(across * unit), height: toStep(down * unit) };
}

/** Documented: sides are rounded. */
function toStep(side: number): number {
	return Math.round(side / SIDE_STEP) * SIDE_STEP;
}

function readWebhook(body: ReplicateInput): ReplicateRequest['webhook'] {
	const url = body.link('webhook');
	const name = 'webhook_events_filter';
	const asked = body.texts(name, EVENTS.length);
	for (const event of asked.filter((one) => !EVENTS.some((known) => known === one))) {
		const allowed = EVENTS.map((known) => `"${known}"`).join(', ');
		body.refuse(name, 'enum', `${event} must be one of the following: ${allowed}`);
	}
	if (url === undefined) return undefined;
	const events = EVENTS.filter((event) => asked.includes(event));
	return { url, events: asked.length === 0 ? EVENTS : events };
}
