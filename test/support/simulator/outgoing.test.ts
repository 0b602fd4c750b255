import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, RequestListener } from 'node:http';
import { join } from 'node:path';

import { createCanvas } from '@napi-rs/canvas';

import { downloadBytes, poll, pollUntilEnded, submit } from './testClient';
import { listen, start, until } from './testServers';

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

const IMAGE = createCanvas(40, 30).toBuffer('image/png');

const children: ChildProcess[] = [];

async function readJson(request: IncomingMessage) {
	const chunks: Buffer[] = [];
	for await (const chunk of request) chunks.push(chunk);
	return JSON.parse(Buffer.concat(chunks).toString());
}

afterEach(() => {
	for (const child of children.splice(0)) child.kill('SIGKILL');
});

describe('Reference images', () => {
	it('are fetched from their links and read from data URIs, in order', async () => {
		const other = createCanvas(20, 20).toBuffer('image/jpeg');
		const host = await listen((_request, response) => response.end(IMAGE));
		const simulator = await start();
		const dataUri = `data:image/jpeg;base64,${other.toString('base64')}`;
		const images = [`${host}/a.png`, dataUri];
		const taskId = (await submit(simulator, { prompt: 'p', images })).body.task_id;

		const result = await pollUntilEnded(simulator, taskId);
		expect(result.task).toMatchObject({
			status: 'TASK_STATUS_SUCCEED',
			task_type: 'FLUX_2_FLEX_IMG_TO_IMG',
		});
		expect(simulator.tasks[0]?.references).toMatchObject([
			{ source: 'url', url: images[0], sha256: sha256(IMAGE), byteLength: IMAGE.length },
			{ source: 'dataUri', sha256: sha256(other), byteLength: other.length },
		]);
		expect(JSON.stringify(simulator.tasks[0]?.references)).not.toContain('data:');
	});

	it('are only fetched once the task has left the queue', async () => {
		let now = Date.now();
		let fetches = 0;
		const host = await listen((_request, response) => {
			fetches++;
			response.end(IMAGE);
		});
		const simulator = await start({ now: () => now, queueMilliseconds: 1000 });
		const images = [`${host}/a.png`];
		const taskId = (await submit(simulator, { prompt: 'p', images })).body.task_id;
		expect((await poll(simulator, taskId)).body.task.status).toBe('TASK_STATUS_QUEUED');
		expect(fetches).toBe(0);
		now += 1000;
		expect((await pollUntilEnded(simulator, taskId)).task.status).toBe('TASK_STATUS_SUCCEED');
		expect(fetches).toBe(1);
	});

	const refusals: Array<[string, RequestListener, RegExp]> = [
		['a 404', (_request, response) => response.writeHead(404).end(), /404/],
		['text', (_request, response) => response.end('hello'), /format/],
		['half an image', (_request, response) => response.end(IMAGE.subarray(0, 20)), /decoded/],
		['a reset', (request) => request.socket.destroy(), /fetch failed/],
		['silence', () => {}, /time/],
		['11 MB', (_request, response) => response.end(Buffer.alloc(11 << 20)), /10 MB/],
	];
	it.each(refusals)(
		'fail the task when their link answers with %s',
		async (name, answer, reason) => {
			const host = await listen(answer);
			// A busy machine takes more than a moment for 11 MB.
			const simulator = await start(
				name === 'silence' ? { referenceTimeoutMilliseconds: 300 } : {},
			);
			const images = [`${host}/a.png`];
			const taskId = (await submit(simulator, { prompt: 'p', images })).body.task_id;
			const { task, images: made } = await pollUntilEnded(simulator, taskId);
			expect(task).toMatchObject({ status: 'TASK_STATUS_FAILED', reason: expect.any(String) });
			expect(task.reason).toMatch(reason);
			expect(task.reason).toContain(images[0]);
			expect(made).toEqual([]);
		},
	);
});

describe('The webhook', () => {
	it('gets the event once the task has ended, with a link that works', async () => {
		const events: unknown[] = [];
		const host = await listen(async (request, response) => {
			events.push(await readJson(request));
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
		expect(events).toEqual([
			{ event_type: 'ASYNC_TASK_RESULT', payload: (await poll(simulator, taskId)).body },
		]);
		const [event] = events as Array<{ payload: ReturnType<typeof JSON.parse> }>;
		expect(event?.payload.extra.webhook).toEqual(extra.webhook);
		expect(await downloadBytes(event?.payload.images[0].image_url)).toEqual(IMAGE);
	});

	it('is tried again until it answers 2xx in time', async () => {
		let tries = 0;
		const host = await listen((_request, response) => {
			tries++;
			if (tries === 1) response.writeHead(500).end();
			if (tries === 3) response.end();
		});
		const simulator = await start({
			webhookRetryMilliseconds: 1,
			webhookTimeoutMilliseconds: 200,
		});
		await submit(simulator, { prompt: 'p', extra: { webhook: { url: host } } });
		await until(() => simulator.tasks[0]?.webhookTries.length === 3);
		expect(simulator.tasks[0]?.webhookTries).toMatchObject([
			{ status: 500 },
			{ failure: expect.stringContaining('timeout') },
			{ status: 200 },
		]);
	});

	it('is given up after five tries', async () => {
		let tries = 0;
		const host = await listen((_request, response) => {
			tries++;
			response.writeHead(503).end();
		});
		const simulator = await start({ webhookRetryMilliseconds: 1 });
		await submit(simulator, { prompt: 'p', extra: { webhook: { url: host } } });
		await until(() => tries === 5);
		// Twenty times the pause between two tries: a sixth would have come.
		await new Promise((resolve) => setTimeout(resolve, 20));
		expect(tries).toBe(5);
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
		expect((await poll(simulator, called)).body.task.status).toBe('TASK_STATUS_QUEUED');

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

	it.each([[null], [{ webhook: null }], [{ webhook: { url: 5 } }], [{ webhook: { url: 'x' } }]])(
		'is left out where the body has %j as extra',
		async (extra) => {
			const simulator = await start();
			const { status, body } = await submit(simulator, { prompt: 'p', extra });
			expect(status).toBe(200);
			expect((await poll(simulator, body.task_id)).status).toBe(200);
		},
	);
});

it('The simulator runs as a process of its own and ends when told', async () => {
	const child = spawn(
		process.execPath,
		['--import', 'tsx', join(__dirname, 'cli.ts'), '--port', '0', '--api-key', 'mine'],
		{ stdio: ['ignore', 'pipe', 'inherit'] },
	);
	children.push(child);
	const exited = once(child, 'exit');
	const [line] = await once(child.stdout, 'data');
	const { url } = JSON.parse(String(line));
	const { status } = await submit({ url }, { prompt: 'p' }, 'Bearer mine');
	expect(status).toBe(200);
	child.kill('SIGTERM');
	expect(await exited).toEqual([0, null]);
}, 20_000);
