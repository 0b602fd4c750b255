import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';

import { createCanvas } from '@napi-rs/canvas';

import { novita } from '../services';
import type { Simulator } from './index';
import { clientOf, downloadBytes } from './testClient';
import { listen, start, until } from './testServers';

// What is the same in every dialect, in the words of one.
const { submit, poll, pollUntilEnded } = clientOf(novita);

const IMAGE = createCanvas(40, 30).toBuffer('image/png');

describe('The simulator', () => {
	it('forgets everything on reset', async () => {
		const simulator = await start();
		const taskId = (await submit(simulator, { prompt: 'p' })).body.task_id;
		simulator.faults.add({ call: 'poll', fault: { kind: 'html' } });
		simulator.reset();
		expect(simulator.tasks).toEqual([]);
		expect(simulator.requests).toEqual([]);
		expect((await poll(simulator, taskId)).status).toBe(404);
	});

	it('serves the API under a base path', async () => {
		const simulator = await start({ basePath: '/gateway' });
		const gateway = { url: `${simulator.url}/gateway` };
		const taskId = (await submit(gateway, { prompt: 'p' })).body.task_id;
		expect((await poll(gateway, taskId)).body.task.status).toBe('TASK_STATUS_SUCCEED');
		expect((await submit(simulator, { prompt: 'p' })).status).toBe(404);
	});

	it('takes a thousand tasks, and numbers them', async () => {
		const simulator = await start({ maxActiveTasks: 2000, processingMilliseconds: 60_000 });
		const numbers = Array.from({ length: 1000 }, (_, index) => index + 1);
		const replies = await Promise.all(numbers.map(() => submit(simulator, { prompt: 'p' })));
		expect(new Set(replies.map(({ body }) => body.task_id)).size).toBe(1000);
		expect(simulator.tasks.map(({ number }) => number)).toEqual(numbers);
	});

	it('lets no more submits through in a second than allowed', async () => {
		let now = Date.now();
		const simulator = await start({ now: () => now, maxSubmitsPerSecond: 1, retryAfter: true });
		expect((await submit(simulator, { prompt: 'a' })).status).toBe(200);
		now += 999;
		const refused = await submit(simulator, { prompt: 'b' });
		expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
		now += 1;
		expect((await submit(simulator, { prompt: 'c' })).status).toBe(200);
	});

	it('closes at once with an idle connection open', async () => {
		const simulator = await start();
		const { hostname, port } = new URL(simulator.url);
		const socket = connect(Number(port), hostname);
		await once(socket, 'connect');
		const closed = once(socket, 'close');
		socket.resume();
		await simulator.close();
		await closed;
	});

	it('runs as a process of its own and ends when told', async () => {
		const child = spawn(
			process.execPath,
			['--import', 'tsx', join(__dirname, 'cli.ts'), '--port', '0', '--api-key', 'mine'],
			{ stdio: ['ignore', 'pipe', 'inherit'] },
		);
		const exited = once(child, 'exit');
		try {
			const [line] = await once(child.stdout, 'data');
			const { url } = JSON.parse(String(line));
			expect((await submit({ url }, { prompt: 'p' }, 'mine')).status).toBe(200);
			child.kill('SIGTERM');
			expect(await exited).toEqual([0, null]);
		} finally {
			child.kill('SIGKILL');
		}
	});
});

