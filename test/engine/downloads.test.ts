import { readBinary } from '../support/harness';
import { novita, withField, type Json } from '../support/services';
import { formats } from './images';
import { useServer } from './serving';
import { binaryModes, failureOf, run, runWell, useSimulator, withoutBackOff } from './workflows';

// Each mode of storing reads a stream in its own way, so that faults have to be seen in both.

// Larger than what arrives at once.
const image = Buffer.concat([formats.png.bytes, Buffer.alloc(400_000, 'p')]);
const simulator = useSimulator({ drawImage: async () => image });
const host = useServer();
withoutBackOff();

describe.each(binaryModes)('In binary mode %s', (binaryMode) => {
	const variant = () => ({ binaryMode, credentials: simulator.credentials });

	it.each([
		['a host that is down', { kind: 'status', status: 503 }],
		['a reset connection', { kind: 'resetBeforeReply' }],
		['half an image', { kind: 'truncate' }],
		['a length that is not kept', { kind: 'wrongContentLength' }],
		['a web page', { kind: 'html' }],
		['an empty file', { kind: 'empty' }],
	] as const)('a fresh link brings the whole image after %s', async (_, fault) => {
		simulator.faults.add({ call: 'download', times: 2, fault });
		const { items } = await runWell('submitAndWait', variant());
		expect((await readBinary(items[0]!.binary!.data!)).equals(image)).toBe(true);
		expect(simulator.count('download')).toBe(3);
		expect(simulator.count('poll')).toBe(3);
		expect(simulator.tasks).toHaveLength(1);
	});

	it('a slow image arrives whole', async () => {
		const fault = { kind: 'slowDrip', bytesPerSecond: 1_000_000 } as const;
		simulator.faults.add({ call: 'download', fault });
		const { items } = await runWell('submitAndWait', variant());
		expect((await readBinary(items[0]!.binary!.data!)).equals(image)).toBe(true);
		expect(simulator.count('download')).toBe(1);
	});

	it('an image without end is not stored, and its task is not lost', async () => {
		// In chunks, so that nothing announces how much there is.
		host.listener = (_request, response) => {
			response.write(formats.png.bytes);
			response.end(Buffer.alloc(60_000_000));
		};
		const patch = (answer: Json) => withField(answer, novita.poll.fields.imageUrl, host.url);
		simulator.faults.add({ call: 'poll', times: 99, fault: { kind: 'patch', patch } });
		const { message, description, itemIndex } = failureOf(await run('submitAndWait', variant()));
		expect(message).toMatch(/could not be downloaded.*item 0/);
		expect(message).toContain(simulator.tasks[0]!.id);
		expect(description).toMatch(/'Get Task Result'.*larger than/);
		expect(itemIndex).toBe(0);
	});
});
