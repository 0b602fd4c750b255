import type { IExecuteFunctions } from 'n8n-workflow';

/** A readable stream, named without importing Node's stream module, which n8n Cloud forbids. */
export type ByteStream = Exclude<
	Parameters<IExecuteFunctions['helpers']['prepareBinaryData']>[0],
	Uint8Array
>;

export function isStream(body: unknown): body is ByteStream {
	return typeof (body as ByteStream | undefined)?.pipe === 'function';
}

/**
 * Ends a stream and its connection. n8n's HTTP client wraps streams in a generator, and a generator
 * that never began ends without ending what it reads from, so one chunk is read first.
 */
export function discard(stream: ByteStream): void {
	if (stream.readableDidRead) {
		stream.destroy();
		return;
	}
	stream.on('error', () => {});
	stream.once('data', () => stream.destroy());
	stream.resume();
}
