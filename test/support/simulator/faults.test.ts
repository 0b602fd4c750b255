import { connect } from 'node:net';

import { novita } from '../services';
import type { Fault, Simulator } from './index';
import { clientOf } from './testClient';
import { start, until } from './testServers';

const { submit, poll } = clientOf(novita);

const SUBMIT = novita.submit.address({ prompt: '' }).path;
const POLL = novita.poll.requests('')[0]!.path;

/** Large enough to see what is missing, small enough to be quick. */
const IMAGE = Buffer.alloc(1000, 'p');

let simulator: Simulator;

beforeEach(async () => {
	simulator = await start({ drawImage: async () => IMAGE });
});

interface RawReply {
	status: number;
	headers: string;
	body: Buffer;
	/** How the connection ended; `open` = it was still there when nothing more was expected. */
	end: 'end' | 'reset' | 'open';
}

/**
 * One request over a bare socket, so that no client hides what arrives.
 * @param bodyBytes stop listening after so many bytes of body, or after the headers with 0
 */
async function rawRequest(path: string, method = 'GET', bodyBytes?: number): Promise<RawReply> {
	const { hostname, port } = new URL(simulator.url);
	const body = method === 'POST' ? '{"prompt":"p"}' : '';
	const socket = connect(Number(port), hostname);
	socket.write(
		`${method} ${path} HTTP/1.1\r\nHost: a\r\nAuthorization: simulator-key\r\n` +
			`Content-Type: application/json\r\nContent-Length: ${body.length}\r\n` +
			`Connection: ${bodyBytes === undefined ? 'close' : 'keep-alive'}\r\n\r\n${body}`,
	);
	const received: Buffer[] = [];
	const bodySoFar = () => {
		const all = Buffer.concat(received);
		const headersEnd = all.indexOf('\r\n\r\n');
		return headersEnd < 0 ? undefined : all.subarray(headersEnd + 4);
	};
	const end = await new Promise<RawReply['end']>((resolve) => {
		socket.on('data', (chunk) => {
			received.push(chunk);
			if (bodyBytes !== undefined && (bodySoFar()?.length ?? -1) >= bodyBytes) resolve('open');
		});
		socket.on('end', () => resolve('end'));
		socket.on('error', () => resolve('reset'));
	});
	socket.destroy();
	const headers = Buffer.concat(received).toString('latin1').split('\r\n\r\n')[0] ?? '';
	return {
		status: Number(headers.split(' ')[1] ?? 0),
		headers: headers.toLowerCase(),
		body: bodySoFar() ?? Buffer.alloc(0),
		end,
	};
}

async function finishedTask(): Promise<{ taskId: string; link: string }> {
	const taskId = (await submit(simulator, { prompt: 'p' })).body.task_id;
	const link = (await poll(simulator, taskId)).body.images[0].image_url;
	return { taskId, link: link.replace(simulator.url, '') };
}

async function spoiltDownload(fault: Fault, bodyBytes?: number): Promise<RawReply> {
	const { link } = await finishedTask();
	simulator.faults.add({ call: 'download', fault });
	return await rawRequest(link, 'GET', bodyBytes);
}

async function spoiltSubmit(fault: Fault): Promise<RawReply> {
	simulator.faults.add({ call: 'submit', fault });
	return await rawRequest(SUBMIT, 'POST');
}

describe('A planned fault', () => {
	const fault: Fault = { kind: 'status', status: 500 };
	const statuses = async (count: number) => {
		const seen = [];
		for (let index = 0; index < count; index++) {
			seen.push((await rawRequest(`${POLL}?task_id=a`)).status);
		}
		return seen;
	};

	it('hits as many requests of its call as it says, after those it skips, then comes the next', async () => {
		for (const call of ['submit', 'download'] as const) simulator.faults.add({ call, fault });
		simulator.faults.add({ call: 'poll', skip: 1, times: 2, fault });
		simulator.faults.add({ call: 'poll', fault: { kind: 'json', body: {} } });
		expect(await statuses(5)).toEqual([200, 500, 500, 404, 404]);
	});

	it('no longer hits once the plan is cleared', async () => {
		simulator.faults.add({ call: 'poll', times: 5, fault });
		simulator.faults.clear();
		expect(await statuses(1)).toEqual([404]);
	});
});