describe('A link to an image', () => {
	async function linkOf(simulator: Simulator): Promise<string> {
		const order = { prompt: 'p', size: '256*256', seed: 1 };
		const taskId = simulator.tasks[0]?.id ?? (await submit(simulator, order)).body.task_id;
		return (await poll(simulator, taskId)).body.images[0].image_url;
	}

	it('needs no key, says what it carries, expires, and is renewed by asking again', async () => {
		let now = Date.now();
		const simulator = await start({
			now: () => now,
			linkTimeToLiveSeconds: 60,
			imageType: 'webp',
			drawImage: async ({ prompt, width }) => Buffer.from(`${prompt} ${width}`),
		});
		const link = await linkOf(simulator);
		expect(link).toContain('/0.webp?');

		const fresh = await fetch(link);
		expect(await fresh.text()).toBe('p 256');
		expect(fresh.headers.get('content-type')).toBe('image/webp');
		expect(fresh.headers.get('content-length')).toBe('5');
		expect(simulator.requests.at(-1)?.headers).not.toHaveProperty('authorization');

		now += 60_000;
		const stale = await fetch(link);
		expect([stale.status, stale.headers.get('content-type')]).toEqual([403, 'application/xml']);
		expect(await stale.text()).toContain('<Code>AccessDenied</Code>');
		expect((await fetch(await linkOf(simulator))).status).toBe(200);
	});

	it('never expires with a time to live of 0, and cannot be made up', async () => {
		let now = Date.now();
		const simulator = await start({ now: () => now, linkTimeToLiveSeconds: 0 });
		const link = await linkOf(simulator);
		now += 1e12;
		expect((await fetch(link)).status).toBe(200);
		const forged = link.replace(/expires=\d+/, 'expires=9999999999');
		expect((await fetch(forged)).status).toBe(403);
		expect((await fetch(link.split('?')[0] ?? '')).status).toBe(403);
		simulator.reset();
		expect((await fetch(link)).status).toBe(404);
	});
});

describe('A reference image', () => {
	it('is fetched once the task has left the queue, and can be printed without its bytes', async () => {
		let now = Date.now();
		let fetches = 0;
		const host = await listen((_request, response) => {
			fetches++;
			response.end(IMAGE);
		});
		const simulator = await start({ now: () => now, queueMilliseconds: 1000 });
		const images = [`${host}/a.png`, `data:image/png;base64,${IMAGE.toString('base64')}`];
		const taskId = (await submit(simulator, { prompt: 'p', images })).body.task_id;
		expect((await poll(simulator, taskId)).body.task.status).toBe('TASK_STATUS_QUEUED');
		expect(fetches).toBe(0);
		now += 1000;
		expect((await pollUntilEnded(simulator, taskId)).task).toMatchObject({
			status: 'TASK_STATUS_SUCCEED',
			task_type: 'FLUX_2_FLEX_IMG_TO_IMG',
		});
		expect(fetches).toBe(1);
		const sha256 = createHash('sha256').update(IMAGE).digest('hex');
		const known = { state: 'loaded', sha256, byteLength: IMAGE.length, pixels: 1200 };
		expect(JSON.parse(JSON.stringify(simulator.tasks[0]?.references))).toEqual([
			{ source: 'url', url: images[0], ...known },
			{ source: 'dataUri', ...known },
		]);
	});

	it.each<[string, RequestListener, RegExp]>([
		['text', (_request, response) => response.end('hello'), /format/],
		['half an image', (_request, response) => response.end(IMAGE.subarray(0, 20)), /decoded/],
		['a reset', (request) => request.socket.destroy(), /fetch failed/],
		['silence', () => {}, /time/],
		['11 MB', (_request, response) => response.end(Buffer.alloc(11 << 20)), /10 MB/],
	])('fails the task when its link answers with %s', async (name, answer, reason) => {
		const host = await listen(answer);
		// A busy machine takes more than a moment for 11 MB.
		const simulator = await start(name === 'silence' ? { referenceTimeoutMilliseconds: 300 } : {});
		const images = [`${host}/a.png`];
		const taskId = (await submit(simulator, { prompt: 'p', images })).body.task_id;
		const { task, images: made } = await pollUntilEnded(simulator, taskId);
		expect(task.status).toBe('TASK_STATUS_FAILED');
		expect(task.reason).toMatch(reason);
		expect(task.reason).toContain(images[0]);
		expect(made).toEqual([]);
	});
});

