import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough, Readable, Transform, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { discard } from '../../nodes/Flux2Flex/transport/byteStream';
import { readFirstBytes } from '../../nodes/Flux2Flex/transport/firstBytes';
import { limitBytes } from '../../nodes/Flux2Flex/transport/limitBytes';

/** So many bytes are looked at first. */
const FIRST_LOOK = 12;
const look = async (stream: Readable) =>
	await readFirstBytes(stream, ({ length }) => length >= FIRST_LOOK);

/** Bytes that tell their own position, so that nothing lost, doubled or swapped goes unnoticed. */
const bytesOf = (length: number) =>
	Buffer.alloc(length, Buffer.from(Array.from({ length: 251 }, (_, index) => index)));

const chunksOf = (sizes: number[]) => {
	const all = bytesOf(sizes.reduce((sum, size) => sum + size, 0));
	let start = 0;
	return sizes.map((size) => all.subarray(start, (start += size)));
};

const pause = async (milliseconds: number) =>
	await new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Sizes of the chunks a stream arrives in. */
const splits: Array<[name: string, sizes: number[]]> = [
	['one chunk', [1000]],
	['single bytes', new Array<number>(300).fill(1)],
	['fewer than wanted, then the rest', [FIRST_LOOK - 1, 500]],
	['exactly as many as wanted, then the rest', [FIRST_LOOK, 500]],
	['one more than wanted, then the rest', [FIRST_LOOK + 1, 500]],
	['exactly as many as wanted', [FIRST_LOOK]],
	['more than a buffer holds', [5, 100_000, 70_000, 1]],
];

/** A stream that is written to while others read it. */
function live(chunks: Buffer[], wait: (index: number) => Promise<unknown>): Readable {
	const stream = new PassThrough();
	void (async () => {
		for (const [index, chunk] of chunks.entries()) {
			await wait(index);
			stream.write(chunk);
		}
		stream.end();
	})();
	return stream;
}

const nextTurn = async () => await new Promise((resolve) => setImmediate(resolve));
const turnByTurn = (chunks: Buffer[]) => live(chunks, nextTurn);

/** How chunks reach the stream. */
const arrivals: Array<[name: string, arrive: (chunks: Buffer[]) => Readable]> = [
	[
		'all at once',
		(chunks) => {
			const stream = new PassThrough({ highWaterMark: 1_000_000 });
			for (const chunk of chunks) stream.write(chunk);
			return stream.end();
		},
	],
	['one per turn of the event loop', turnByTurn],
	[
		'one per millisecond, in bursts',
		(chunks) => live(chunks, async (index) => await (index % 40 < 3 ? pause(1) : undefined)),
	],
	[
		'through a transform with a tiny buffer',
		(chunks) =>
			Readable.from(chunks, { objectMode: false }).pipe(
				new Transform({
					highWaterMark: 1,
					transform: (chunk: Buffer, _encoding, done) => done(null, chunk),
				}),
			),
	],
	[
		'from a source that is asked for each chunk',
		(chunks) => {
			const left = [...chunks];
			return new Readable({
				highWaterMark: 4,
				read() {
					setImmediate(() => this.push(left.shift() ?? null));
				},
			});
		},
	],
	['as objects', (chunks) => Readable.from(chunks)],
];

