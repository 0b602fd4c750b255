import { isHttpUrl } from './jsonValues';
import { ReferenceImage, ReferenceImageError, referenceFromDataUri } from './references';

/**
 * An image as services take it that look at images only when they work on the task: what can't be
 * used then fails the task.
 * @param text a link or a data URI
 */
export async function lateReference(text: string): Promise<ReferenceImage> {
	if (isHttpUrl(text)) return new ReferenceImage('url', text);
	try {
		return await referenceFromDataUri(text);
	} catch (error) {
		if (!(error instanceof ReferenceImageError)) throw error;
		const reference = new ReferenceImage('dataUri');
		reference.state = 'failed';
		reference.failure = error.message;
		return reference;
	}
}
