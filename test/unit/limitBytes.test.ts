import { PassThrough, Readable } from 'node:stream';

import { readFirstBytes } from '../../nodes/Flux2Flex/transport/firstBytes';
import { limitBytes } from '../../nodes/Flux2Flex/transport/limitBytes';
import { arrivals, bytesOf, chunksOf, isEnough, pause, readers, ending, splits } from './streams';

const everyReader = Object.entries(readers).flatMap(([reader, readRest]) => [
	{ reader, readRest, when: 'at once', delay: 0 },
	{ reader, readRest, when: 'after a while', delay: 3 },
]);

/** What comes from a socket counts in bytes. */
const byteArrivals = Object.entries(arrivals).filter(([arrival]) => arrival !== 'as objects');

describe.each(everyReader)(
	'an image below the limit, looked at first, loses nothing for a reader with $reader, $when',
	({ readRest, delay }) => {
		test.each(Object.entries(arrivals))('when it arrives %s', async (_arrival, arrive) => {
			await Promise.all(
				splits.map(async ([split, sizes]) => {
					const chunks = chunksOf(sizes);
					const whole = Buffer.concat(chunks);
					const stream = arrive(chunks);
					await readFirstBytes(stream, isEnough);
					const limit = limitBytes(stream, whole.length);
					if (delay > 0) await pause(delay);
					const { length } = await ending(readRest(stream));
					expect({ split, length }).toEqual({ split, length: whole.length });
					expect(limit.wasExceeded()).toBe(false);
				}),
			);
		});
	},
);

describe.each(everyReader)(
	'an image above the limit fails for a reader with $reader, $when',
	(at) => {
		test.each(byteArrivals)('when it arrives %s', async (_arrival, arrive) => {
			const chunks = chunksOf(new Array<number>(50).fill(100));
			const stream = arrive(chunks);
			await readFirstBytes(stream, isEnough);
			// It may fail before its reader is there, so somebody else has to listen for that.
			const failed = new Promise((_resolve, reject) => stream.once('error', reject));
			failed.catch(() => {});
			const limit = limitBytes(stream, 4999);
			if (at.delay > 0) await pause(at.delay);
			await expect(ending(Promise.race([failed, at.readRest(stream)]))).rejects.toThrow('4999');
			expect(limit.wasExceeded()).toBe(true);
			expect(stream.destroyed).toBe(true);
		});
	},
);

test('a stream without end is cut off', async () => {
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

test('nothing flows before there is a reader', async () => {
	const stream = new PassThrough();
	stream.end(bytesOf(500));
	limitBytes(stream, 1000);
	await pause(3);
	expect(stream.readableLength).toBe(500);
});
