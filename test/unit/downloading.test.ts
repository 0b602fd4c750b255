import { PassThrough, Readable } from 'node:stream';
import type { IBinaryData } from 'n8n-workflow';

import type { VirtualClock } from '../support/virtual/virtualClock';
import { VirtualWorld } from '../support/virtual/virtualWorld';

const PNG = Buffer.concat([
	Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'),
	Buffer.from(Array.from({ length: 5000 }, (_, index) => index % 251)),
]);

const reply = (body: unknown, statusCode = 200, headers: object = {}) => ({
	statusCode,
	headers,
	body,
});
const stream = (...chunks: Buffer[]) => Readable.from(chunks, { objectMode: false });

interface Setting {
	/** Answers the download with this number, from 1 on. */
	respond: (number: number, url: string, clock: VirtualClock) => unknown;
	/** Instead of the binary store of the virtual context. */
	store?: (body: Readable, clock: VirtualClock) => Promise<IBinaryData>;
}

async function download({ respond, store }: Setting, more: object = {}) {
	const world = new VirtualWorld();
	const urls: string[] = [];
	const result = await world.run({
		...more,
		adjust: ({ helpers }) => {
			helpers.httpRequest = async (request) => {
				urls.push(request.url);
				await world.clock.sleep(10);
				return respond(urls.length, request.url, world.clock) as never;
			};
			if (store)
				helpers.prepareBinaryData = async (body) => await store(body as Readable, world.clock);
		},
	});
	const stored = result.items[0]?.binary?.data?.data;
	return {
		...result,
		world,
		urls,
		stored: stored === undefined ? undefined : Buffer.from(stored, 'base64'),
	};
}

describe('An image', () => {
	test('arrives whole, in whatever pieces', async () => {
		const pieces = [[PNG], [PNG.subarray(0, 3), PNG.subarray(3, 11), PNG.subarray(11)]];
		pieces.push(Array.from(PNG, (byte) => Buffer.from([byte])));
		for (const chunks of pieces) {
			const { stored } = await download({ respond: () => reply(stream(...chunks)) });
			expect(stored?.equals(PNG)).toBe(true);
		}
	});

	test('arrives whole when the binary store takes its time before it reads', async () => {
		const { stored } = await download({
			respond: (_number, _url, clock) => {
				const live = new PassThrough();
				void clock.sleep(1).then(() => live.end(PNG));
				return reply(live);
			},
			store: async (body, clock) => {
				await clock.sleep(5);
				const bytes = Buffer.concat(await body.toArray());
				return { data: bytes.toString('base64'), mimeType: 'image/png' };
			},
		});
		expect(stored?.equals(PNG)).toBe(true);
	});

	test('is fetched from the link, once, and the connection is closed', async () => {
		const body = stream(PNG);
		const { urls } = await download({ respond: () => reply(body) });
		expect(urls).toEqual(['https://images.example.com/images/task-1-id.png']);
		expect(body.destroyed).toBe(true);
	});
});

const passing: Array<[string, (number: number, url: string, clock: VirtualClock) => unknown]> = [
	['403 of an expired link', () => reply(stream(Buffer.from('<Error>')), 403)],
	['404', () => reply(stream(Buffer.from('')), 404)],
	['an image with status 403', () => reply(stream(PNG), 403)],
	['500', () => reply(stream(Buffer.from('oops')), 500)],
	['a web page with status 200', () => reply(stream(Buffer.from('<html>Please log in</html>')))],
	['nothing with status 200', () => reply(stream())],
	['a few bytes', () => reply(stream(PNG.subarray(0, 4)))],
	['no stream', () => reply(undefined)],
	[
		'a connection that breaks',
		(_number, _url, clock) => {
			const body = new PassThrough();
			body.write(PNG);
			void clock.sleep(1).then(() => body.destroy(new Error('aborted')));
			return reply(body);
		},
	],
	[
		'no connection',
		() => {
			throw Object.assign(new Error('reset'), { code: 'ECONNRESET' });
		},
	],
	[
		'no such host, for a moment',
		() => {
			throw Object.assign(new Error('dns'), { code: 'EAI_AGAIN', syscall: 'getaddrinfo' });
		},
	],
];

