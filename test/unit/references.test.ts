import { replicate } from '../support/services';
import { VirtualWorld } from '../support/virtual/virtualWorld';

/** A data URI of so many bytes that begin as those of a PNG do. */
const uriOf = (bytes: number) => {
	const head = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
	const file = Buffer.concat([head, Buffer.alloc(bytes - head.length)]);
	return `data:image/png;base64,${file.toString('base64')}`;
};

const submit = async (...urls: string[]) => {
	const world = new VirtualWorld({ dialect: replicate });
	const images = { image: urls.map((url) => ({ source: 'url', url })) };
	const result = await world.run({ parameters: { operation: 'submit', prompt: 'a cat', images } });
	return { ...result, submits: world.service.calls.submit };
};

describe('Files within a request to Replicate', () => {
	test('may have 10 MB together', async () => {
		const { items, submits } = await submit(uriOf(6e6), uriOf(4e6));
		expect(items).toHaveLength(1);
		expect(submits).toBe(1);
	});

	test('are refused beyond that before anything is paid, with the way out', async () => {
		const { error, submits } = await submit(uriOf(6e6), uriOf(4.2e6));
		expect(error?.message).toBe(
			"The files in 'Reference Images' have 10.2 MB, but Replicate takes 10.0 MB at most within a request [item 0]",
		);
		expect(error?.description).toMatch(/^Choose "Signed Link" in 'Send Reference Images As'/);
		expect(submits).toBe(0);
	});
});

test('Commas before, between and after links stand for no image', async () => {
	const links = ', https://example.com/a.png,\nhttps://example.com/b.png, ';
	expect((await submit(links)).items).toHaveLength(1);
});
