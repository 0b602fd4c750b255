import type { Simulator } from '../simulator';
import { start } from '../simulator/testServers';
import { formats } from '../../engine/images';
import {
	fieldOf,
	testedServices,
	withField,
	withFields,
	type Json,
	type Order,
	type Refusal,
	type TestedService,
} from './index';

// What the table says of a service, and what the simulator does: each is the other's test.

interface Answer {
	status: number;
	body: Json;
}

async function send(
	{ key }: TestedService,
	url: string,
	body?: Json,
	apiKey = 'simulator-key',
): Promise<Answer> {
	const response = await fetch(url, {
		method: body === undefined ? 'GET' : 'POST',
		headers: { [key.header]: key.value(apiKey), 'content-type': 'application/json' },
		body: body && JSON.stringify(body),
	});
	return { status: response.status, body: (await response.json()) as Json };
}

async function submit(
	service: TestedService,
	{ url }: Simulator,
	order: Partial<Order> = {},
	apiKey?: string,
): Promise<Answer> {
	const body = service.submit.body({ prompt: 'a heron', ...order });
	return await send(service, url + service.submit.path, body, apiKey);
}

async function poll({ url }: Simulator, service: TestedService, taskId: unknown): Promise<Answer> {
	const { path, parameter } = service.poll;
	return await send(service, `${url}${path}?${parameter}=${String(taskId)}`);
}

/** The entry that means this and is simulated. */
function simulated({ refusals }: TestedService, means: Refusal['means']): Answer {
	const found = refusals.find((refusal) => refusal.means === means && refusal.simulated);
	return { status: found!.status, body: found!.body as Json };
}