describe('A submit', () => {
	it.each<[Fault, number, number]>([
		[{ kind: 'status', status: 502 }, 502, 0],
		[{ kind: 'status', status: 502, accept: true }, 502, 1],
		[{ kind: 'resetBeforeReply' }, 0, 1],
		[{ kind: 'resetBeforeAccept' }, 0, 0],
		[{ kind: 'html' }, 200, 0],
		[{ kind: 'html', accept: true }, 200, 1],
		[{ kind: 'empty' }, 200, 1],
		[{ kind: 'empty', accept: false }, 200, 0],
		[{ kind: 'json', body: null }, 200, 1],
		[{ kind: 'redirect', location: 'http://a/' }, 302, 0],
		[{ kind: 'truncate' }, 200, 1],
		[{ kind: 'delay', milliseconds: 1 }, 200, 1],
	])('hit by the fault %j is answered %i and makes %i tasks', async (fault, status, billed) => {
		expect((await spoiltSubmit(fault)).status).toBe(status);
		expect(simulator.tasks).toHaveLength(billed);
		expect(simulator.requests).toHaveLength(1);
		expect(simulator.requests[0]).toMatchObject({ call: 'submit', status });
	});
});

describe('The fault', () => {
	it.each(['submit', 'poll', 'download'] as const)(
		'of either reset cuts the connection of a %s',
		async (call) => {
			const { taskId, link } = await finishedTask();
			const path = {
				submit: SUBMIT,
				poll: `${POLL}?task_id=${taskId}`,
				download: link,
			}[call];
			for (const kind of ['resetBeforeReply', 'resetBeforeAccept'] as const) {
				simulator.faults.add({ call, fault: { kind } });
				const reply = await rawRequest(path, call === 'submit' ? 'POST' : 'GET');
				expect(reply).toMatchObject({ end: 'reset', headers: '', status: 0 });
			}
		},
	);

	it('stall accepts the submit and never answers it until the simulator closes', async () => {
		const request = spoiltSubmit({ kind: 'stall' });
		await until(() => simulator.tasks.length === 1);
		await simulator.close();
		expect(await request).toMatchObject({ status: 0, headers: '' });
		expect(simulator.requests[0]?.status).toBe(0);
	});

	it('stallBody sends headers and half the body, then silence until close', async () => {
		const reply = await spoiltDownload({ kind: 'stallBody' }, 500);
		expect(reply).toMatchObject({ status: 200, end: 'open' });
		expect(reply.headers).toContain('content-length: 1000');
		expect(reply.body).toHaveLength(500);

		const { link } = await finishedTask();
		simulator.faults.add({ call: 'download', fault: { kind: 'stallBody' } });
		const body = (await fetch(simulator.url + link)).arrayBuffer();
		await Promise.all([expect(body).rejects.toThrow(), simulator.close()]);
	});

	it('slowDrip sends a part of the body at a time', async () => {
		const reply = await spoiltDownload({ kind: 'slowDrip', bytesPerSecond: 20_000 });
		expect([reply.end, reply.body]).toEqual(['end', IMAGE]);
		// The next piece would come in half a minute.
		const first = await spoiltDownload({ kind: 'slowDrip', bytesPerSecond: 0.03 }, 1);
		expect([first.end, first.body]).toEqual(['open', IMAGE.subarray(0, 1)]);
	});

	it.each<[what: string, fault: Fault, headers: string[], body: Buffer | RegExp]>([
		[
			'truncate announces the full length and sends half of it',
			{ kind: 'truncate' },
			['content-length: 1000', 'content-type: image/png'],
			IMAGE.subarray(0, 500),
		],
		[
			'wrongContentLength announces 16 bytes too many',
			{ kind: 'wrongContentLength' },
			['content-length: 1016'],
			IMAGE,
		],
		[
			'wrongContentLength announces as many bytes too few as it says',
			{ kind: 'wrongContentLength', difference: -100 },
			['content-length: 900'],
			IMAGE,
		],
		[
			'status answers any status, body and headers',
			{ kind: 'status', status: 429, body: { reason: 'BUSY' }, headers: { 'Retry-After': '7' } },
			['429 too many', 'retry-after: 7', 'content-type: application/json'],
			/^{"reason":"BUSY"}$/,
		],
		[
			'status answers with a text',
			{ kind: 'status', status: 502, body: 'Bad gateway' },
			['502 bad', 'content-type: text/plain'],
			/^Bad gateway$/,
		],
		[
			'json answers with any JSON',
			{ kind: 'json', body: null },
			['200 ok', 'content-type: application/json'],
			/^null$/,
		],
		['html answers with a web page', { kind: 'html' }, ['text/html'], /^<!DOCTYPE html>/],
		['empty answers with nothing', { kind: 'empty' }, ['200 ok', 'content-length: 0'], /^$/],
		[
			'redirect leads elsewhere',
			{ kind: 'redirect', location: 'http://elsewhere/' },
			['302 found', 'location: http://elsewhere/'],
			/^$/,
		],
		[
			'body answers with other bytes',
			{ kind: 'body', contentType: 'image/png', bytes: Buffer.from([0, 255, 1]) },
			['content-type: image/png'],
			Buffer.from([0, 255, 1]),
		],
	])('%s', async (_what, fault, headers, body) => {
		const reply = await spoiltDownload(fault);
		for (const header of headers) expect(reply.headers).toContain(header);
		if (body instanceof RegExp) expect(reply.body.toString()).toMatch(body);
		else expect(reply.body).toEqual(body);
		expect(reply.end).toBe('end');
	});

	it('patch changes the true answer', async () => {
		const { taskId } = await finishedTask();
		const truth = (await poll(simulator, taskId)).body;
		simulator.faults.add({
			call: 'poll',
			fault: {
				kind: 'patch',
				patch: (body: { images: object[] }) => ({
					...body,
					images: [{ ...body.images[0], image_url: 'ftp://elsewhere/ü', image_url_ttl: -1 }],
				}),
			},
		});
		expect((await poll(simulator, taskId)).body).toEqual({
			...truth,
			images: [{ ...truth.images[0], image_url: 'ftp://elsewhere/ü', image_url_ttl: -1 }],
		});
	});

	it.each([true, false])('huge sends many bytes, with a Content-Length: %p', async (announced) => {
		const { link } = await finishedTask();
		const bytes = 5_000_001;
		simulator.faults.add({ call: 'download', fault: { kind: 'huge', bytes, announced } });
		const response = await fetch(simulator.url + link);
		expect(response.headers.get('content-length')).toBe(announced ? String(bytes) : null);
		let length = 0;
		for await (const chunk of response.body ?? []) length += chunk.length;
		expect(length).toBe(bytes);
	});

	it('huge survives a client that has had enough', async () => {
		const { link } = await finishedTask();
		simulator.faults.add({ call: 'download', fault: { kind: 'huge', bytes: 1e12 } });
		const response = await fetch(simulator.url + link);
		await response.body?.cancel();
		expect((await fetch(simulator.url + link)).status).toBe(200);
	});

	it('delay sends the true reply later', async () => {
		const { link } = await finishedTask();
		simulator.faults.add({ call: 'download', fault: { kind: 'delay', milliseconds: 1000 } });
		const order: string[] = [];
		const download = async (name: string) => {
			expect((await rawRequest(link)).body).toEqual(IMAGE);
			order.push(name);
		};
		const late = download('delayed');
		await until(() => simulator.requests.at(-1)?.call === 'download');
		await Promise.all([late, download('not delayed')]);
		expect(order).toEqual(['not delayed', 'delayed']);
	});
});

