import { imageExtensions, type ImageFormat } from './imageFormat';

/** In bytes of UTF-8; file systems take 255, and a number and an extension follow. */
const LONGEST_NAME = 180;

/**
 * A safe file name whose extension agrees with the image's format.
 *
 * @param chosen the user's wish; what a file system reads specially in it is replaced
 * @param imageIndex 0 for the first image of a task; later ones get a number
 */
export function fileNameFor({
	taskId,
	imageIndex,
	chosen,
	format,
}: {
	taskId: string;
	imageIndex: number;
	chosen?: string;
	format: ImageFormat;
}): string {
	const wish = clean(chosen ?? '');
	const dot = wish.lastIndexOf('.');
	const extension = dot > 0 ? wish.slice(dot + 1).toLowerCase() : '';
	const agrees = format.extensions.includes(extension);
	const stem = imageExtensions.has(extension) ? wish.slice(0, dot) : wish;
	const name = stem === '' ? `flux-2-flex-${clean(taskId)}` : stem;
	const number = imageIndex === 0 ? '' : `-${imageIndex + 1}`;
	return `${shorten(name)}${number}.${agrees ? extension : format.extensions[0]}`;
}

function shorten(name: string): string {
	// By whole characters, so that none is cut in two.
	const characters = [...name].slice(0, LONGEST_NAME);
	while (Buffer.byteLength(characters.join('')) > LONGEST_NAME) characters.pop();
	return characters.join('');
}

/**
 * Without characters that a file system or a shell reads specially. A slash is no path here but part
 * of a title, so it is replaced: two names that differ stay different.
 */
function clean(name: string): string {
	const safe = name
		.replace(/[/\\<>:"|?*]/g, '-')
		.replace(/[\p{Cc}\p{Cs}]/gu, '')
		.replace(/^[.\s]+|[.\s]+$/g, '');
	return /^[-.\s]*$/.test(safe) ? '' : safe;
}
