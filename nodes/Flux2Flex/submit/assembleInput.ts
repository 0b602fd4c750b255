import type { ReferenceImage } from '../read/referenceImages';
import type { GenerationRequest } from '../read/request';
import type { Item } from '../run/item';
import type { GenerationInput } from '../services/service';

/** How long a signed link to this n8n stays valid: the task may wait in a queue before it is read. */
const SIGNED_URL_LIFE = '2 hours';

/** The request in the form services map; reads the bytes of binary reference images. */
export async function assembleInput(request: GenerationRequest): Promise<GenerationInput> {
	const { item, prompt, size, seed, webhookUrl, ownOptions } = request;
	const images: string[] = [];
	for (const image of request.images) images.push(await deliver(item, image));
	return { prompt, size, seed, images, webhookUrl, ownOptions };
}

/** A reference image in the form services take: a link or a data URI. */
async function deliver({ context, index }: Item, image: ReferenceImage): Promise<string> {
	if (image.source === 'url') return image.url;
	if (image.asLink) return context.helpers.createBinarySignedUrl(image.binary, SIGNED_URL_LIFE);
	const bytes = await context.helpers.getBinaryDataBuffer(
		index,
		// n8n takes the binary itself as well as a field name; older type definitions know only names.
		image.field as string,
	);
	return `data:${image.mimeType};base64,${bytes.toString('base64')}`;
}