it('The simulator is steered over HTTP, too', async () => {
	const post = async (path: string, body: unknown) =>
		await fetch(`${simulator.url}/simulator/${path}`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify(body),
		});

	const bytes = Buffer.from('not an image').toString('base64');
	const planned = await post('faults', [
		{ call: 'submit', fault: { kind: 'status', status: 500 } },
		{ call: 'download', fault: { kind: 'body', contentType: 'image/png', bytes } },
	]);
	expect(planned.status).toBe(200);
	expect((await rawRequest(SUBMIT, 'POST')).status).toBe(500);
	const { taskId, link } = await finishedTask();
	expect((await rawRequest(link)).body.toString()).toBe('not an image');

	const state = (await (await fetch(`${simulator.url}/simulator/state`)).json()) as {
		tasks: unknown;
		requests: Array<{ call: string }>;
	};
	expect(state.tasks).toMatchObject([{ id: taskId, body: { prompt: 'p' } }]);
	expect(state.requests.map(({ call }) => call)).toEqual(['submit', 'submit', 'poll', 'download']);

	expect((await post('faults', { call: 'nope', fault: { kind: 'html' } })).status).toBe(400);
	expect((await post('faults', { call: 'poll', fault: { kind: 'patch' } })).status).toBe(400);
	expect((await post('faults', null)).status).toBe(400);

	expect((await post('reset', {})).status).toBe(200);
	expect(simulator.tasks).toEqual([]);
});
