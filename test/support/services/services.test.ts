import { formats } from '../images';
import type { Simulator, SimulatorOptions } from '../simulator';
import { clientOf, type Reply } from '../simulator/testClient';
import { listen, start } from '../simulator/testServers';
import {
	fieldOf,
	testedServices,
	withField,
	withFields,
	type Meaning,
	type Order,
	type TaskState,
} from './index';

/** In seconds. */
const A_YEAR = 365 * 24 * 3600;

// What the table says of a service, and what the simulator does: each is the other's test.

describe.each(testedServices)('The simulated $displayName', (service) => {
	const { submit: submitting, poll: polling } = service;
	const { send, poll, result, pollUntilEnded } = clientOf(service);
	const { fields } = polling;
	const order = async (simulator: Simulator, wanted: Partial<Order> = {}, apiKey?: string) => {
		const whole = { prompt: 'a heron', ...wanted };
		return await send(
			simulator.url + submitting.address(whole).path,
			submitting.body(whole),
			apiKey,
		);
	};
	const hasImage = (body: unknown) => (fieldOf(body, fields.imageUrl) ?? null) !== null;

	it('takes a body with everything in it, and replies with a task id', async () => {
		const { png, jpeg } = formats;
		const host = await listen((_request, response) => response.end(png.bytes));
		const simulator = await start();
		const { status, body } = await order(simulator, {
			prompt: 'a heron',
			size: { width: 512, height: 256 },
			seed: 7,
			images: [`${host}/a.png`, service.inlineImage(jpeg.bytes, jpeg.mimeType)],
			webhookUrl: 'http://127.0.0.1:9/hook',
		});
		expect([200, 201]).toContain(status);
		const task = simulator.tasks[0]!;
		expect(fieldOf(body, submitting.taskId)).toBe(task.id);
		expect(body).toMatchObject(submitting.reply(task.id));
		expect(task).toMatchObject({ prompt: 'a heron', width: 512, height: 256, seed: 7 });
		expect(hasImage(await pollUntilEnded(simulator, task.id))).toBe(true);
		expect(task.references.map((reference) => reference.bytes())).toEqual([png.bytes, jpeg.bytes]);
		expect(task.references.map(({ url }) => url)).toEqual([`${host}/a.png`, undefined]);
	});

	it('fails a task whose reference image cannot be fetched', async () => {
		const host = await listen((_request, response) => response.writeHead(404).end());
		const simulator = await start();
		await order(simulator, { images: [`${host}/a.png`] });
		const ending = await pollUntilEnded(simulator, simulator.tasks[0]?.id);
		expect(hasImage(ending)).toBe(false);
		expect(JSON.stringify(ending)).toContain('the link answered 404');
		expect(JSON.stringify(ending)).toContain(`${host}/a.png`);
	});

	it('takes as many reference images as it says, and no more', async () => {
		const simulator = await start();
		const images = (count: number) =>
			Array.from({ length: count }, (_, index) => `http://127.0.0.1:9/${index}.png`);
		const count = service.maxReferenceImages;
		await order(simulator, { images: images(count) });
		await order(simulator, { images: images(count + 1) });
		// The one dialect refuses what is too much, the other knows no such field and ignores it.
		expect(simulator.tasks[0]?.references).toHaveLength(count);
		expect(simulator.tasks[1]?.references ?? images(count)).toHaveLength(count);
	});

	it('chooses a seed where the order has none, and tells it', async () => {
		const simulator = await start();
		await order(simulator, { seed: -1 });
		const [task] = simulator.tasks;
		expect(task?.seed).toBeGreaterThanOrEqual(0);
		const { body } = await result(simulator, task?.id);
		if (fields.seed === undefined) return;
		expect(String(fieldOf(body, fields.seed))).toBe(String(task?.seed));
	});

	it.each(['queued', 'processing', 'succeeded', 'failed'] as const)(
		'answers about a task that is %s as the table says',
		async (status) => {
			const simulator = await start({
				queueMilliseconds: status === 'queued' ? 60_000 : 0,
				processingMilliseconds: status === 'processing' ? 60_000 : 0,
			});
			await order(simulator, { seed: 7, prompt: status === 'failed' ? '[fail]' : 'a' });
			const [task] = simulator.tasks;
			const state: TaskState = {
				status,
				taskId: task?.id,
				reason: 'any',
				...(status === 'succeeded' && { imageUrl: 'any', seed: 7 }),
			};
			const { body: standing } = await poll(simulator, task?.id);
			for (const path of [fields.taskId, fields.status]) {
				const told = fieldOf((polling.standing ?? polling.answer)(state), path);
				expect([path, fieldOf(standing, path)]).toEqual([path, told]);
			}
			if (polling.standing && (status === 'queued' || status === 'processing')) return;
			const { body } = await result(simulator, task?.id);
			const told = polling.answer(state);
			expect(Object.keys(body).sort()).toEqual(Object.keys(told).sort());
			if (fields.seed) expect(fieldOf(body, fields.seed)).toEqual(fieldOf(told, fields.seed));
			expect(hasImage(body)).toBe(status === 'succeeded');
		},
	);

	it('has all the fields that the table names', async () => {
		const simulator = await start();
		await order(simulator);
		const { body } = await result(simulator, simulator.tasks[0]?.id);
		const failed = polling.answer({ status: 'failed', taskId: 'any', reason: 'any' });
		for (const path of polling.allFields) {
			const known = fieldOf(body, path) !== undefined || fieldOf(failed, path) !== undefined;
			expect([path, known]).toEqual([path, true]);
		}
	});

	it('hands out links that live as long as it says', async () => {
		let now = Date.now();
		const simulator = await start({ now: () => now, drawImage: async () => formats.png.bytes });
		await order(simulator);
		const { body } = await result(simulator, simulator.tasks[0]?.id);
		const link = String(fieldOf(body, polling.fields.imageUrl));
		const { linkSeconds } = service;
		now += (linkSeconds ?? A_YEAR) * 1000 - 1000;
		expect((await fetch(link)).status).toBe(200);
		now += 1000;
		expect((await fetch(link)).status).toBe(linkSeconds === undefined ? 200 : 403);
	});

	it.each<
		[what: string, Meaning, ask: (simulator: Simulator) => Promise<Reply>, SimulatorOptions?]
	>([
		['a submit with a bad key', 'badKey', async (at) => await order(at, {}, 'another-key')],
		['a question with a bad key', 'badKey', async (at) => await poll(at, '1', 'another-key')],
		[
			'a question for a task it never had',
			'unknownTask',
			async (at) => await poll(at, 'nobody-knows'),
		],
		[
			'a route it does not have',
			'routeNotFound',
			async ({ url }) => await send(`${url}${submitting.address({ prompt: '' }).path}-2`, {}),
		],
		[
			'a submit when the balance is empty',
			'emptyBalance',
			async (simulator) => {
				simulator.balance = 0;
				return await order(simulator);
			},
		],
		[
			'a submit when there are too many tasks',
			'rateLimit',
			async (simulator) => {
				await order(simulator);
				return await order(simulator);
			},
			{ now: () => 0, maxActiveTasks: 1, processingMilliseconds: 5000 },
		],
	])('refuses %s in the words of the table (%s)', async (_what, means, ask, options = {}) => {
		const simulator = await start(options);
		const { status, body } = await ask(simulator);
		const simulated = service.refusals.filter((refusal) => refusal.simulated);
		const told =
			simulated.find((refusal) => refusal.means === means) ??
			simulated.find((refusal) => refusal.meansOfTask === means);
		expect({ status, body }).toEqual({ status: told?.status, body: told?.body });
		expect(simulator.tasks).toHaveLength(means === 'rateLimit' ? 1 : 0);
	});

	it('takes the key from its own header alone', async () => {
		const simulator = await start();
		const header = service.key.header === 'x-key' ? 'authorization' : 'x-key';
		const { status } = await clientOf({
			...service,
			key: { ...service.key, header },
		}).submit(simulator, submitting.body({ prompt: 'a heron' }));
		expect([400, 401, 403]).toContain(status);
		expect(simulator.tasks).toEqual([]);
	});

	it('tells a good key from a bad one for nothing', async () => {
		const simulator = await start();
		const { path, call, status, body } = service.credentialTest;
		const { query } = polling.requests('credential-test')[0]!;
		const url = `${simulator.url}${path}?${new URLSearchParams(query)}`;
		expect(await send(url)).toMatchObject({ status, body });
		expect([401, 403]).toContain((await send(url, undefined, 'another-key')).status);
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
			expect(hasImage(withFields(finished, change))).toBe(false);
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
