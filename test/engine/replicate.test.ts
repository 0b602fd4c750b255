import { replicate } from '../support/services';
import { file, formats } from './images';
import { runWell, useSimulator } from './workflows';

const simulator = useSimulator({}, replicate);

/** A file of that many megabytes that begins as an image does. */
const fileOf = async (megabytes: number) =>
	await file(Buffer.concat([formats.png.bytes, Buffer.alloc(megabytes * 1e6)]), 'filesystem');

const variant = async (...megabytes: number[]) => ({
	credentials: simulator.credentials,
	input: [
		{
			json: { prompt: 'a' },
			binary: { one: await fileOf(megabytes[0] ?? 1), other: await fileOf(megabytes[1] ?? 1) },
		},
	],
	parameters: { images: { image: [{ source: 'binary', binaryPropertyName: 'one, other' }] } },
});

describe('Files for Replicate', () => {
	it('are taken up to 10 MB together, although its answers repeat all of them', async () => {
		const { items } = await runWell('submitAndWait', await variant(5, 4.9));
		expect(items).toMatchObject([{ json: { status: 'succeeded' } }]);
		expect(simulator.tasks).toHaveLength(1);
	});
});
