import { blackForestLabs } from '../../nodes/Flux2Flex/services/blackForestLabs';
import { findService } from '../../nodes/Flux2Flex/services/registry';
import type { GenerationInput } from '../../nodes/Flux2Flex/services/service';
import { reportOf } from './reportOf';

const plain: GenerationInput = { prompt: 'a cat', seed: -1, images: [], ownOptions: {} };

/** As it goes over the line: what is undefined is not there. */
const bodyOf = (input: Partial<GenerationInput>) =>
	JSON.parse(JSON.stringify(blackForestLabs.submitRequest({ ...plain, ...input }).body)) as object;

const answer = (body: unknown, status = 200) => ({ status, headers: {}, body });

test('Black Forest Labs get the key in a header of their own', () => {
	expect(blackForestLabs.authenticate('a-key')).toEqual({ 'x-key': 'a-key' });
});

test('Black Forest Labs are found under their name in the credential', () => {
	expect(findService('blackForestLabs')).toBe(blackForestLabs);
});

describe('The request of a submit to Black Forest Labs', () => {
	test('leaves out what the user left open', () => {
		expect(blackForestLabs.submitRequest(plain)).toMatchObject({
			method: 'POST',
			path: '/v1/flux-2-flex',
		});
		expect(bodyOf({})).toEqual({ prompt: 'a cat' });
	});

	test('has every field under the name of the API', () => {
		const ownOptions = {
			guidance: 4.5,
			outputFormat: 'webp',
			promptUpsampling: false,
			safetyTolerance: 0,
			steps: 28,
		};
		expect(Object.keys(ownOptions)).toEqual(blackForestLabs.ownOptions.map(({ name }) => name));
		expect(
			bodyOf({
				size: { width: 1024, height: 768 },
				seed: 0,
				webhookUrl: 'https://n8n.example.com/hook',
				webhookSecret: 'psst',
				ownOptions,
			}),
		).toEqual({
			prompt: 'a cat',
			width: 1024,
			height: 768,
			seed: 0,
			guidance: 4.5,
			output_format: 'webp',
			prompt_upsampling: false,
			safety_tolerance: 0,
			steps: 28,
			webhook_url: 'https://n8n.example.com/hook',
			webhook_secret: 'psst',
		});
	});

	test('has no secret where nothing is to be signed with it', () => {
		expect(bodyOf({ webhookSecret: 'psst' })).toEqual({ prompt: 'a cat' });
	});

	test('numbers the reference images from the second on, and takes the head off data URIs', () => {
		const links = Array.from({ length: 8 }, (_, index) => `https://example.com/${index}.png`);
		links[2] = 'https://example.com/data:2,3.png';
		links[3] = 'data:image/png;base64,iVBORw0KGgo=';
		const body = bodyOf({ images: links });
		expect(body).toEqual({
			prompt: 'a cat',
			input_image: links[0],
			input_image_2: links[1],
			input_image_3: links[2],
			input_image_4: 'iVBORw0KGgo=',
			input_image_5: links[4],
			input_image_6: links[5],
			input_image_7: links[6],
			input_image_8: links[7],
		});
		expect(Object.keys(body).slice(1)).toEqual([
			'input_image',
			...[2, 3, 4, 5, 6, 7, 8].map((number) => `input_image_${number}`),
		]);
	});
});

describe('The reply to a submit of Black Forest Labs', () => {
	test('is read with task, link and costs', () => {
		const pollingUrl = 'https://api.eu2.bfl.ai/v1/get_result?id=abc';
		const body = { id: 'abc', polling_url: pollingUrl, cost: 5.5, input_mp: 0, output_mp: 1.05 };
		expect(blackForestLabs.readReceipt(answer(body))).toEqual({
			taskId: 'abc',
			links: { polling_url: pollingUrl },
			charges: { cost: 5.5, input_mp: 0, output_mp: 1.05 },
		});
	});

	test.each([
		['with the id alone', { id: 'abc' }],
		['with nulls', { id: 'abc', polling_url: null, cost: null, input_mp: null, output_mp: null }],
		[
			'with values of other types',
			{ id: 'abc', polling_url: 7, cost: {}, input_mp: [], output_mp: 'much' },
		],
		['with a link that is none', { id: 'abc', polling_url: 'ftp://example.com/' }],
	])('names the task all the same %s', (_name, body) => {
		expect(blackForestLabs.readReceipt(answer(body))).toEqual({
			taskId: 'abc',
			links: {},
			charges: {},
		});
	});

	test.each([{}, { id: '' }, { id: null }, { task_id: 'abc' }, [], '<html>', null])(
		'names no task if it is %p',
		(body) => expect(blackForestLabs.readReceipt(answer(body))).toBeUndefined(),
	);
});

