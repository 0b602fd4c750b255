import { falAi } from '../../nodes/Flux2Flex/services/falAi';
import type { FollowUp, GenerationInput } from '../../nodes/Flux2Flex/services/service';
import type { TaskReference } from '../../nodes/Flux2Flex/services/task';
import { reportOf } from './reportOf';

const plain: GenerationInput = { prompt: 'a cat', seed: -1, images: [], ownOptions: {} };

/** As it goes over the line: what is undefined is not there. */
const requestOf = (input: Partial<GenerationInput>) =>
	JSON.parse(JSON.stringify(falAi.submitRequest({ ...plain, ...input }))) as object;

const answer = (body: unknown, status = 200) => ({ status, headers: {}, body });

const LINKS = {
	status_url: 'https://queue.fal.run/fal-ai/flux-2-flex/requests/abc/status',
	response_url: 'https://queue.fal.run/fal-ai/flux-2-flex/requests/abc',
	cancel_url: 'https://queue.fal.run/fal-ai/flux-2-flex/requests/abc/cancel',
};

test('fal.ai gets its key in its own way', () => {
	expect(falAi.authenticate('k-1')).toEqual({ Authorization: 'Key k-1' });
});

describe('a submit to fal.ai', () => {
	test('has nothing in it that the user did not set, and is done once', () => {
		expect(requestOf({})).toEqual({
			method: 'POST',
			path: '/fal-ai/flux-2-flex',
			headers: { 'X-Fal-No-Retry': '1' },
			body: { prompt: 'a cat' },
		});
	});

	test('has every field under its name there', () => {
		const ownOptions = { guidance: 2.5, outputFormat: 'png', safetyTolerance: 4, steps: 10 };
		const size = { width: 1024, height: 768 };
		expect(requestOf({ seed: 0, size, ownOptions })).toMatchObject({
			body: {
				prompt: 'a cat',
				image_size: size,
				seed: 0,
				guidance_scale: 2.5,
				num_inference_steps: 10,
				output_format: 'png',
				safety_tolerance: '4',
			},
		});
	});

	test('goes another way with reference images', () => {
		const images = ['https://example.com/a.png', 'data:image/png;base64,AAAA'];
		expect(requestOf({ images })).toMatchObject({
			path: '/fal-ai/flux-2-flex/edit',
			body: { image_urls: images },
		});
	});

	test('names the webhook in its address', () => {
		const webhookUrl = 'https://n8n.example.com/webhook/1?row=2';
		expect(requestOf({ webhookUrl })).toMatchObject({ query: { fal_webhook: webhookUrl } });
	});
});

describe('the reply of fal.ai to a submit', () => {
	test('names the task and its links', () => {
		const reply = { request_id: 'abc', ...LINKS, queue_position: 0, status: 'IN_QUEUE' };
		expect(falAi.readReceipt(answer(reply))).toEqual({ taskId: 'abc', links: LINKS, charges: {} });
	});

	test('names the task all the same without links that are links', () => {
		const reply = { request_id: 'abc', status_url: 7, response_url: 'javascript:x' };
		expect(falAi.readReceipt(answer(reply))).toStrictEqual({
			taskId: 'abc',
			links: {},
			charges: {},
		});
	});

	test.each([{}, { request_id: '' }, { request_id: {} }, [], 'text', null])(
		'names no task if it is %p',
		(body) => expect(falAi.readReceipt(answer(body))).toBeUndefined(),
	);

	test('names no task if it is an HTTP error', () => {
		expect(falAi.readReceipt(answer({ request_id: 'abc' }, 500))).toBeUndefined();
	});
});

