import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, it } from 'node:test';
import { assertImage, bytesAt } from '../../shared/images.mjs';
import { imageIn } from '../example.mjs';
import { connectToMcp } from '../mcp/mcpClient.mjs';

const token = 'a-long-token-of-the-tests';
const prompt = 'A lighthouse in a storm, ink and wash';

/** @param {import('../example.mjs').Example} example */
export function testExample(example) {
	let address = '';

	/** @param {import('../example.mjs').Changes} [changes] of the example in a published server of its own */
	const publish = async (changes) => {
		const path = `mcp-${randomUUID()}`;
		const trigger = { parameters: { path }, webhookId: path };
		const nodes = ['MCP Server Trigger'];
		return await example.publish(
			`mcp/${path}`,
			{ ...(await example.choosing(nodes, 'httpBearerAuth', { token }, trigger)), ...changes },
			'POST',
		);
	};
	const connect = async (url = address) => {
		await example.service.reset();
		return await connectToMcp(url, { token });
	};

	before(async () => {
		address = await publish();
	});

	it('lets nobody in without the token', async () => {
		await assert.rejects(connectToMcp(address, { token: 'wrong' }), /answered 40[13]/);
	});

	it('lists its tools with what the client fills in, for nothing', async () => {
		const client = await connect();
		const tools = (await client.listTools()).sort((a, b) => a.name.localeCompare(b.name));
		assert.deepEqual(
			tools.map(({ name, inputSchema }) => [name, inputSchema.required]),
			[
				['Draw_an_Image', ['prompt']],
				['Get_an_Image', ['task_id']],
			],
		);
		assert.match(tools[0].description, /costs money/);
		assert.match(client.instructions, /costs money/);
		assert.deepEqual(await example.paidPrompts(), []);
	});

	it('draws one image and answers with small JSON that has the link', async () => {
		const client = await connect();
		const { text, isError } = await client.callTool('Draw_an_Image', { prompt });
		assert.equal(isError, false, text);
		assert.ok(text.length < 1000, `${text.length} letters for the model`);
		assert.deepEqual(await example.paidPrompts(), [prompt]);
		await assertImage(await bytesAt(imageIn(text).image_url), 1024);
	});

	it('tells the task ID after a time-out, and gets the image with it, for nothing', async () => {
		const client = await connect(
			await publish({ 'Draw an Image': { parameters: { options: { timeout: 1 } } } }),
		);
		const drawn = await client.callTool('Draw_an_Image', { prompt: `${prompt} [slow]` });
		const [{ id }] = await example.service.paid();
		assert.ok(drawn.text.includes(id), drawn.text);
		const early = await client.callTool('Get_an_Image', { task_id: id });
		assert.equal(imageIn(early.text).status, 'processing');
		await example.service.finish(id);
		const { text } = await client.callTool('Get_an_Image', { task_id: id });
		await assertImage(await bytesAt(imageIn(text).image_url), 1024);
		assert.equal((await example.paidPrompts()).length, 1);
	});
}