test('A task of Black Forest Labs is asked for by its link, or else by its id', () => {
	const pollingUrl = 'https://api.eu2.bfl.ai/v1/get_result?id=abc';
	expect(
		blackForestLabs.taskRequest({ taskId: 'abc', links: { polling_url: pollingUrl } }),
	).toEqual({
		method: 'GET',
		url: pollingUrl,
		path: '/v1/get_result',
		query: { id: 'abc' },
	});
	expect(blackForestLabs.readTaskLink?.(pollingUrl)).toEqual({
		taskId: 'abc',
		links: { polling_url: pollingUrl },
	});
	expect(blackForestLabs.readTaskLink?.('https://api.bfl.ai/v1/get_result')).toBeUndefined();
});

describe('A task of Black Forest Labs', () => {
	const taskOf = (body: object) =>
		reportOf(blackForestLabs, answer({ id: 'abc', ...body }), 'abc')?.task;

	test('with an image has succeeded', () => {
		const sample = 'https://delivery-eu.bfl.ai/results/abc/sample.jpg?sig=1';
		expect(
			taskOf({ status: 'Ready', result: { sample, seed: 7, prompt: 'a cat' }, cost: 5 }),
		).toEqual({
			status: 'succeeded',
			taskId: 'abc',
			seed: 7,
			charges: { cost: 5 },
			images: [{ url: sample, type: 'jpeg', secondsToLive: 600, nsfw: null }],
		});
	});

	test.each([
		['https://example.com/a.PNG?b=c.jpg', 'png'],
		['https://example.com/a.webp', 'webp'],
		['https://example.com/image?name=a.png', undefined],
		['https://example.com/a.png/b', undefined],
	])('with the link %s has the format %s', (sample, type) => {
		expect(taskOf({ status: 'Ready', result: { sample } })).toMatchObject({ images: [{ type }] });
	});

	test.each(['Pending', 'Preparing', 'anything'])('with the status %s goes on', (status) => {
		expect(taskOf({ status, result: null, progress: 0.255 })).toEqual({
			status: 'processing',
			taskId: 'abc',
			progressPercent: 26,
		});
		expect(taskOf({ status })).toMatchObject({ status: 'processing' });
	});

	test.each([
		[{ status: 'Request Moderated' }, 'Request Moderated', true],
		[
			{
				status: 'Content Moderated',
				details: { 'Moderation Reasons': ['Derivative Works Filter'] },
			},
			'Content Moderated: Derivative Works Filter',
			true,
		],
		[{ status: 'Error' }, 'Error', false],
		[{ status: 'Failed' }, 'Failed', false],
		[
			{ status: 'Error', error: 'generation_timeout', message: 'took too long' },
			'generation_timeout: took too long',
			false,
		],
		[{ status: 'Error', error: 'content_policy_violation' }, 'content_policy_violation', true],
	])('that says %p has failed', (body, reason, filtered) => {
		expect(taskOf(body)).toEqual({ status: 'failed', taskId: 'abc', reason, filtered });
	});

	test.each([
		['no status', {}],
		['a status that is no text', { status: 7 }],
		["somebody else's id", { id: 'other', status: 'Ready', result: { sample: 'https://a/' } }],
	])('with %s is to be asked for again', (_name, body) => {
		expect(taskOf(body)).toBeUndefined();
	});

	test.each([null, {}, { sample: null }])(
		'that is Ready with the result %p has failed if it stays like that',
		(result) => {
			expect(taskOf({ status: 'Ready', result })).toMatchObject({
				status: 'unusable',
				otherwise: {
					status: 'failed',
					reason: 'The service finished the task without an image',
					filtered: true,
				},
			});
		},
	);

	test.each([
		['a link that is relative', { sample: '/a.png' }, '/a.png'],
		['a text in place of the result', 'a.png', 'a.png'],
		['a list in place of the result', [], []],
	])('with %s is finished, and its link cannot be used', (_name, result, link) => {
		expect(taskOf({ status: 'Ready', result })).toEqual({
			status: 'unusable',
			taskId: 'abc',
			link,
		});
	});

	test('is handed on with the answer as it came', () => {
		const body = { id: 'abc', status: 'Pending', preview: { a: [1] } };
		expect(reportOf(blackForestLabs, answer(body), 'abc')?.answer).toBe(body);
		expect(reportOf(blackForestLabs, answer('<html>'), 'abc')).toBeUndefined();
	});
});

