import type { ByteStream } from './byteStream';

/**
 * Reads at least `count` bytes (fewer only when the stream ends before) and puts them back, so
 * that whoever reads the stream next gets all of it.
 *
 * @throws whatever the stream fails with
 */
export async function readFirstBytes(stream: ByteStream, count: number): Promise<Uint8Array> {
	const chunks: Uint8Array[] = [];
	let length = 0;
	let ended = false;
	while (length < count && !ended) {
		const chunk = stream.read() as Uint8Array | null;
		if (chunk !== null) {
			chunks.push(chunk);
			length += chunk.length;
		} else {
			ended = await waitForMore(stream);
		}
	}
	const start = Buffer.concat(chunks);
	if (!ended && start.length > 0) stream.unshift(start);
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
