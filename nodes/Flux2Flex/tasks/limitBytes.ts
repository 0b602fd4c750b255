import type { ByteStream } from '../transport/transport';

/**
 * Ends the stream with an error once more than so many bytes were read from it. Listening must not
 * start the stream before its reader is there: what flowed until then would be lost.
 */
export function limitBytes(stream: ByteStream, maxBytes: number): { wasExceeded: () => boolean } {
	let bytes = 0;
	// A stream paused by hand is not started by a listener …
	stream.pause();
	stream.on('data', (chunk: Uint8Array) => {
		bytes += chunk.length;
		if (bytes > maxBytes) stream.destroy(new Error(`more than ${maxBytes} bytes`));
	});
	// … also not by that of a reader who relies on it, as n8n's does in memory mode.
	stream.on('newListener', (event) => {
		if (event === 'data') stream.resume();
	});
	return { wasExceeded: () => bytes > maxBytes };
}
