import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { outputFolder } from './paths.mjs';
import { UserFacingError } from './user-facing-error.mjs';

/**
 * Saves the images that a run's last node gave to the output folder.
 *
 * @param {import('./n8n-client.mjs').N8nClient} n8n
 * @param {import('./n8n-client.mjs').Execution} execution
 * @returns {Promise<string[]>} the paths, in the order of the items
 * @throws {UserFacingError} when the run failed or gave no image
 */
export async function saveImages(n8n, execution) {
	if (execution.failure) {
		throw new UserFacingError(`The example workflow failed. ${execution.failure}`);
	}
	const images = execution.items().flatMap((item) => Object.values(item.binary ?? {}));
	if (images.length === 0) throw new UserFacingError('The example workflow gave no image.');
	await mkdir(outputFolder, { recursive: true });
	const paths = [];
	for (const image of images) {
		// The name comes from a workflow: it must not lead out of the folder.
		const path = join(outputFolder, basename(image.fileName));
		await writeFile(path, await n8n.downloadBinary(image));
		paths.push(path);
	}
	return paths;
}
