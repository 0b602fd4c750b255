import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { waitUntil } from '../../../../scripts/lib/wait-until.mjs';
import { answer, callTool, conversationOf, startChatModel } from '../chatModel/chatModel.mjs';
import { nodeOf } from '../example.mjs';
import { assertImage } from '../imageAssertions.mjs';

/** @param {import('../example.mjs').Example} example */
export function testExample(example) {
	/** @type {Awaited<ReturnType<typeof startChatModel>>} */
	let model;
	before(async () => {
		model = await startChatModel();
	});
	after(async () => await model.close());

	/** Says something in the chat; the model goes on as written down. */
	const chat = async (message, ...turns) => await chatWith(() => {}, message, ...turns);
	const chatWith = async (change, message, ...turns) => {
		await example.forgetTasks();
		model.says(...turns);
		const { id, name } = await example.environment.n8n.putCredential({
			name: 'OpenAI account',
			type: 'openAiApi',
			data: { apiKey: 'chat-model-key', url: model.url, header: false },
		});
		const execution = await example.run({
			change: (workflow) => {
				nodeOf(workflow, 'OpenAI Chat Model').credentials = { openAiApi: { id, name } };
				change(workflow);
			},
			triggerItems: [{ json: { sessionId: 'e2e', action: 'sendMessage', chatInput: message } }],
		});
		return { execution, tasks: await example.paidTasks() };
	};
	const finalAnswer = (execution) => {
		assert.equal(execution.failure, undefined);
		return execution.items('AI Agent')[0].json.output;
	};

	it('offers the model one tool with a prompt to fill in', async () => {
		const { execution, tasks } = await chat(
			'Hello!',
			answer(() => 'What shall I draw?'),
		);
		assert.equal(finalAnswer(execution), 'What shall I draw?');
		const [{ tools, messages }] = model.requests;
		assert.equal(tools.length, 1);
		assert.deepEqual(Object.keys(tools[0].function.parameters.properties), ['prompt']);
		assert.deepEqual(tools[0].function.parameters.required, ['prompt']);
		assert.match(tools[0].function.description, /costs money/);
		assert.equal(messages.at(-1).content, 'Hello!');
		assert.equal(tasks.length, 0);
	});

	it('draws what the model asks for, once, and gives it small JSON with the link', async () => {
		const prompt = 'A village of glass domes on the moon, vintage postcard, long shadows';
		const { execution, tasks } = await chat(
			'A postcard from the moon!',
			callTool({ prompt }),
			answer(([json]) => `![The village](${imageIn(json).image_url})`),
		);
		const said = finalAnswer(execution);
		assert.deepEqual(
			tasks.map((task) => task.prompt),
			[prompt],
		);

		assert.equal(model.requests.length, 2);
		const [text] = conversationOf(model.requests[1]).toolAnswers;
		const image = imageIn(text);
		assert.deepEqual(Object.keys(image).sort(), [
			'image_type',
			'image_url',
			'image_url_expires_at',
			'nsfw',
			'seed',
			'status',
			'task_id',
		]);
		assert.equal(image.task_id, tasks[0].id);
		assert.ok(text.length < 1000, `${text.length} letters for the model`);
		assert.doesNotMatch(JSON.stringify(model.requests), /base64|binary|filesystem/i);

		assert.ok(said.includes(image.image_url));
		await assertImage(await example.environment.servedBytes(image.image_url), {
			width: 1024,
			height: 1024,
		});
	});

	it('gives the model a link of this n8n, which opens without signing in, when asked to', async () => {
		const { execution, tasks } = await chatWith(
			(workflow) => {
				nodeOf(workflow, 'Draw an Image').parameters.options = { toolResult: 'n8nLink' };
			},
			'A postcard from the moon!',
			callTool({ prompt: 'A village on the moon' }),
			answer(([json]) => imageIn(json).image_url),
		);
		const link = finalAnswer(execution);
		const { n8n } = example.environment;
		assert.ok(link.startsWith(`${n8n.url}/rest/binary-data/signed?token=`), link);
		assert.equal(tasks.length, 1);

		const [text] = conversationOf(model.requests[1]).toolAnswers;
		const { image_url_expires_at: end } = imageIn(text);
		const days = (Date.parse(end) - Date.now()) / 86_400_000;
		assert.ok(days > 6.9 && days <= 7, end);
		assert.doesNotMatch(JSON.stringify(model.requests), /base64|filesystem/i);

		await assertImage(await example.environment.servedBytes(link), { width: 1024, height: 1024 });
		// Stored with the execution, and so gone with it.
		await n8n.rest('/executions/delete', { method: 'POST', body: { ids: [execution.id] } });
		await waitUntil(async () => !(await fetch(link)).ok, {
			timeout: 30_000,
			onTimeout: () => new Error('The image is still there after its execution was deleted.'),
		});
	});

	it('tells the model why an image failed, and neither breaks nor pays again', async () => {
		const { execution, tasks } = await chat(
			'A postcard from the moon!',
			callTool({ prompt: 'A village on the moon [fail]' }),
			answer(([reason]) => `That did not work: ${reason}`),
		);
		assert.match(finalAnswer(execution), /could not make the image/);
		assert.equal(tasks.length, 1);
		const [reason] = conversationOf(model.requests[1]).toolAnswers;
		assert.ok(reason.length < 1000, `${reason.length} letters for the model`);
		assert.doesNotMatch(reason, /\n\s+at |e2e-key/);
	});

	it('tells the model that its prompt was empty, for nothing', async () => {
		const { execution, tasks } = await chat(
			'Draw!',
			callTool({ prompt: '' }),
			answer(([reason]) => reason),
		);
		assert.match(finalAnswer(execution), /'Prompt' is empty/);
		assert.equal(tasks.length, 0);
	});

	for (const [title, prompts] of [
		['two images', ['A red kite over dunes', 'A blue kite over dunes']],
		['the same image twice', ['A red kite over dunes', 'A red kite over dunes']],
	]) {
		it(`pays exactly two when the model asks for ${title} in one turn`, async () => {
			const { execution, tasks } = await chat(
				'Two kites!',
				callTool(...prompts.map((prompt) => ({ prompt }))),
				answer((all) => all.map((json) => imageIn(json).image_url).join('\n')),
			);
			const links = finalAnswer(execution).split('\n');
			assert.deepEqual(
				tasks.map((task) => task.prompt),
				prompts,
			);
			const images = conversationOf(model.requests[1]).toolAnswers.map(imageIn);
			// Each call got the image of its own prompt.
			assert.deepEqual(
				images.map(({ task_id: taskId }) => tasks.find(({ id }) => id === taskId).prompt),
				prompts,
			);
			assert.equal(new Set(links).size, 2);
			assert.deepEqual(
				links,
				images.map(({ image_url: link }) => link),
			);
		});
	}
}

/** @param {string} text what the tool has answered */
function imageIn(text) {
	const [image, ...more] = JSON.parse(text);
	assert.deepEqual(more, []);
	return image;
}
