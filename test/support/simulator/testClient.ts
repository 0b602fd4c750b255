/** The few calls the simulator's own tests make, over plain `fetch`. */
export interface Reply {
	status: number;
	headers: Headers;
	body: ReturnType<typeof JSON.parse>;
}

type Server = { url: string };

const KEY = 'Bearer simulator-key';

/** Sends a body to the submit route. */
export async function submit(server: Server, body: unknown, authorization = KEY): Promise<Reply> {
	const response = await fetch(`${server.url}/v3/async/flux-2-flex`, {
		method: 'POST',
		headers: { authorization, 'content-type': 'application/json' },
		body: JSON.stringify(body),
	});
	return { status: response.status, headers: response.headers, body: await response.json() };
}

/** Asks for the task's result once. */
export async function poll(server: Server, taskId: string): Promise<Reply> {
	const response = await fetch(`${server.url}/v3/async/task-result?task_id=${taskId}`, {
		headers: { authorization: KEY },
	});
	return { status: response.status, headers: response.headers, body: await response.json() };
}

/** Asks until the task has ended; the body of the last answer. */
export async function pollUntilEnded(server: Server, taskId: string): Promise<Reply['body']> {
	for (;;) {
		const { body } = await poll(server, taskId);
		if (!/QUEUED|PROCESSING/.test(body.task.status)) return body;
	}
}

/** The bytes behind a link. */
export async function downloadBytes(link: string | undefined): Promise<Buffer> {
	const response = await fetch(link ?? '');
	return Buffer.from(await response.arrayBuffer());
}
