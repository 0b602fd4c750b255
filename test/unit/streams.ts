import { once } from 'node:events';
import { PassThrough, Readable, Transform, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** So many bytes the tests look at first. */
export const FIRST_LOOK = 12;
export const isEnough = ({ length }: Uint8Array) => length >= FIRST_LOOK;

/** Bytes that tell their own position, so that nothing lost, doubled or swapped goes unnoticed. */
export const bytesOf = (length: number) =>
	Buffer.alloc(length, Buffer.from(Array.from({ length: 251 }, (_, index) => index)));

export const pause = async (milliseconds: number) =>
	await new Promise((resolve) => setTimeout(resolve, milliseconds));

/** How chunks reach the stream. */
export const arrivals: Record<string, (chunks: Buffer[]) => Readable> = {
	'all at once': (chunks) => {
		const stream = new PassThrough({ highWaterMark: 1_000_000 });
		for (const chunk of chunks) stream.write(chunk);
		stream.end();
		return stream;
	},
	'one per turn of the event loop': (chunks) => {
		const stream = new PassThrough();
		void (async () => {
			for (const chunk of chunks) {
				await new Promise((resolve) => setImmediate(resolve));
				stream.write(chunk);
			}
			stream.end();
		})();
		return stream;
	},
	'one per millisecond, in bursts': (chunks) => {
		const stream = new PassThrough();
		void (async () => {
			for (const [index, chunk] of chunks.entries()) {
				if (index % 40 < 3) await pause(1);
				stream.write(chunk);
			}
			stream.end();
		})();
		return stream;
	},
	'through a transform with a tiny buffer': (chunks) =>
		Readable.from(chunks, { objectMode: false }).pipe(
			new Transform({
				highWaterMark: 1,
				transform: (chunk: Buffer, _encoding, done) => done(null, chunk),
			}),
		),
	'from a source that is asked for each chunk': (chunks) => {
		const left = [...chunks];
		return new Readable({
			highWaterMark: 4,
			read() {
				setImmediate(() => this.push(left.shift() ?? null));
			},
		});
	},
	'as objects': (chunks) => Readable.from(chunks),
};

/** Who reads the stream next. */
export const readers: Record<string, (stream: Readable) => Promise<Buffer>> = {
	'for await': async (stream) => {
		const chunks: Buffer[] = [];
		for await (const chunk of stream) chunks.push(chunk as Buffer);
		return Buffer.concat(chunks);
	},
	pipe: async (stream) => {
		const target = new PassThrough();
		stream.on('error', (error) => target.destroy(error));
		stream.pipe(target);
		return Buffer.concat(await target.toArray());
	},
	'pipeline into a slow writer': async (stream) => {
		const chunks: Buffer[] = [];
		const slow = new Writable({
			highWaterMark: 16,
			write: (chunk: Buffer, _encoding, done) => {
				chunks.push(chunk);
				setImmediate(done);
			},
		});
		await pipeline(stream, slow);
		return Buffer.concat(chunks);
	},
	"a listener for 'data'": async (stream) => {
		const chunks: Buffer[] = [];
		stream.on('data', (chunk: Buffer) => chunks.push(chunk));
		await once(stream, 'end');
		return Buffer.concat(chunks);
	},
	"a listener for 'data', as n8n's memory mode has it": async (stream) =>
		await new Promise((resolve, reject) => {
			const chunks: Buffer[] = [];
			stream.on('data', (chunk: Buffer) => chunks.push(chunk));
			stream.once('end', () => resolve(Buffer.concat(chunks)));
			stream.once('error', reject);
			stream.once('close', () => reject(new Error('Stream closed before completing')));
		}),
	"a listener for 'readable'": async (stream) => {
		const chunks: Buffer[] = [];
		stream.on('readable', () => {
			for (;;) {
				const chunk = stream.read() as Buffer | null;
				if (chunk === null) return;
				chunks.push(chunk);
			}
		});
		await once(stream, 'end');
		return Buffer.concat(chunks);
	},
};

/** Sizes of the chunks a stream arrives in. */
export const splits: Array<[name: string, sizes: number[]]> = [
	['one chunk', [1000]],
	['single bytes', new Array<number>(300).fill(1)],
	['fewer than wanted, then the rest', [FIRST_LOOK - 1, 500]],
	['exactly as many as wanted, then the rest', [FIRST_LOOK, 500]],
	['one more than wanted, then the rest', [FIRST_LOOK + 1, 500]],
	['exactly as many as wanted', [FIRST_LOOK]],
	['more than a buffer holds', [5, 100_000, 70_000, 1]],
];

export function chunksOf(sizes: number[]): Buffer[] {
	const all = bytesOf(sizes.reduce((sum, size) => sum + size, 0));
	let start = 0;
	return sizes.map((size) => all.subarray(start, (start += size)));
}

/** The value of the work, or a failure in the end: a stream that lost its bytes may never end. */
export async function ending<Value>(work: Promise<Value>): Promise<Value> {
	let timer: NodeJS.Timeout | undefined;
	const deadline = new Promise<never>((_resolve, reject) => {
		timer = setTimeout(() => reject(new Error('It did not end')), 20_000);
	});
	return await Promise.race([work, deadline]).finally(() => clearTimeout(timer));
}
