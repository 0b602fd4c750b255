import { toDataUri } from '../images/dataUri';
import {
	SIGNED_URL_LIFE,
	unreadableFileProblem,
	type ReferenceImage,
} from '../read/referenceImages';
import type { GenerationRequest } from '../read/request';
import type { Item } from '../run/item';
import type { GenerationInput } from '../services/service';

/**
 * The request in the form services map; reads the bytes of binary reference images.
 *
 * @throws NodeOperationError when a file is gone since it was checked
 */
export async function assembleInput(request: GenerationRequest): Promise<GenerationInput> {
	const { item, account, prompt, size, seed, webhookUrl, ownOptions } = request;
	const { webhookSecret } = account;
	const images: string[] = [];
	for (const image of request.images) images.push(await deliver(item, image));
	return { prompt, size, seed, images, webhookUrl, webhookSecret, ownOptions };
}

/** A reference image in the form services take: a link or a data URI. */
async function deliver(item: Item, image: ReferenceImage): Promise<string> {
	if (image.source === 'url') return image.url;
	const { helpers } = item.context;
	const { field, binary, mimeType } = image;
	try {
		if (image.asLink) return helpers.createBinarySignedUrl(binary, SIGNED_URL_LIFE);
		// n8n takes the binary itself as well as a field name; older type definitions know only names.
		const bytes = await helpers.getBinaryDataBuffer(item.index, field as string);
		return toDataUri(bytes, mimeType);
	} catch (error) {
		throw unreadableFileProblem(item, field, error);
	}
}
