import type { ByteStream } from './byteStream';

/**
 * Reads until there are enough bytes (fewer only when the stream ends before) and puts them back, so
 * that whoever reads the stream next gets all of it. A stream that ended is read for good.
 *
 * @throws whatever the stream fails with
 */
export async function readFirstBytes(
	stream: ByteStream,
	isEnough: (start: Uint8Array) => boolean,
): Promise<Uint8Array> {
	let start = Buffer.alloc(0);
	let ended = false;
	while (!ended && !isEnough(start)) {
		const chunk = stream.read() as Uint8Array | null;
		if (chunk === null) ended = await waitForMore(stream);
		else start = Buffer.concat([start, chunk]);
	}
	if (!ended) stream.unshift(start);
	return start;
}

/** Waits until the stream has bytes again; true when it ended instead. */
async function waitForMore(stream: ByteStream): Promise<boolean> {
	if (stream.errored) throw stream.errored;
	if (stream.readableEnded || stream.destroyed) return true;
	return await new Promise<boolean>((resolve, reject) => {
		const settle = (finish: () => void) => () => {
			for (const [event, listener] of Object.entries(listeners)) {
				stream.removeListener(event, listener);
			}
			finish();
		};
		const listeners: Record<string, (error?: Error) => void> = {
			readable: settle(() => resolve(false)),
			end: settle(() => resolve(true)),
			close: settle(() => resolve(true)),
			error: (error) => settle(() => reject(error ?? new Error('the stream failed')))(),
		};
		for (const [event, listener] of Object.entries(listeners)) stream.once(event, listener);
	});
}
