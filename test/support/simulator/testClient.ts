import { fieldOf, type TestedService } from '../services';

/** What the simulator answered. */
export interface Reply {
	status: number;
	headers: Headers;
	body: ReturnType<typeof JSON.parse>;
}

/** A simulator, or a path of it. */
type Server = { url: string };

const KEY = 'simulator-key';

/** The calls that the simulator's own tests make in a service's dialect, over plain `fetch`. */
export function clientOf({ key, submit, poll }: TestedService) {
	/** Posts the body, if there is one. A text goes as it is. No key: no header. */
	async function send(url: string, body?: unknown, apiKey = KEY): Promise<Reply> {
		const response = await fetch(url, {
			method: body === undefined ? 'GET' : 'POST',
			headers: {
				...(apiKey && { [key.header]: key.value(apiKey) }),
				'content-type': 'application/json',
			},
			body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
		});
		return { status: response.status, headers: response.headers, body: await response.json() };
	}

	/** Asks by the first of the requests, or the one of this index. */
	const ask = async ({ url }: Server, taskId: unknown, apiKey?: string, index = 0) => {
		const { path, query } = poll.requests(String(taskId)).at(index)!;
		return await send(`${url}${path}?${new URLSearchParams(query)}`, undefined, apiKey);
	};

	const statusOf = (body: unknown) => fieldOf(body, poll.fields.status);
	const pending = (['queued', 'processing'] as const).map((status) =>
		statusOf((poll.standing ?? poll.answer)({ status, taskId: '' })),
	);

	return {
		send,
		submit: async ({ url }: Server, body: unknown, apiKey?: string) =>
			await send(url + submit.address({ prompt: '' }).path, body, apiKey),
		poll: ask,
		/** Asks what came of a task. */
		result: async (server: Server, taskId: unknown) => await ask(server, taskId, undefined, -1),
		/** Asks until the task has ended; what came of it. */
		async pollUntilEnded(server: Server, taskId: unknown): Promise<Reply['body']> {
			for (;;) {
				const { body } = await ask(server, taskId);
				if (!pending.includes(statusOf(body))) {
					return (await ask(server, taskId, undefined, -1)).body;
				}
			}
		},
	};
}

/** The bytes behind a link. */
export async function downloadBytes(link: unknown): Promise<Buffer> {
	const response = await fetch(String(link));
	return Buffer.from(await response.arrayBuffer());
}