/** Who reads the stream next. */
const readers: Array<[name: string, readRest: (stream: Readable) => Promise<Buffer>]> = [
	['for await', async (stream) => Buffer.concat(await stream.toArray())],
	[
		'pipe',
		async (stream) => {
			const target = new PassThrough();
			stream.on('error', (error) => target.destroy(error));
			stream.pipe(target);
			return Buffer.concat(await target.toArray());
		},
	],
	[
		'pipeline into a slow writer',
		async (stream) => {
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
	],
	[
		"a listener for 'data', as n8n's memory mode has it",
		async (stream) =>
			await new Promise((resolve, reject) => {
				const chunks: Buffer[] = [];
				stream.on('data', (chunk: Buffer) => chunks.push(chunk));
				stream.once('end', () => resolve(Buffer.concat(chunks)));
				stream.once('error', reject);
				stream.once('close', () => reject(new Error('Stream closed before completing')));
			}),
	],
	[
		"a listener for 'readable'",
		async (stream) => {
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
	],
];

/** The value of the work, or a failure in the end: a stream that lost its bytes may never end. */
async function ending<Value>(work: Promise<Value>): Promise<Value> {
	let timer: NodeJS.Timeout | undefined;
	const deadline = new Promise<never>((_resolve, reject) => {
		timer = setTimeout(() => reject(new Error('It did not end')), 20_000);
	});
	return await Promise.race([work, deadline]).finally(() => clearTimeout(timer));
}

describe.each(readers)('after a first look, for a reader with %s', (_reader, readRest) => {
	describe.each([
		['at once', 0],
		['after a while', 3],
	])('that comes %s,', (_when, delay) => {
		test.each(arrivals)(
			'an image below the limit that arrives %s loses nothing',
			async (_arrival, arrive) => {
				await Promise.all(
					splits.map(async ([split, sizes]) => {
						const chunks = chunksOf(sizes);
						const whole = Buffer.concat(chunks);
						const stream = arrive(chunks);
						const start = await look(stream);
						const isStart =
							start.length >= FIRST_LOOK && whole.subarray(0, start.length).equals(start);
						const limit = limitBytes(stream, whole.length);
						if (delay > 0) await pause(delay);
						const isWhole = (await ending(readRest(stream))).equals(whole);
						const isTooLong = limit.wasExceeded();
						expect({ split, isStart, isWhole, isTooLong }).toEqual({
							split,
							isStart: true,
							isWhole: true,
							isTooLong: false,
						});
					}),
				);
			},
		);

		// What comes from a socket counts in bytes.
		test.each(arrivals.filter(([arrival]) => arrival !== 'as objects'))(
			'an image above the limit that arrives %s fails',
			async (_arrival, arrive) => {
				const stream = arrive(chunksOf(new Array<number>(50).fill(100)));
				await look(stream);
				// It may fail before its reader is there, so somebody else has to listen for that.
				const failed = new Promise((_resolve, reject) => stream.once('error', reject));
				failed.catch(() => {});
				const limit = limitBytes(stream, 4999);
				if (delay > 0) await pause(delay);
				await expect(ending(Promise.race([failed, readRest(stream)]))).rejects.toThrow(
					'more than 4999 bytes',
				);
				expect(limit.wasExceeded()).toBe(true);
				expect(stream.destroyed).toBe(true);
			},
		);
	});
});

test('of a stream without end no more is taken than the limit allows', async () => {
	let produced = 0;
	const stream = new Readable({
		read() {
			produced += 10_000;
			this.push(bytesOf(10_000));
		},
	});
	const limit = limitBytes(stream, 100_000);
	await expect(stream.toArray()).rejects.toThrow();
	expect(limit.wasExceeded()).toBe(true);
	expect(produced).toBeLessThan(500_000);
});

test.each(arrivals)(
	'after a first look nothing flows until somebody reads, when it arrives %s',
	async (_name, arrive) => {
		const chunks = chunksOf([5, 5, 5, 5]);
		const stream = arrive(chunks);
		await look(stream);
		limitBytes(stream, 1000);
		await pause(5);
		expect(stream.readableFlowing).not.toBe(true);
		expect(Buffer.concat(await stream.toArray())).toEqual(Buffer.concat(chunks));
	},
);

test('a first look leaves no listener behind', async () => {
	const stream = turnByTurn(chunksOf([1, 1, 1, 40]));
	const names = ['readable', 'end', 'close', 'error', 'data'];
	const count = () => names.map((name) => stream.listenerCount(name));
	const before = count();
	await look(stream);
	expect(count()).toEqual(before);
});

test('a stream can be looked at twice', async () => {
	const whole = bytesOf(100);
	const stream = turnByTurn([whole]);
	await look(stream);
	expect((await look(stream)).subarray(0, FIRST_LOOK)).toEqual(whole.subarray(0, FIRST_LOOK));
	expect(Buffer.concat(await stream.toArray())).toEqual(whole);
});

describe.each(arrivals)('of a stream that arrives %s and ends early,', (_name, arrive) => {
	test.each([0, 1, 5, FIRST_LOOK - 1])('the first bytes are all %i of it', async (length) => {
		const stream = arrive(length === 0 ? [] : [bytesOf(length)]);
		expect(Buffer.from(await look(stream))).toEqual(bytesOf(length));
		expect(stream.errored).toBeNull();
	});
});

/** What a look brings within moments. */
const soon = async (work: Promise<unknown>): Promise<unknown> =>
	await Promise.race([
		work.catch((error: unknown) => error),
		pause(100).then(() => 'still waiting'),
	]);

describe('whoever looks at a stream', () => {
	test.each<[when: string, bytesBefore: number, delay: number]>([
		['at once', 0, 0],
		['after some bytes', 5, 1],
		['with bytes not read yet', 5, 0],
	])('that fails %s is told why', async (_when, bytesBefore, delay) => {
		const stream = new PassThrough();
		if (bytesBefore > 0) stream.write(bytesOf(bytesBefore));
		const looking = look(stream);
		if (delay > 0) await pause(delay);
		stream.destroy(new Error('socket hang up'));
		await expect(looking).rejects.toThrow('socket hang up');
	});

	test('that failed before is told why', async () => {
		const stream = new PassThrough();
		stream.on('error', () => {});
		stream.destroy(new Error('socket hang up'));
		await new Promise((resolve) => stream.once('close', resolve));
		await expect(soon(look(stream))).resolves.toThrow('socket hang up');
	});

	test('that closes without a word gets what came until then', async () => {
		const stream = new PassThrough();
		stream.write(bytesOf(5));
		const looking = soon(look(stream));
		await pause(1);
		stream.destroy();
		await expect(looking).resolves.toHaveLength(5);
	});

	test.each<[what: string, end: (stream: PassThrough) => unknown, event: string]>([
		['closed', (stream) => stream.destroy(), 'close'],
		['ended', (stream) => stream.end().resume(), 'end'],
	])('that was %s before gets nothing, and need not wait', async (_what, end, event) => {
		const stream = new PassThrough();
		end(stream);
		await once(stream, event);
		await expect(soon(look(stream))).resolves.toHaveLength(0);
	});
});

describe('a stream that is thrown away', () => {
	test('ends what it reads from, even if nobody has read it', async () => {
		const isOver = new Promise((resolve) => {
			const stream = Readable.from(
				(async function* () {
					try {
						yield* [bytesOf(5), bytesOf(5)];
					} finally {
						resolve('over');
					}
				})(),
			);
			discard(stream);
			expect(stream.listenerCount('error')).toBe(1);
		});
		await expect(soon(isOver)).resolves.toBe('over');
	});

	test('is closed at once if somebody has', async () => {
		const stream = turnByTurn(chunksOf([1, 40]));
		await look(stream);
		discard(stream);
		expect(stream.destroyed).toBe(true);
		expect(stream.readableFlowing).not.toBe(true);
	});
});

describe('a first look loses nothing of a real stream', () => {
	test('of a file', async () => {
		const whole = Buffer.concat(await createReadStream(__filename).toArray());
		const stream = createReadStream(__filename, { highWaterMark: 7 });
		const start = await look(stream);
		expect(whole.subarray(0, start.length).equals(start)).toBe(true);
		expect(Buffer.concat(await stream.toArray()).equals(whole)).toBe(true);
	});

	test('of an answer over HTTP, chunk by chunk', async () => {
		const chunks = chunksOf([3, 4, 4, 4, 60_000, 60_000]);
		const server = createServer((_request, response) => {
			void (async () => {
				for (const chunk of chunks) {
					response.write(chunk);
					await pause(1);
				}
				response.end();
			})();
		}).listen(0, '127.0.0.1');
		await once(server, 'listening');
		const { port } = server.address() as AddressInfo;
		const [stream] = (await once(get({ port, host: '127.0.0.1', agent: false }), 'response')) as [
			IncomingMessage,
		];
		const start = await look(stream);
		await pause(2);
		const whole = Buffer.concat(chunks);
		const rest = Buffer.concat(await stream.toArray());
		server.close();
		expect(whole.subarray(0, start.length).equals(start)).toBe(true);
		expect(rest.equals(whole)).toBe(true);
	});
});