describe('a task of fal.ai', () => {
	test('is asked for by its link, or else by its id', () => {
		expect(falAi.taskRequest({ taskId: 'a/b', links: LINKS })).toEqual({
			method: 'GET',
			url: LINKS.status_url,
			path: '/fal-ai/flux-2-flex/requests/a%2Fb/status',
		});
		expect(falAi.taskRequest({ taskId: 'abc' }).url).toBeUndefined();
	});

	test.each<[string, TaskReference | undefined]>([
		[LINKS.status_url, { taskId: 'abc', links: { status_url: LINKS.status_url } }],
		[LINKS.response_url, { taskId: 'abc', links: { response_url: LINKS.response_url } }],
		[`${LINKS.response_url}/response`, { taskId: 'abc' }],
		[LINKS.cancel_url, undefined],
		['https://queue.fal.run/fal-ai/flux-2-flex', undefined],
	])('is known by the link %s', (link, task) => {
		if (task === undefined) expect(falAi.readTaskLink?.(link)).toBeUndefined();
		else expect(falAi.readTaskLink?.(link)).toMatchObject(task);
	});

	test.each([
		['IN_QUEUE', 202, 'queued'],
		['IN_PROGRESS', 202, 'processing'],
		['A_STATE_OF_TOMORROW', 202, 'processing'],
		['IN_PROGRESS', 200, 'processing'],
	])('that is %s, told with HTTP %i, is %s', (status, http, state) => {
		const body = { status, request_id: 'abc', queue_position: 2, logs: null };
		expect(reportOf(falAi, answer(body, http), 'abc')).toEqual({
			task: { status: state, taskId: 'abc' },
			answer: body,
		});
	});

	test.each([
		['of somebody else', { status: 'IN_QUEUE', request_id: 'xyz' }, 202],
		['without a status', { request_id: 'abc' }, 200],
		['as an HTTP error', { status: 'NOT_FOUND' }, 404],
		['as a list', [], 200],
	])('is not seen in an answer %s', (_, body, http) => {
		expect(falAi.readTask(answer(body, http), { taskId: 'abc' })).toBeUndefined();
	});

	test('that is completed leads to its result, by its link or else by its id', () => {
		const completed = answer({
			status: 'COMPLETED',
			request_id: 'abc',
			response_url: 'https://x.y',
		});
		const request = { method: 'GET', path: '/fal-ai/flux-2-flex/requests/abc' };
		expect(falAi.readTask(completed, { taskId: 'abc', links: LINKS })).toMatchObject({
			request: { ...request, url: LINKS.response_url },
		});
		expect(falAi.readTask(completed, { taskId: 'abc' })).toMatchObject({
			request: { ...request, url: undefined },
		});
	});

	test('that is completed with an error does not repeat what was sent', () => {
		const body = {
			status: 'COMPLETED',
			error: 'It broke',
			detail: [{ msg: 'x', input: 'secret' }],
		};
		expect(JSON.stringify(reportOf(falAi, answer(body), 'abc'))).not.toContain('secret');
	});

	test('that is completed with an error has failed', () => {
		const body = { status: 'COMPLETED', error: 'It broke', error_type: 'internal_error' };
		expect(reportOf(falAi, answer(body), 'abc')?.task).toEqual({
			status: 'failed',
			taskId: 'abc',
			reason: 'It broke',
			filtered: false,
		});
		const filtered = { ...body, error_type: 'content_policy_violation' };
		expect(reportOf(falAi, answer(filtered), 'abc')?.task).toMatchObject({ filtered: true });
	});
});

describe('the result of a task of fal.ai', () => {
	const resultOf = (body: unknown, status = 200) => {
		const completed = falAi.readTask(answer({ status: 'COMPLETED' }), { taskId: 'abc' });
		return (completed as FollowUp).readTask(answer(body, status));
	};
	const url = 'https://v3.fal.media/files/a/b.png';

	test('has the images, for good, and the seed', () => {
		const body = {
			images: [{ url, content_type: 'image/png', width: 8 }, { url }],
			seed: 42,
			has_nsfw_concepts: [false],
		};
		expect(resultOf(body)).toEqual({
			task: {
				status: 'succeeded',
				taskId: 'abc',
				seed: 42,
				images: [
					{ url, type: 'png', nsfw: false },
					{ url, type: undefined, nsfw: null },
				],
			},
			answer: body,
		});
	});

	test('with an image is handed on as it came, whatever is in it', () => {
		const body = { images: [{ url }], input: { prompt: 'a cat' } };
		expect(resultOf(body)?.answer).toBe(body);
	});

	test.each([
		[{ images: [{ url: '/x' }] }, '/x'],
		[{ images: ['x'] }, 'x'],
		[{ images: [{ url }, {}] }, {}],
	])('%j has no link that can be used, yet', (body, link) =>
		expect(resultOf(body)?.task).toEqual({ status: 'unusable', taskId: 'abc', link }),
	);

	test.each([[{}], [{ images: [] }], [{ images: null }]])('%j has no image', (body) => {
		expect(resultOf(body)?.task).toMatchObject({
			status: 'unusable',
			otherwise: { status: 'failed', filtered: true },
		});
	});

	test.each([[{ images: 'x' }], ['text'], [null]])('%j makes no sense', (body) => {
		expect(resultOf(body)).toBeUndefined();
	});

	const flagged = 'material flagged by a content checker';
	const violation = { loc: ['body', 'prompt'], msg: flagged, type: 'content_policy_violation' };
	test.each<[string, number, unknown, { reason: string; filtered: boolean }]>([
		[
			'a list',
			422,
			[{ ...violation, input: { prompt: 'secret' }, ctx: {} }, { msg: 'Sorry' }],
			{ reason: `prompt: ${flagged}; Sorry`, filtered: true },
		],
		[
			'an object',
			422,
			{ type: 'content_policy_violation', message: flagged, input: 'secret' },
			{ reason: flagged, filtered: true },
		],
		['a text', 422, 'It cannot be done', { reason: 'It cannot be done', filtered: false }],
		['another one', 400, 'It cannot be done', { reason: 'It cannot be done', filtered: false }],
		['of work in progress', 422, 'In progress', { reason: 'In progress', filtered: false }],
		[
			'typed, and a server error',
			504,
			[{ msg: 'Too slow', type: 'generation_timeout' }],
			{ reason: 'Too slow', filtered: false },
		],
		[
			'typed, under a status of the request',
			403,
			[{ msg: 'No', type: 'downstream_service_error' }],
			{ reason: 'No', filtered: false },
		],
	])('with a complaint that is %s is a failed task', (_, status, detail, failure) => {
		const report = resultOf({ detail }, status);
		expect(report?.task).toEqual({ status: 'failed', taskId: 'abc', ...failure });
		expect(report?.answer).toHaveProperty('detail');
		expect(JSON.stringify(report)).not.toContain('secret');
	});

	test.each([500, 502, 503, 504])('with a bare %i is a failed task, if it stays so', (status) => {
		expect(resultOf({ detail: 'Oh no', error_type: 'x' }, status)?.task).toMatchObject({
			status: 'unusable',
			otherwise: { status: 'failed', reason: 'Oh no' },
		});
	});

	test('with a complaint under a good status does not repeat what was sent', () => {
		const body = { detail: [{ msg: 'No', input: 'secret' }] };
		expect(JSON.stringify(resultOf(body))).not.toContain('secret');
	});

	test('that is not there yet is a task under way', () => {
		expect(resultOf({ detail: 'Request is still in progress' }, 400)?.task.status).toBe(
			'processing',
		);
	});

	test.each(['IN_QUEUE', 'IN_PROGRESS'])('in whose place stands %s is a task under way', (status) =>
		expect(resultOf({ status, request_id: 'abc' }, 202)?.task.status).toBe('processing'),
	);

	test.each(['COMPLETED', 'NOT_FOUND'])('in whose place stands %s says nothing', (status) =>
		expect(resultOf({ status })).toBeUndefined(),
	);

	test.each([401, 402, 403, 404, 405, 408, 429])(
		'refused with %i says nothing about the task',
		(status) => expect(resultOf({ detail: 'No' }, status)).toBeUndefined(),
	);
});

