/** The protocol's version that the tests speak. */
const protocolVersion = '2025-06-18';

/**
 * Connects to an MCP server by Streamable HTTP.
 *
 * @param {string} url
 * @param {{ token: string }} options
 * @see https://modelcontextprotocol.io/specification/2025-06-18/basic/transports
 */
export async function connectToMcp(url, { token }) {
	/** @type {string | null | undefined} */
	let session;
	let lastId = 0;

	const post = async (/** @type {object} */ message) => {
		const response = await fetch(url, {
			method: 'POST',
			headers: {
				authorization: `Bearer ${token}`,
				'content-type': 'application/json',
				accept: 'application/json, text/event-stream',
				...(session && { 'mcp-session-id': session, 'mcp-protocol-version': protocolVersion }),
			},
			body: JSON.stringify({ jsonrpc: '2.0', ...message }),
		});
		const text = await response.text();
		if (!response.ok) throw new Error(`The MCP server answered ${response.status}: ${text}`);
		session ??= response.headers.get('mcp-session-id');
		return text;
	};
	const ask = async (/** @type {string} */ method, /** @type {object} */ params) => {
		const id = ++lastId;
		const text = await post({ id, method, params });
		const answer = messagesIn(text).find((message) => message.id === id);
		if (!answer) throw new Error(`No answer to ${method} in: ${text}`);
		if (answer.error) throw new Error(`${method} failed: ${answer.error.message}`);
		return answer.result;
	};

	const server = await ask('initialize', {
		protocolVersion,
		capabilities: {},
		clientInfo: { name: 'e2e', version: '1.0.0' },
	});
	await post({ method: 'notifications/initialized' });
	return {
		/** What the server tells the model about itself. */
		instructions: server.instructions,
		/** @returns {Promise<Array<{ name: string, description: string, inputSchema: { required: string[] } }>>} */
		listTools: async () => (await ask('tools/list', {})).tools,
		/**
		 * @param {string} name
		 * @param {Record<string, unknown>} parameters
		 * @returns {Promise<{ text: string, isError: boolean }>}
		 */
		async callTool(name, parameters) {
			const { content, isError = false } = await ask('tools/call', { name, arguments: parameters });
			return {
				text: content.map((/** @type {{ text: string }} */ { text }) => text).join('\n'),
				isError,
			};
		},
	};
}

/** @param {string} text JSON, or events with JSON in their data */
function messagesIn(text) {
	if (text.startsWith('{')) return [JSON.parse(text)];
	return [...text.matchAll(/^data: (.+)$/gm)].map(([, data]) => JSON.parse(data));
}
