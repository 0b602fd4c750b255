import fastify from 'fastify';
import { freePort, host } from '../../../../scripts/lib/ports.mjs';

/** What a browser says it is: n8n takes a call without it for a preview, which must not decide. */
const browser = 'Mozilla/5.0 (X11; Linux x64; rv:140.0) Gecko/20100101 Firefox/140.0';

/**
 * @typedef {object} Message
 * @property {string} chat_id
 * @property {string} text
 * @property {{ inline_keyboard: Array<Array<{ text: string, url: string }>> }} [reply_markup]
 */

/**
 * Starts a stand-in for Telegram's Bot API, which keeps the messages that a bot sends.
 *
 * @see https://core.telegram.org/bots/api#sendmessage
 */
export async function startTelegram() {
	const server = fastify();
	/** @type {Message[]} */
	let messages = [];

	server.post('/bot:token/sendMessage', async (request) => {
		messages.push(/** @type {Message} */ (request.body));
		return { ok: true, result: { message_id: messages.length } };
	});

	const url = await server.listen({ host, port: await freePort() });
	return {
		/** The base URL for n8n's credential. */
		url,
		/** @returns {Message[]} those since {@link forget} */
		get messages() {
			return messages;
		},
		forget() {
			messages = [];
		},
		close: async () => await server.close(),
	};
}

/**
 * What a person does who opens the link of a button.
 *
 * @param {Message} message
 * @param {RegExp} label
 */
export async function press(message, label) {
	const response = await open(message, label, browser);
	if (!response.ok) throw new Error(`n8n answered ${response.status}: ${await response.text()}`);
}

/**
 * What a messenger does that looks at each link of a message.
 *
 * @param {Message} message
 * @param {RegExp} label
 */
export async function preview(message, label) {
	await open(message, label, 'TelegramBot (like TwitterBot)');
}

/**
 * @param {Message} message
 * @param {RegExp} label
 * @param {string} userAgent
 */
async function open({ reply_markup: markup }, label, userAgent) {
	const rows = markup?.inline_keyboard ?? [];
	const button = rows.flat().find(({ text }) => label.test(text));
	if (!button) throw new Error(`No button of ${JSON.stringify(rows)} matches ${label}.`);
	return await fetch(button.url, { headers: { 'user-agent': userAgent } });
}