describe('The webhook', () => {
	it('gets the event once the task has ended, with a link that works', async () => {
		const events: Array<{ payload: ReturnType<typeof JSON.parse> }> = [];
		const host = await listen(async (request, response) => {
			const chunks: Buffer[] = [];
			for await (const chunk of request) chunks.push(chunk);
			events.push(JSON.parse(Buffer.concat(chunks).toString()));
			response.end();
		});
		let now = Date.now();
		const simulator = await start({
			now: () => now,
			processingMilliseconds: 60_000,
			drawImage: async () => IMAGE,
		});
		const extra = { webhook: { url: `${host}/hook` } };
		const taskId = (await submit(simulator, { prompt: 'p', seed: 1, extra })).body.task_id;
		expect((await poll(simulator, taskId)).body.task.status).toBe('TASK_STATUS_PROCESSING');
		expect(events).toEqual([]);

		now += 60_000;
		await until(() => simulator.tasks[0]?.webhookTries.length === 1);
		const payload = (await poll(simulator, taskId)).body;
		expect(events).toEqual([{ event_type: 'ASYNC_TASK_RESULT', payload }]);
		expect(payload.extra.webhook).toEqual(extra.webhook);
		expect(await downloadBytes(events[0]?.payload.images[0].image_url)).toEqual(IMAGE);
	});

	it.each<[string, number[], object[]]>([
		[
			'is tried again until it answers 2xx in time',
			[500, 0, 200],
			[{ status: 500 }, { failure: expect.stringContaining('timeout') }, { status: 200 }],
		],
		['is given up after five tries', [503, 503, 503, 503, 503], Array(5).fill({ status: 503 })],
	])('%s', async (_name, statuses, tries) => {
		const left = [...statuses];
		const host = await listen((_request, response) => {
			const status = left.shift() ?? 200;
			if (status !== 0) response.writeHead(status).end();
		});
		const simulator = await start({ webhookRetryMilliseconds: 1, webhookTimeoutMilliseconds: 300 });
		await submit(simulator, { prompt: 'p', extra: { webhook: { url: host } } });
		await until(() => simulator.tasks[0]?.webhookTries.length === tries.length);
		// Many times the pause between two tries: another one would have come.
		await new Promise((resolve) => setTimeout(resolve, 20));
		expect(simulator.tasks[0]?.webhookTries).toMatchObject(tries);
	});

	it('comes when a test ends the task, unless it shall not come', async () => {
		const host = await listen((_request, response) => response.end());
		const simulator = await start({ queueMilliseconds: 60_000, processingMilliseconds: 60_000 });
		const finish = async (body: unknown) =>
			await fetch(`${simulator.url}/simulator/finish`, {
				method: 'POST',
				headers: { 'content-type': 'application/json' },
				body: JSON.stringify(body),
			});
		const extra = { webhook: { url: host } };
		const silent = (await submit(simulator, { prompt: 'p', extra })).body.task_id;
		const called = (await submit(simulator, { prompt: 'p', extra })).body.task_id;

		expect((await finish({ taskId: silent, silent: true })).status).toBe(200);
		expect((await finish({ taskId: called })).status).toBe(200);
		await until(() => simulator.tasks[1]?.webhookTries.length === 1);
		expect(simulator.tasks[0]?.webhookTries).toEqual([]);
		for (const taskId of [silent, called]) {
			expect((await poll(simulator, taskId)).body.task.status).toBe('TASK_STATUS_SUCCEED');
		}
		expect((await finish({ taskId: 'nobody' })).status).toBe(404);
	});

	it('is not called any more once the simulator is closed', async () => {
		const simulator = await start({ processingMilliseconds: 60_000 });
		await submit(simulator, { prompt: 'p', extra: { webhook: { url: 'http://127.0.0.1:9' } } });
		await simulator.close();
		expect(simulator.tasks[0]?.webhookTries).toEqual([]);
	});
});