describe('an answer is of fal.ai itself', () => {
	test.each<[unknown, number]>([
		[{ status: 'IN_QUEUE' }, 202],
		[{ status: 'NOT_FOUND' }, 404],
		[{ request_id: 'abc' }, 200],
		[{ images: [] }, 200],
		[{ detail: 'invalid key credentials' }, 401],
		[{ detail: [] }, 422],
		[{ detail: { type: 'x' } }, 422],
	])('if it is %j with status %i', (body, status) =>
		expect(falAi.isOwnAnswer(answer(body, status))).toBe(true),
	);

	test.each<[unknown, number]>([
		[{}, 200],
		[{ status: 'ok' }, 200],
		[{ message: 'no Route matched', request_id: 'abc' }, 404],
		[{ title: 'Forbidden', detail: 'no', status: 403 }, 403],
		[{ detail: null }, 500],
		[{ detail: 'Not Found' }, 404],
		['<html>', 200],
		[null, 200],
	])('but not if it is %j with status %i', (body, status) =>
		expect(falAi.isOwnAnswer(answer(body, status))).toBe(false),
	);
});

describe('a refusal of fal.ai', () => {
	test.each<[number, object, 'submit' | 'task', string]>([
		[401, { detail: 'invalid key credentials' }, 'submit', 'badKey'],
		[401, { detail: 'Cannot access application "x"' }, 'submit', 'badKey'],
		[403, { detail: 'User is locked. Reason: Exhausted balance.' }, 'submit', 'emptyBalance'],
		[403, { detail: 'No' }, 'submit', 'notAllowed'],
		[404, { detail: 'Application "x" not found' }, 'submit', 'routeNotFound'],
		[404, { detail: 'Application "x" not found' }, 'task', 'routeNotFound'],
		[404, { status: 'NOT_FOUND' }, 'task', 'unknownTask'],
		[503, { status: 'NOT_FOUND' }, 'task', 'unavailable'],
		[422, { detail: [{ loc: ['body'], msg: 'bad', type: 'missing' }] }, 'submit', 'invalidRequest'],
		[422, { detail: [{ msg: 'x', type: 'image_load_error' }] }, 'submit', 'unreadableImage'],
		[422, { detail: { message: 'x', type: 'file_too_large' } }, 'submit', 'unreadableImage'],
		[422, { detail: [{ type: 'content_policy_violation' }] }, 'submit', 'filteredContent'],
		[429, { detail: 'Too many' }, 'submit', 'rateLimit'],
		[503, { detail: 'Down' }, 'submit', 'unavailable'],
		[504, { detail: 'Request timed out', error_type: 'request_timeout' }, 'task', 'unavailable'],
	])('with %i %j to a %s means %s', (status, body, asked, kind) => {
		expect(falAi.readRefusal(answer(body, status), asked)).toMatchObject({
			kind,
			status,
			mayHaveCreatedTask: status >= 500,
		});
	});

	test('never repeats what was sent', () => {
		const detail = [{ loc: ['body', 'seed'], msg: 'no int', input: 'secret' }, { input: 'secret' }];
		const refusal = falAi.readRefusal(answer({ detail }, 422), 'submit');
		expect(refusal?.text).toBe('seed: no int');
	});

	test('is none where the answer is a success', () => {
		expect(falAi.readRefusal(answer({}, 202), 'task')).toBeUndefined();
	});
});
