import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { assertImage, bytesAt } from '../../shared/images.mjs';
import { answer, callTool, conversationOf, said, startChatModel } from '../chatModel/chatModel.mjs';
import { preview, press, startTelegram } from '../messenger/telegram.mjs';

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

	/**
	 * Says something in the chat; n8n goes on until it has asked for an approval.
	 *
	 * @param {string[]} prompts what the model wants to draw, in one turn
	 */
	const chat = async (...prompts) => {
		await example.service.reset();
		telegram.forget();
		const calls = prompts.map((each) => ({
			toolParameters: { prompt: each },
			hitlParameters: {},
		}));
		model.says(
			callTool(...calls),
			answer((answers) => answers.join('\n')),
		);
		const workflow = await example.import({
			...(await example.choosing(['OpenAI Chat Model'], 'openAiApi', model.credential)),
			...(await example.choosing(
				['Ask for Approval', 'Send the Answer'],
				'telegramApi',
				{ accessToken: '1:bot', baseUrl: telegram.url },
				{ parameters: { chatId } },
			)),
		});
		const executionId = await example.n8n.startManually(workflow, said('A postcard!'));
		await example.n8n.untilAsleep(executionId);
		const end = async () => {
			const execution = await example.n8n.endOf(executionId, { timeout: 60_000 });
			assert.equal(execution.failure, undefined);
			/** @type {{ output: string }} */
			const { output } = execution.items('AI Agent')[0].json;
			return output;
		};
		return { message: telegram.messages[0], end };
	};

	it('asks with the prompt, in letters that the messenger takes, and has paid nothing yet', async () => {
		const { message } = await chat('A *bold* [sketch] of snake_case');
		assert.equal(message.chat_id, chatId);
		assert.match(message.text, /costs money.\s+A {2}bold {3}sketch {2}of snake case$/);
		assert.equal(telegram.messages.length, 1);
		assert.deepEqual(await example.paidPrompts(), []);
	});

	it('sends the link with the answer when it is approved, and orders no second image when the approval is opened again', async () => {
		const { message, end } = await chat(prompt);
		await press(message, approve);
		const [{ image_url: link }] = JSON.parse(await end());
		const sent = telegram.messages[1];
		assert.equal(sent.chat_id, chatId);
		assert.ok(sent.text.includes(link.replaceAll('&', '&amp;')));
		await assertImage(await bytesAt(link), 1024);
		await press(message, approve);
		await end();
		assert.deepEqual(await example.paidPrompts(), [prompt]);
	});

	it('takes no preview of the link for an approval, orders nothing when it is declined, and tells the model so', async () => {
		const { message, end } = await chat(prompt);
		await preview(message, approve);
		await press(message, decline);
		assert.match(await end(), /rejected the tool call/);
		assert.deepEqual(await example.paidPrompts(), []);
		assert.equal(conversationOf(model.requests[1]).toolAnswers.length, 1);
	});

	it('orders one image for one approval when the model wants two in one round', async () => {
		const { message, end } = await chat('A red kite', 'A blue kite');
		assert.match(message.text, /A red kite/);
		await press(message, approve);
		await end();
		assert.deepEqual(await example.paidPrompts(), ['A red kite']);
		// The question and the answer.
		assert.equal(telegram.messages.length, 2);
	});
}
