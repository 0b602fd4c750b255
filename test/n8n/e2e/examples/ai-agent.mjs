import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { assertImage, bytesAt } from '../../shared/images.mjs';
import { apiKey } from '../../shared/service.mjs';
import { until } from '../../shared/until.mjs';
import { answer, callTool, conversationOf, said, startChatModel } from '../chatModel/chatModel.mjs';
import { imageIn } from '../example.mjs';

/** @param {import('../example.mjs').Example} example */
export function testExample(example) {
	/** @type {Awaited<ReturnType<typeof startChatModel>>} */
	let model;
	before(async () => {
		model = await startChatModel();
	});
	after(async () => await model.close());

	/**
	 * Says something in the chat; the model goes on as written down.
	 *
	 * @param {import('../chatModel/chatModel.mjs').Turn[]} turns
	 * @param {import('../example.mjs').Changes} [changes]
	 * @param {unknown} [fault] of the service
	 */
	const chat = async (turns, changes, fault) => {
		model.says(...turns);
		const chosen = await example.choosing(['OpenAI Chat Model'], 'openAiApi', model.credential);
		const execution = await example.run({ ...chosen, ...changes }, said('A postcard!'), fault);
		assert.equal(execution.failure, undefined);
		/** @type {{ output: string }} */
		const { output } = execution.items('AI Agent')[0].json;
		const [, again] = model.requests;
		const tasks = await example.service.paid();
		return { execution, output, tasks, told: again ? conversationOf(again).toolAnswers : [] };
	};

	it('offers the model one tool with a prompt to fill in', async () => {
		const { output, tasks } = await chat([answer(() => 'What shall I draw?')]);
		assert.equal(output, 'What shall I draw?');
		const [{ tools, messages }] = model.requests;
		assert.equal(tools.length, 1);
		assert.deepEqual(Object.keys(tools[0].function.parameters.properties), ['prompt']);
		assert.deepEqual(tools[0].function.parameters.required, ['prompt']);
		assert.match(tools[0].function.description, /costs money/);
		assert.equal(messages.at(-1).content, 'A postcard!');
		assert.equal(tasks.length, 0);
	});

	it('draws what the model asks for, once, and gives it small JSON with the link', async () => {
		const prompt = 'A village of glass domes on the moon, vintage postcard, long shadows';
		const { output, tasks, told } = await chat([
			callTool({ prompt }),
			answer(([json]) => `![The village](${imageIn(json).image_url})`),
		]);
		assert.deepEqual(
			tasks.map((task) => task.prompt),
			[prompt],
		);
		assert.equal(model.requests.length, 2);
		const image = imageIn(told[0]);
		assert.equal(image.task_id, tasks[0].id);
		assert.ok(told[0].length < 1000, `${told[0].length} letters for the model`);
		assert.doesNotMatch(JSON.stringify(model.requests), /base64|binary|filesystem/i);
		assert.ok(output.includes(image.image_url));
		await assertImage(await bytesAt(image.image_url), 1024);
	});

	it('gives the model a link of this n8n, which opens without signing in, when asked to', async () => {
		const options = { toolResult: 'n8nLink' };
		const { execution, output, tasks, told } = await chat(
			[callTool({ prompt: 'A village on the moon' }), answer(([json]) => imageIn(json).image_url)],
			{ 'Draw an Image': { parameters: { options } } },
		);
		const { n8n } = example;
		assert.ok(output.startsWith(`${n8n.url}/rest/binary-data/signed?token=`), output);
		assert.equal(tasks.length, 1);
		const { image_url_expires_at: end } = imageIn(told[0]);
		const days = (Date.parse(end) - Date.now()) / 86_400_000;
		assert.ok(days > 6.9 && days <= 7, end);
		assert.doesNotMatch(JSON.stringify(model.requests), /base64|filesystem/i);

		await assertImage(await bytesAt(output), 1024);
		// Stored with the execution, and so gone with it.
		await n8n.rest('/executions/delete', { method: 'POST', body: { ids: [execution.id] } });
		await until(async () => !(await fetch(output)).ok, 'the image is deleted with its execution');
	});

	it('picks the paid image up when the model calls again after a failed download', async () => {
		const fault = { call: 'download', times: 4, fault: { kind: 'status', status: 503 } };
		const call = callTool({ prompt: 'A village on the moon' });
		const { output, tasks } = await chat(
			[call, call, answer(([reason, json]) => `${reason}\n${imageIn(json).task_id}`)],
			{ 'Draw an Image': { parameters: { options: { toolResult: 'n8nLink' } } } },
			fault,
		);
		const [reason, taskId] = output.split('\n');
		assert.match(reason, /could not be downloaded .*'Get Task Result'/);
		assert.deepEqual(
			tasks.map(({ id }) => id),
			[taskId],
		);
	});

	it('tells the model why an image failed, and neither breaks nor pays again', async () => {
		const { output, tasks, told } = await chat([
			callTool({ prompt: 'A village on the moon [fail]' }),
			answer(([reason]) => `That did not work: ${reason}`),
		]);
		assert.match(output, /could not make the image/);
		assert.equal(tasks.length, 1);
		assert.ok(told[0].length < 1000, `${told[0].length} letters for the model`);
		assert.doesNotMatch(told[0], /\n\s+at /);
		assert.ok(!told[0].includes(apiKey));
	});

	for (const [title, prompts] of /** @type {Array<[string, string[]]>} */ ([
		['two images', ['A red kite over dunes', 'A blue kite over dunes']],
		['the same image twice', ['A red kite over dunes', 'A red kite over dunes']],
	])) {
		it(`pays exactly two when the model asks for ${title} in one turn`, async () => {
			const { tasks, told } = await chat([
				callTool(...prompts.map((prompt) => ({ prompt }))),
				answer((all) => all.join('\n')),
			]);
			const images = told.map(imageIn);
			assert.equal(tasks.length, 2);
			// Each call got the image of its own prompt.
			assert.deepEqual(
				images.map(({ task_id: taskId }) => tasks.find(({ id }) => id === taskId)?.prompt),
				prompts,
			);
			assert.equal(new Set(images.map(({ image_url: link }) => link)).size, 2);
		});
	}
}
