import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, it } from 'node:test';
import { waitUntil } from '../../../../scripts/lib/wait-until.mjs';
import { nodeOf } from '../example.mjs';
import { assertImage } from '../imageAssertions.mjs';
import { connectToMcp } from '../mcp/mcpClient.mjs';

const token = 'a-long-token-of-the-tests';
const prompt = 'A lighthouse in a storm, ink and wash';

/** @param {import('../example.mjs').Example} example */
export function testExample(example) {
	let address;

	/** @returns {Promise<string>} the address of a published MCP server of its own */
	const publish = async (change = () => {}) => {
		const { n8n } = example.environment;
		const { id, name } = await n8n.putCredential({
			name: 'Bearer Auth account',
			type: 'httpBearerAuth',
			data: { token },
		});
		const path = `mcp-${randomUUID()}`;
		const workflow = await example.import((copy) => {
			const trigger = nodeOf(copy, 'MCP Server Trigger');
			trigger.parameters.path = path;
			trigger.webhookId = path;
			trigger.credentials = { httpBearerAuth: { id, name } };
			change(copy);
		});
		await n8n.publish(workflow);
		const url = `${n8n.url}/mcp/${path}`;
		// n8n publishes in the background. Without the token, looking whether it is there is free.
		await waitUntil(async () => (await fetch(url, { method: 'POST' })).status !== 404, {
			timeout: 30_000,
			onTimeout: () => new Error('n8n has not published the MCP server in time.'),
		});
		return url;
	};
	const connect = async (url = address) => {
		await example.forgetTasks();
		return await connectToMcp(url, { token });
	};
	const assertImageAt = async (link) =>
		await assertImage(await example.environment.servedBytes(link), { width: 1024, height: 1024 });
	const paid = async () => (await example.paidTasks()).map((task) => task.prompt);

	before(async () => {
		address = await publish();
	});

	it('lets nobody in without the token', async () => {
		await example.forgetTasks();
		await assert.rejects(connectToMcp(address, { token: 'wrong' }), /answered 40[13]/);
		assert.deepEqual(await paid(), []);
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
		assert.deepEqual(await paid(), []);
	});

	it('draws one image and answers with small JSON that has the link', async () => {
		const client = await connect();
		const { text, isError } = await client.callTool('Draw_an_Image', { prompt });
		assert.equal(isError, false, text);
		assert.ok(text.length < 1000, `${text.length} letters for the model`);
		assert.deepEqual(await paid(), [prompt]);
		const [task] = await example.paidTasks();
		const image = imageIn(text);
		assert.equal(image.task_id, task.id);
		await assertImageAt(image.image_url);
	});

	it('gives a link of this n8n, which opens without signing in, when asked to', async () => {
		const signing = await publish((copy) => {
			nodeOf(copy, 'Draw an Image').parameters.options.toolResult = 'n8nLink';
		});
		const client = await connect(signing);
		const { image_url: link } = imageIn((await client.callTool('Draw_an_Image', { prompt })).text);
		assert.ok(link.startsWith(`${example.environment.n8n.url}/rest/binary-data/signed?`), link);
		await assertImageAt(link);
		assert.equal((await paid()).length, 1);
	});

	it('tells the reason when an image failed, and pays once', async () => {
		const client = await connect();
		const { text } = await client.callTool('Draw_an_Image', { prompt: `${prompt} [fail]` });
		assert.match(text, /could not make the image/);
		assert.equal((await paid()).length, 1);
	});

	it('tells the task ID after a time-out, and gets the image with it, for nothing', async () => {
		const slow = await publish((copy) => {
			nodeOf(copy, 'Draw an Image').parameters.options.timeout = 1;
		});
		const client = await connect(slow);
		const drawn = await client.callTool('Draw_an_Image', { prompt: `${prompt} [slow]` });
		const [{ id }] = await example.paidTasks();
		assert.ok(drawn.text.includes(id), drawn.text);
		const early = await client.callTool('Get_an_Image', { task_id: id });
		assert.equal(imageIn(early.text).status, 'processing');
		await example.environment.finishTask(id);
		const { text } = await client.callTool('Get_an_Image', { task_id: id });
		await assertImageAt(imageIn(text).image_url);
		assert.equal((await paid()).length, 1);
	});
}

/** @param {string} text what the tool has answered */
function imageIn(text) {
	const [image, ...more] = JSON.parse(text);
	assert.deepEqual(more, []);
	return image;
}