describe.each(testedServices)('The simulated $displayName', (service) => {
	const { submit: submitting, poll: polling } = service;

	it('takes a body with everything in it, and replies with a task id', async () => {
		const simulator = await start();
		const image = service.inlineImage(formats.png.bytes, 'image/png');
		const order = {
			prompt: 'a heron',
			size: { width: 512, height: 256 },
			seed: 7,
			images: [image],
			webhookUrl: 'http://127.0.0.1:9/hook',
		};
		const { status, body } = await submit(service, simulator, order);
		expect(status).toBe(200);
		const [task] = simulator.tasks;
		expect(fieldOf(body, submitting.taskId)).toBe(task?.id);
		expect(body).toMatchObject(submitting.reply(task?.id));
		expect(task).toMatchObject({ prompt: 'a heron', width: 512, height: 256, seed: 7 });
		expect(task?.references.map(({ byteLength }) => byteLength)).toEqual([
			formats.png.bytes.length,
		]);
	});

	it('takes as many reference images as it says, and no more', async () => {
		const simulator = await start();
		const images = (count: number) =>
			Array.from({ length: count }, (_, index) => `http://127.0.0.1:9/${index}.png`);
		const count = service.maxReferenceImages;
		await submit(service, simulator, { images: images(count) });
		await submit(service, simulator, { images: images(count + 1) });
		// The one dialect refuses what is too much, the other knows no such field and ignores it.
		expect(simulator.tasks[0]?.references).toHaveLength(count);
		expect(simulator.tasks[1]?.references ?? images(count)).toHaveLength(count);
	});

	it('chooses a seed where the order has none', async () => {
		const simulator = await start();
		await submit(service, simulator, { seed: -1 });
		expect(simulator.tasks[0]?.seed).toBeGreaterThanOrEqual(0);
	});

	it.each(['queued', 'processing', 'succeeded', 'failed'] as const)(
		'answers about a task that is %s as the table says',
		async (status) => {
			const simulator = await start({
				queueMilliseconds: status === 'queued' ? 60_000 : 0,
				processingMilliseconds: status === 'processing' ? 60_000 : 0,
			});
			await submit(service, simulator, { seed: 7, prompt: status === 'failed' ? '[fail]' : 'a' });
			const [task] = simulator.tasks;
			const { body } = await poll(simulator, service, task?.id);
			const told = polling.answer({
				status,
				taskId: task?.id,
				reason: 'any',
				...(status === 'succeeded' && { imageUrl: 'any', seed: 7 }),
			});
			expect(Object.keys(body).sort()).toEqual(Object.keys(told).sort());
			for (const name of ['taskId', 'status', 'seed'] as const) {
				const path = polling.fields[name];
				expect([path, fieldOf(body, path)]).toEqual([path, fieldOf(told, path)]);
			}
			const isFinished = fieldOf(body, polling.fields.status) === polling.succeeded;
			expect(isFinished).toBe(status === 'succeeded');
			const link = fieldOf(body, polling.fields.imageUrl);
			expect(link === undefined).toBe(status !== 'succeeded');
		},
	);

	it('has all the fields that the table names', async () => {
		const simulator = await start();
		await submit(service, simulator);
		const { body } = await poll(simulator, service, simulator.tasks[0]?.id);
		const failed = polling.answer({ status: 'failed', taskId: 'any', reason: 'any' });
		for (const path of polling.allFields) {
			const known = fieldOf(body, path) !== undefined || fieldOf(failed, path) !== undefined;
			expect([path, known]).toEqual([path, true]);
		}
	});

	it('hands out links that live as long as it says', async () => {
		let now = Date.now();
		const simulator = await start({
			now: () => now,
			drawImage: async () => formats.png.bytes,
		});
		await submit(service, simulator);
		const { body } = await poll(simulator, service, simulator.tasks[0]?.id);
		const link = String(fieldOf(body, polling.fields.imageUrl));
		now += service.linkSeconds * 1000 - 1000;
		expect((await fetch(link)).status).toBe(200);
		now += 1000;
		expect((await fetch(link)).status).toBe(403);
	});

	it('refuses a submit with a bad key', async () => {
		const simulator = await start();
		const answer = await submit(service, simulator, {}, 'another-key');
		expect(answer).toEqual(simulated(service, 'badKey'));
		expect(simulator.tasks).toEqual([]);
	});

	it('takes the key from its own header alone', async () => {
		const simulator = await start();
		const other = service.key.header === 'x-key' ? 'authorization' : 'x-key';
		const response = await fetch(simulator.url + submitting.path, {
			method: 'POST',
			headers: { [other]: service.key.value('simulator-key'), 'content-type': 'application/json' },
			body: JSON.stringify(submitting.body({ prompt: 'a heron' })),
		});
		expect([400, 403]).toContain(response.status);
		expect(simulator.tasks).toEqual([]);
	});

	it('refuses a submit when the balance is empty', async () => {
		const simulator = await start();
		simulator.balance = 0;
		expect(await submit(service, simulator)).toEqual(simulated(service, 'emptyBalance'));
	});

	it('refuses a submit for now when there are too many tasks', async () => {
		const now = Date.now();
		const simulator = await start({
			now: () => now,
			maxActiveTasks: 1,
			processingMilliseconds: 5000,
		});
		await submit(service, simulator);
		expect(await submit(service, simulator)).toEqual(simulated(service, 'rateLimit'));
	});

	it('says that it does not know a task it never accepted', async () => {
		const simulator = await start();
		expect(await poll(simulator, service, 'nobody-knows')).toEqual(
			simulated(service, 'unknownTask'),
		);
	});

	it('says that it does not know a route it does not have', async () => {
		const { url } = await start();
		expect(await send(service, `${url}${service.submit.path}-2`, {})).toEqual(
			simulated(service, 'routeNotFound'),
		);
	});

	it('tells a good key from a bad one for nothing', async () => {
		const simulator = await start();
		const { path, call, status, body } = service.credentialTest;
		const url = `${simulator.url}${path}?${polling.parameter}=credential-test`;
		expect(await send(service, url)).toMatchObject({ status, body });
		expect([401, 403]).toContain((await send(service, url, undefined, 'another-key')).status);
		expect(simulator.requests.map((request) => request.call)).toEqual([call, call]);
		expect(simulator.tasks).toEqual([]);
	});

	it('has each refusal once in the table with what it says, and no image in its endings', () => {
		const names = service.refusals.map(({ name }) => name);
		expect(new Set(names).size).toBe(names.length);
		for (const { name, status, body, said } of service.refusals) {
			expect(name).toContain(String(status));
			expect(JSON.stringify(body)).toContain(said);
		}
		const finished = polling.answer({ status: 'succeeded', taskId: '1', imageUrl: 'a', seed: 1 });
		for (const { change } of polling.endings) {
			expect(fieldOf(withFields(finished, change), polling.fields.imageUrl)).toBeUndefined();
		}
	});
});

describe('A field of an answer', () => {
	const json = { list: [{ name: 1 }], other: { name: 2 } };

	it('is found and replaced by its path, in a copy', () => {
		expect(fieldOf(json, 'list[0].name')).toBe(1);
		expect(withField(json, 'list[0].name', 3)).toEqual({ ...json, list: [{ name: 3 }] });
		expect(withFields(json, { 'list[0]': null, 'other.more': 4 })).toEqual({
			list: [null],
			other: { name: 2, more: 4 },
		});
		expect(json).toEqual({ list: [{ name: 1 }], other: { name: 2 } });
	});

	it('is left out where there is no place for it', () => {
		expect(fieldOf(json, 'missing[3].name')).toBeUndefined();
		expect(withField(json, 'missing.name', 1)).toEqual(json);
	});
});
