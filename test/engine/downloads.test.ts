import { readBinary } from '../support/harness';
import { formats } from './images';
import {
	binaryModes,
	failureOf,
	run,
	runWell,
	useSimulator,
	withoutBackOff,
	type Variant,
} from './workflows';

// Larger than what arrives at once.
const image = Buffer.concat([formats.png.bytes, Buffer.alloc(400_000, 'p')]);
const simulator = useSimulator({ drawImage: async () => image });
withoutBackOff();

describe.each(binaryModes)('downloads (binary mode %s)', (binaryMode) => {
	const variant = (more: Variant = {}): Variant => ({
		binaryMode,
		credentials: simulator.credentials,
		...more,
	});

	it.each([
		['an expired link', { kind: 'status', status: 403 }],
		['a missing file', { kind: 'status', status: 404 }],
		['a host that is down', { kind: 'status', status: 503 }],
		['a reset connection', { kind: 'resetBeforeReply' }],
		['half an image', { kind: 'truncate' }],
		['a length that is not kept', { kind: 'wrongContentLength' }],
		['a web page', { kind: 'html' }],
		['an empty file', { kind: 'empty' }],
		['a text', { kind: 'body', contentType: 'image/png', bytes: Buffer.from('Not Found') }],
	] as const)('after %s a fresh link is asked for', async (_, fault) => {
		simulator.faults.add({ call: 'download', times: 2, fault });
		const { items } = await runWell('submitAndWait', variant());
		expect((await readBinary(items[0]!.binary!.data!)).equals(image)).toBe(true);
		expect(simulator.count('download')).toBe(3);
		expect(simulator.count('poll')).toBe(3);
		expect(simulator.tasks).toHaveLength(1);
	});

	it.each([true, false])('a file without end is not stored (announced: %s)', async (announced) => {
		const fault = { kind: 'huge', bytes: 120_000_000, announced } as const;
		simulator.faults.add({ call: 'download', times: 99, fault });
		const { message, description } = failureOf(await run('submitAndWait', variant()));
		expect(message).toContain(simulator.tasks[0]!.id);
		expect(description).toBeTruthy();
	});

	it('an image without end is not stored', async () => {
		const fault = {
			kind: 'body',
			contentType: 'image/png',
			bytes: Buffer.concat([formats.png.bytes, Buffer.alloc(60_000_000)]),
		} as const;
		simulator.faults.add({ call: 'download', times: 99, fault });
		const { message, description } = failureOf(await run('submitAndWait', variant()));
		expect(message).toContain(simulator.tasks[0]!.id);
		expect(description).toMatch(/larger than/);
	});

	it('a slow image arrives whole', async () => {
		const fault = { kind: 'slowDrip', bytesPerSecond: 1_000_000 } as const;
		simulator.faults.add({ call: 'download', fault });
		const { items } = await runWell('submitAndWait', variant());
		expect((await readBinary(items[0]!.binary!.data!)).equals(image)).toBe(true);
		expect(simulator.count('download')).toBe(1);
	});

	it('an image that is not to be had is an error that keeps the task', async () => {
		simulator.faults.add({ call: 'download', times: 99, fault: { kind: 'status', status: 500 } });
		const { message, description, itemIndex } = failureOf(await run('submitAndWait', variant()));
		expect(message).toMatch(/could not be downloaded.*item 0/);
		expect(message).toContain(simulator.tasks[0]!.id);
		expect(description).toContain("'Get Task Result'");
		expect(description).toContain("'Download Image'");
		expect(description).toContain('500');
		expect(itemIndex).toBe(0);
		expect(simulator.count('download')).toBeLessThan(10);
	});

	it('a redirect is followed', async () => {
		const { json } = await runWell('submit', { credentials: simulator.credentials });
		const { json: results } = await runWell('getTaskResult', {
			binaryMode,
			credentials: simulator.credentials,
			input: [{ json: json[0]! }],
			parameters: { downloadImage: false },
		});
		simulator.faults.add({
			call: 'download',
			fault: { kind: 'redirect', location: String(results[0]?.image_url) },
		});
		const { items } = await runWell('getTaskResult', {
			binaryMode,
			credentials: simulator.credentials,
			input: [{ json: json[0]! }],
		});
		expect((await readBinary(items[0]!.binary!.data!)).equals(image)).toBe(true);
	});
});