describe('A download that fails', () => {
	test.each(passing)('is tried again, with a fresh link, after %s', async (_name, fail) => {
		const { stored, world } = await download({
			respond: (number, url, clock) =>
				number <= 2 ? fail(number, url, clock) : reply(stream(PNG)),
		});
		expect(stored?.equals(PNG)).toBe(true);
		expect(world.service.calls.poll).toBeGreaterThanOrEqual(3);
		expect(world.service.calls.submit).toBe(1);
	});

	test.each(passing)(
		'is not tried for ever, and its task is not lost, after %s',
		async (_name, fail) => {
			const { error, urls, milliseconds, world } = await download({ respond: fail });
			expect(error?.message).toMatch(/could not be downloaded.*task-1-id.*\[item 0\]/);
			expect(error?.description).toMatch(/'Retry On Fail'.*'Get Task Result'/);
			expect(urls.length).toBeGreaterThan(1);
			expect(urls.length).toBeLessThanOrEqual(10);
			expect(milliseconds).toBeLessThan(300_000);
			const retry = await world.run();
			expect(retry.items).toHaveLength(1);
			expect(world.service.calls.submit).toBe(1);
		},
	);

	test.each<[string, () => unknown]>([
		['too large, as it says', () => reply(stream(PNG), 200, { 'content-length': '60000000' })],
		[
			'too large, as it turns out',
			() => {
				let left = 70;
				return reply(
					new Readable({
						read() {
							this.push(left-- === 70 ? PNG : left > 0 ? Buffer.alloc(1_000_000) : null);
						},
					}),
				);
			},
		],
		[
			"blocked by n8n's policy",
			() => {
				throw Object.assign(new Error('blocked'), { name: 'SsrfBlockedIpError' });
			},
		],
	])('for good is tried once after %s', async (_name, respond) => {
		const { error, urls } = await download({ respond });
		expect(error?.message).toContain('task-1-id');
		expect(urls).toHaveLength(1);
	});

	test('because the image never ends is given up, and its connection closed', async () => {
		const bodies: PassThrough[] = [];
		const { error, milliseconds } = await download({
			respond: () => {
				const body = new PassThrough();
				body.write(PNG);
				bodies.push(body);
				return reply(body);
			},
		});
		expect(error?.message).toContain('could not be downloaded');
		expect(milliseconds).toBeLessThanOrEqual(4 * 600_000 + 60_000);
		for (const body of bodies) expect(body.destroyed).toBe(true);
	});

	test('because the disk is full is told in the words of the disk', async () => {
		const { error } = await download({
			respond: () => reply(stream(PNG)),
			store: async () => {
				throw new Error('ENOSPC: no space left on device');
			},
		});
		expect(error?.description).toContain('no space left on device');
	});

	test('of one item leaves the images of the others', async () => {
		const { items } = await download(
			{
				respond: (_number, url) =>
					url.includes('task-2-id') ? reply(stream(), 500) : reply(stream(PNG)),
			},
			{ itemCount: 3, continueOnFail: true },
		);
		expect(items.map(({ error }) => error !== undefined)).toEqual([false, true, false]);
	});
});

test('Tasks do not pile up before a slow line: their links may live for minutes only', async () => {
	const world = new VirtualWorld();
	let submitsAtFirstImage: number | undefined;
	const { items } = await world.run({
		itemCount: 60,
		parameters: (itemIndex) => ({
			operation: 'submitAndWait',
			prompt: `image ${itemIndex}`,
			options: { maxConcurrentTasks: 12 },
		}),
		adjust: ({ helpers }) => {
			const download = helpers.httpRequest;
			helpers.httpRequest = async (request) => {
				await world.clock.sleep(200_000);
				submitsAtFirstImage ??= world.service.calls.submit;
				return await (download(request) as Promise<unknown>);
			};
		},
	});
	expect(items).toHaveLength(60);
	// Twenty are being downloaded, twelve hold the places at the service.
	expect(submitsAtFirstImage).toBe(32);
});
