import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough, type Readable } from 'node:stream';

import { readFirstBytes } from '../../nodes/Flux2Flex/transport/firstBytes';
import {
	arrivals,
	bytesOf,
	chunksOf,
	FIRST_LOOK,
	isEnough,
	pause,
	readers,
	ending,
	splits,
} from './streams';

describe.each(Object.entries(readers))(
	'nothing is lost for a reader with %s',
	(_name, readRest) => {
		test.each(Object.entries(arrivals))('when it arrives %s', async (_arrival, arrive) => {
			await Promise.all(
				splits.map(async ([split, sizes]) => {
					const chunks = chunksOf(sizes);
					const whole = Buffer.concat(chunks);
					const stream = arrive(chunks);
					const start = await readFirstBytes(stream, isEnough);
					const isStart =
						start.length >= FIRST_LOOK && whole.subarray(0, start.length).equals(start);
					const isWhole = (await ending(readRest(stream))).equals(whole);
					expect({ split, isStart, isWhole }).toEqual({ split, isStart: true, isWhole: true });
				}),
			);
		});
	},
);

test.each(Object.entries(arrivals))(
	'nothing flows until somebody reads, when it arrives %s',
	async (_name, arrive) => {
		const chunks = chunksOf([5, 5, 5, 5]);
		const stream = arrive(chunks);
		await readFirstBytes(stream, isEnough);
		await pause(5);
		expect(stream.readableFlowing).not.toBe(true);
		expect(Buffer.concat(await stream.toArray())).toEqual(Buffer.concat(chunks));
	},
);

test('a first look leaves no listener behind', async () => {
	const stream = arrivals['one per turn of the event loop']?.(chunksOf([1, 1, 1, 40])) as Readable;
	const names = ['readable', 'end', 'close', 'error', 'data'];
	const count = () => names.map((name) => stream.listenerCount(name));
	const before = count();
	await readFirstBytes(stream, isEnough);
	expect(count()).toEqual(before);
});

test('it can be looked at twice', async () => {
	const whole = bytesOf(100);
	const stream = arrivals['one per turn of the event loop']?.([whole]) as Readable;
	await readFirstBytes(stream, isEnough);
	expect((await readFirstBytes(stream, isEnough)).subarray(0, FIRST_LOOK)).toEqual(
		whole.subarray(0, FIRST_LOOK),
	);
	expect(Buffer.concat(await stream.toArray())).toEqual(whole);
});

describe('the first bytes of a stream that ends early', () => {
	test.each([0, 1, 5, FIRST_LOOK - 1])('are all there is after %i bytes', async (length) => {
		for (const arrive of Object.values(arrivals)) {
			const stream = arrive(length === 0 ? [] : [bytesOf(length)]);
			expect(Buffer.from(await readFirstBytes(stream, isEnough))).toEqual(bytesOf(length));
		}
	});

	test('are none after its end', async () => {
		const stream = new PassThrough();
		stream.end();
		stream.resume();
		await once(stream, 'end');
		expect(await readFirstBytes(stream, isEnough)).toHaveLength(0);
	});
});

describe('a stream that fails', () => {
	test.each(['at once', 'after some bytes', 'with bytes not read yet'])(
		'fails its reader, too: %s',
		async (when) => {
			const stream = new PassThrough();
			if (when !== 'at once') stream.write(bytesOf(5));
			const looking = readFirstBytes(stream, isEnough);
			if (when === 'after some bytes') await pause(1);
			stream.destroy(new Error('socket hang up'));
			await expect(looking).rejects.toThrow('socket hang up');
		},
	);

	test('keeps nobody waiting who looks afterwards', async () => {
		const stream = new PassThrough();
		stream.on('error', () => {});
		stream.destroy(new Error('socket hang up'));
		await new Promise((resolve) => stream.on('close', resolve));
		await expect(settledSoon(readFirstBytes(stream, isEnough))).resolves.not.toBe('still waiting');
	});

	test('keeps nobody waiting when it closes without a word', async () => {
		const stream = new PassThrough();
		stream.write(bytesOf(5));
		const looking = settledSoon(readFirstBytes(stream, isEnough));
		await pause(1);
		stream.destroy();
		await expect(looking).resolves.not.toBe('still waiting');
	});

	test('keeps nobody waiting when it was closed before', async () => {
		const stream = new PassThrough();
		stream.destroy();
		await once(stream, 'close');
		await expect(settledSoon(readFirstBytes(stream, isEnough))).resolves.not.toBe('still waiting');
	});
});

async function settledSoon(work: Promise<unknown>): Promise<unknown> {
	const outcome = work.catch((error: unknown) => error);
	return await Promise.race([outcome, pause(100).then(() => 'still waiting')]);
}

describe('a real stream', () => {
	test('of a file loses nothing', async () => {
		const whole = Buffer.concat(await createReadStream(__filename).toArray());
		const stream = createReadStream(__filename, { highWaterMark: 7 });
		const start = await readFirstBytes(stream, isEnough);
		expect(whole.subarray(0, start.length).equals(start)).toBe(true);
		expect(Buffer.concat(await stream.toArray()).equals(whole)).toBe(true);
	});

	test('of a file that is missing fails', async () => {
		const stream = createReadStream(`${__filename}.missing`);
		await expect(readFirstBytes(stream, isEnough)).rejects.toThrow('ENOENT');
	});

	test('of an answer over HTTP, chunk by chunk, loses nothing', async () => {
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
		const start = await readFirstBytes(stream, isEnough);
		await pause(2);
		const whole = Buffer.concat(chunks);
		const rest = Buffer.concat(await stream.toArray());
		server.close();
		expect(whole.subarray(0, start.length).equals(start)).toBe(true);
		expect(rest.equals(whole)).toBe(true);
	});
});
