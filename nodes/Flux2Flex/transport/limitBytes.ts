import type { ByteStream } from './byteStream';

/**
 * Ends the stream with an error once more than so many bytes came into it.
 *
 * It counts where bytes enter. A listener for 'data' would count them too, but also starts the
 * stream, or stops it, before its reader is there, and what flowed until then would be lost.
 */
export function limitBytes(stream: ByteStream, maxBytes: number): { wasExceeded: () => boolean } {
	let bytes = 0;
	const isWithin = (more: number) => {
		bytes += more;
		if (bytes > maxBytes) stream.destroy(new Error(`more than ${maxBytes} bytes`));
		return bytes <= maxBytes;
	};
	const push = stream.push.bind(stream);
	stream.push = (chunk: Uint8Array | null, encoding?: BufferEncoding) =>
		isWithin(chunk?.length ?? 0) && push(chunk, encoding);
	isWithin(stream.readableLength);
	return { wasExceeded: () => bytes > maxBytes };
}