describe('A refusal of Black Forest Labs', () => {
	const detail = [
		{ type: 'missing', loc: ['body', 'prompt'], msg: 'Field required', input: {} },
		{ loc: ['body', 'steps'], msg: 'Input should be less than or equal to 50' },
		{ msg: 'Something else' },
	];

	test.each([
		[401, { detail: 'Invalid API key' }, 'badKey', 'Invalid API key'],
		[403, { detail: 'Not authenticated' }, 'badKey', 'Not authenticated'],
		[403, { detail: 'Forbidden' }, 'badKey', 'Forbidden'],
		[403, { detail: 'This model is not for you' }, 'notAllowed', 'This model is not for you'],
		[402, { detail: 'Insufficient credits' }, 'emptyBalance', 'Insufficient credits'],
		[
			422,
			{ detail },
			'invalidRequest',
			'prompt: Field required; steps: Input should be less than or equal to 50; Something else',
		],
		[
			422,
			{ detail: [{ loc: ['body', 'image', 'size'], msg: 'no' }] },
			'invalidRequest',
			'image.size: no',
		],
		[400, { detail: 'Invalid API key' }, 'invalidRequest', 'Invalid API key'],
		[422, { detail: 'no invalid API key' }, 'invalidRequest', 'no invalid API key'],
		[404, { detail: 'Forbidden' }, 'routeNotFound', 'Forbidden'],
		[403, { detail: 'This is forbidden' }, 'notAllowed', 'This is forbidden'],
		[422, { detail: 'so long' }, 'invalidRequest', 'so long'],
		[422, { detail: 'Invalid API key format' }, 'badKey', 'Invalid API key format'],
		[
			400,
			{ error: 'content_policy_violation', message: 'not this', details: { field: 'prompt' } },
			'filteredContent',
			'content_policy_violation: not this: prompt',
		],
		[
			400,
			{ error: 'invalid_image', message: 'unreadable' },
			'unreadableImage',
			'invalid_image: unreadable',
		],
		[404, { detail: 'Not Found' }, 'routeNotFound', 'Not Found'],
		[404, { detail: 'Task not found' }, 'unknownTask', 'Task not found'],
		[404, { id: 'abc', status: 'Task not found', result: null }, 'unknownTask', 'Task not found'],
		[200, { id: 'abc', status: 'Task not found', result: null }, 'unknownTask', 'Task not found'],
		[418, '', 'unexpected', undefined],
		[400, { error: 'toString' }, 'invalidRequest', 'toString'],
	])('with %p %p is of the kind %s', (status, body, kind, text) => {
		expect(blackForestLabs.readRefusal(answer(body, status), 'submit')).toMatchObject({
			kind,
			status,
			text,
			mayHaveCreatedTask: false,
		});
	});

	test.each([500, 502, 503, 504, 408])('with %p leaves open whether a task was made', (status) => {
		const refusal = blackForestLabs.readRefusal(answer({ detail: 'oops' }, status), 'submit');
		expect(refusal).toMatchObject({ mayHaveCreatedTask: true });
	});

	test.each([500, 502, 504, 408])('with %p is never read as one for want of capacity', (status) => {
		const body = { detail: 'The model is over capacity' };
		const refusal = blackForestLabs.readRefusal(answer(body, status), 'submit');
		expect(refusal).toMatchObject({ mayHaveCreatedTask: true });
	});

	test('to tell about a task is about the key if it says so', () => {
		const refusal = blackForestLabs.readRefusal(answer({ detail: 'Forbidden' }, 403), 'task');
		expect(refusal?.kind).toBe('badKey');
	});

	test('for too many active tasks says in its body how long to wait', () => {
		const body = { error: 'rate_limit_exceeded', message: 'Too many tasks', retry_after: 12 };
		expect(blackForestLabs.readRefusal(answer(body, 429), 'submit')).toEqual({
			kind: 'rateLimit',
			status: 429,
			text: 'rate_limit_exceeded: Too many tasks',
			mayHaveCreatedTask: false,
			retryAfter: 12,
		});
	});

	test('is nothing that comes as a success', () => {
		expect(blackForestLabs.readRefusal(answer({ status: 'Pending' }), 'submit')).toBeUndefined();
		expect(blackForestLabs.readRefusal(answer('', 204), 'submit')).toBeUndefined();
	});
});

test('An answer of Black Forest Labs about a task is taken without an id, but not if it is an HTTP error', () => {
	expect(reportOf(blackForestLabs, answer({ status: 'Pending' }), 'abc')?.task.taskId).toBe('abc');
	expect(reportOf(blackForestLabs, answer({ status: 'Error' }, 422), 'abc')).toBeUndefined();
});
