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

	const ask = async ({ url }: Server, taskId: unknown, apiKey?: string) =>
		await send(`${url}${poll.path}?${poll.parameter}=${String(taskId)}`, undefined, apiKey);

	const statusOf = (body: unknown) => fieldOf(body, poll.fields.status);
	const pending = (['queued', 'processing'] as const).map((status) =>
		statusOf(poll.answer({ status, taskId: '' })),
	);

	return {
		send,
		submit: async ({ url }: Server, body: unknown, apiKey?: string) =>
			await send(url + submit.path, body, apiKey),
		poll: ask,
		/** Asks until the task has ended; the body of the last answer. */
		async pollUntilEnded(server: Server, taskId: unknown): Promise<Reply['body']> {
			for (;;) {
				const { body } = await ask(server, taskId);
				if (!pending.includes(statusOf(body))) return body;
			}
		},
	};
}

/** The bytes behind a link. */
export async function downloadBytes(link: unknown): Promise<Buffer> {
	const response = await fetch(String(link));
	return Buffer.from(await response.arrayBuffer());
}
