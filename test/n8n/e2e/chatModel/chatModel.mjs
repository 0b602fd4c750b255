import fastify from 'fastify';
import { randomUUID } from 'node:crypto';
import { freePort, host } from '../../../../scripts/lib/ports.mjs';

/**
 * A turn of the model: from the conversation so far to what it says next.
 *
 * @typedef {(conversation: Conversation) => AssistantMessage} Turn
 *
 * @typedef {object} Conversation
 * @property {Array<{ role: string, content: any, tool_call_id?: string }>} messages
 * @property {string[]} toolNames of the tools it may call
 * @property {string[]} toolAnswers what tool calls have given so far, in their order
 *
 * @typedef {{ role: 'assistant', content: string | null, tool_calls?: object[] }} AssistantMessage
 */

/**
 * Starts a stand-in for a chat model: an HTTP server that speaks OpenAI's chat completions and says
 * what a test has written down. It does not stream.
 *
 * @see https://platform.openai.com/docs/api-reference/chat/create
 */
export async function startChatModel() {
	const server = fastify({ bodyLimit: 64 * 1024 * 1024 });
	/** @type {Turn[]} */
	let turns = [];
	/** @type {any[]} */
	let requests = [];

	server.post('/v1/chat/completions', async (request, reply) => {
		const body = /** @type {any} */ (request.body);
		requests.push(body);
		if (body.stream) return await refuse(reply, 'This model does not stream.');
		const turn = turns.shift();
		if (!turn) return await refuse(reply, 'The test has written down no further turn.');
		const message = turn(conversationOf(body));
		return {
			id: `chatcmpl-${randomUUID()}`,
			object: 'chat.completion',
			created: Math.floor(Date.now() / 1000),
			model: body.model,
			choices: [{ index: 0, message, finish_reason: message.tool_calls ? 'tool_calls' : 'stop' }],
			usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
		};
	});

	const url = await server.listen({ host, port: await freePort() });
	return {
		/** The data of n8n's credential. */
		credential: { apiKey: 'chat-model-key', url: `${url}/v1`, header: false },
		/** The bodies of the requests since the last {@link says}. */
		get requests() {
			return requests;
		},
		/** @param {...Turn} next what the model says from now on, one turn a request */
		says(...next) {
			turns = next;
			requests = [];
		},
		close: async () => await server.close(),
	};
}

/**
 * @param {...Record<string, unknown>} calls the arguments of each call, all in one turn
 * @returns {Turn} calls the only tool
 */
export function callTool(...calls) {
	return ({ toolNames }) => ({
		role: 'assistant',
		content: null,
		tool_calls: calls.map((parameters) => ({
			id: `call_${randomUUID().replaceAll('-', '')}`,
			type: 'function',
			function: { name: toolNames[0], arguments: JSON.stringify(parameters) },
		})),
	});
}

/**
 * @param {(toolAnswers: string[]) => string} write
 * @returns {Turn} says something about what the tool has answered
 */
export function answer(write) {
	return ({ toolAnswers }) => ({ role: 'assistant', content: write(toolAnswers) });
}

/**
 * @param {{ messages: Conversation['messages'], tools?: Array<{ function: { name: string } }> }} request
 * @returns {Conversation}
 */
export function conversationOf({ messages, tools = [] }) {
	return {
		messages,
		toolNames: tools.map((tool) => tool.function.name),
		toolAnswers: messages.filter(({ role }) => role === 'tool').map(({ content }) => content),
	};
}

/**
 * @param {string} text
 * @returns what the chat trigger gives for it
 */
export const said = (text) => [
	{ json: { sessionId: 'e2e', action: 'sendMessage', chatInput: text } },
];

/**
 * Not a status that clients try again.
 *
 * @param {import('fastify').FastifyReply} reply
 * @param {string} message
 */
async function refuse(reply, message) {
	return await reply.code(400).send({ error: { message, type: 'invalid_request_error' } });
}
