import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { answer, callTool, conversationOf, startChatModel } from '../chatModel/chatModel.mjs';
import { nodeOf } from '../example.mjs';
import { assertImage } from '../imageAssertions.mjs';
import { preview, press, startTelegram } from '../messenger/telegram.mjs';
import { untilAsleep } from '../production.mjs';

const chatId = '4711';
const prompt = 'A village of glass domes on the moon';
const approve = /Approve/;
const decline = /Decline/;

/** @param {import('../example.mjs').Example} example */
export function testExample(example) {
	/** @type {Awaited<ReturnType<typeof startChatModel>>} */
	let model;
	/** @type {Awaited<ReturnType<typeof startTelegram>>} */
	let telegram;
	before(async () => {
		model = await startChatModel();
		telegram = await startTelegram();
	});
	after(async () => {
		await model.close();
		await telegram.close();
	});

	/** Says something in the chat; n8n goes on until it has asked for an approval. */
	const chat = async (prompts) => {
		await example.forgetTasks();
		telegram.forget();
		model.says(
			callTool(
				...prompts.map((each) => ({ toolParameters: { prompt: each }, hitlParameters: {} })),
			),
			answer((answers) => answers.join('\n')),
		);
		const { n8n } = example.environment;
		const openAi = await n8n.putCredential({
			name: 'OpenAI account',
			type: 'openAiApi',
			data: { apiKey: 'chat-model-key', url: model.url, header: false },
		});
		const bot = await n8n.putCredential({
			name: 'Telegram account',
			type: 'telegramApi',
			data: { accessToken: '1:bot', baseUrl: telegram.url },
		});
		const workflow = await example.import((copy) => {
			nodeOf(copy, 'OpenAI Chat Model').credentials = { openAiApi: reference(openAi) };
			for (const name of ['Ask for Approval', 'Send the Answer']) {
				const node = nodeOf(copy, name);
				node.credentials = { telegramApi: reference(bot) };
				node.parameters.chatId = chatId;
			}
		});
		const executionId = await n8n.startManually(workflow, [
			{ json: { sessionId: 'e2e', action: 'sendMessage', chatInput: 'A postcard!' } },
		]);
		await untilAsleep(example.environment, executionId);
		return { executionId, message: telegram.messages[0] };
	};
	const endOf = async (executionId) => {
		const execution = await example.environment.n8n.endOf(executionId, { timeout: 60_000 });
		assert.equal(execution.failure, undefined);
		return execution.items('AI Agent')[0].json.output;
	};
	const paid = async () => (await example.paidTasks()).map((task) => task.prompt);

	it('asks with the prompt, in letters that the messenger takes, and has paid nothing yet', async () => {
		const { message } = await chat(['A *bold* [sketch] of snake_case']);
		assert.equal(message.chat_id, chatId);
		assert.match(message.text, /costs money.\s+A {2}bold {3}sketch {2}of snake case$/);
		assert.equal(telegram.messages.length, 1);
		assert.deepEqual(await paid(), []);
	});

	it('orders one image when it is approved, and sends the link with the answer', async () => {
		const { executionId, message } = await chat([prompt]);
		assert.deepEqual(await paid(), []);
		await press(message, approve);
		const said = await endOf(executionId);
		assert.deepEqual(await paid(), [prompt]);
		const [{ image_url: link }] = JSON.parse(said);
		assert.equal(telegram.messages.at(-1).chat_id, chatId);
		assert.ok(telegram.messages.at(-1).text.includes(link.replaceAll('&', '&amp;')));
		await assertImage(await example.environment.servedBytes(link), { width: 1024, height: 1024 });
	});

	it('orders nothing when it is declined, and tells the model so', async () => {
		const { executionId, message } = await chat([prompt]);
		await press(message, decline);
		assert.match(await endOf(executionId), /rejected the tool call/);
		assert.deepEqual(await paid(), []);
		assert.equal(conversationOf(model.requests[1]).toolAnswers.length, 1);
	});

	it('orders no second image when the link of an approval is opened again', async () => {
		const { executionId, message } = await chat([prompt]);
		await press(message, approve);
		await endOf(executionId);
		await press(message, approve);
		assert.equal((await example.environment.n8n.execution(executionId)).status, 'success');
		assert.deepEqual(await paid(), [prompt]);
	});

	it('takes no preview of the link for an approval', async () => {
		const { executionId, message } = await chat([prompt]);
		await preview(message, approve);
		await press(message, decline);
		await endOf(executionId);
		assert.deepEqual(await paid(), []);
	});

	it('orders one image for one approval when the model wants two in one round', async () => {
		const { executionId, message } = await chat(['A red kite', 'A blue kite']);
		assert.match(message.text, /A red kite/);
		await press(message, approve);
		await endOf(executionId);
		assert.deepEqual(await paid(), ['A red kite']);
		// The question and the answer.
		assert.equal(telegram.messages.length, 2);
	});
}

/** @param {{ id: string, name: string }} credential */
const reference = ({ id, name }) => ({ id, name });
