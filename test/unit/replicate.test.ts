import { replicate } from '../../nodes/Flux2Flex/services/replicate';
import type { GenerationInput } from '../../nodes/Flux2Flex/services/service';
import { reportOf } from './reportOf';

const plain: GenerationInput = { prompt: 'a cat', seed: -1, images: [], ownOptions: {} };

/** As it goes over the line: what is undefined is not there. */
const requestOf = (input: Partial<GenerationInput>) =>
	JSON.parse(JSON.stringify(replicate.submitRequest({ ...plain, ...input }))) as object;

const answer = (body: unknown, status = 200) => ({ status, headers: {}, body });

test('Replicate gets its key in its own way', () => {
	expect(replicate.authenticate('k-1')).toEqual({ Authorization: 'Bearer k-1' });
});

describe('a submit to Replicate', () => {
	test('has nothing in it that the user did not set', () => {
		expect(requestOf({})).toEqual({
			method: 'POST',
			path: '/v1/models/black-forest-labs/flux-2-flex/predictions',
			body: { input: { prompt: 'a cat' } },
		});
	});

	test('has every field under its name there', () => {
		const request = requestOf({
			seed: 0,
			size: { width: 1024, height: 768 },
			images: ['https://example.com/a.png'],
			webhookUrl: 'https://n8n.example.com/webhook/1',
			ownOptions: {
				guidance: 2.5,
				outputFormat: 'png',
				promptUpsampling: false,
				safetyTolerance: 4,
				steps: 10,
			},
		});
		expect(request).toMatchObject({
			body: {
				input: {
					prompt: 'a cat',
					seed: 0,
					aspect_ratio: 'custom',
					width: 1024,
					height: 768,
					input_images: ['https://example.com/a.png'],
					guidance: 2.5,
					output_format: 'png',
					prompt_upsampling: false,
					safety_tolerance: 4,
					steps: 10,
				},
				webhook: 'https://n8n.example.com/webhook/1',
				webhook_events_filter: ['completed'],
			},
		});
	});

	test.each([
		['jpeg', 'jpg'],
		['webp', 'webp'],
	])('calls the format %s %s', (outputFormat, output_format) => {
		expect(requestOf({ ownOptions: { outputFormat } })).toMatchObject({
			body: { input: { output_format } },
		});
	});
});

describe('the reply of Replicate to a submit', () => {
	test('names the task', () => {
		const reply = { id: 'abc', status: 'starting', urls: { get: 'https://x.y' } };
		expect(replicate.readReceipt(answer(reply, 201))).toEqual({ taskId: 'abc', charges: {} });
	});

	test.each([{}, { id: '' }, { id: {} }, [], 'text', null])('names no task if it is %p', (body) => {
		expect(replicate.readReceipt(answer(body, 201))).toBeUndefined();
	});

	test('names no task if it is an HTTP error', () => {
		expect(replicate.readReceipt(answer({ id: 'abc' }, 500))).toBeUndefined();
	});
});

test('a task of Replicate is asked for by its id, which is no path', () => {
	expect(replicate.taskRequest({ taskId: 'a/../b' })).toEqual({
		method: 'GET',
		path: '/v1/predictions/a%2F..%2Fb',
	});
});

describe('a task of Replicate', () => {
	const taskOf = (body: object) => reportOf(replicate, answer({ id: 'abc', ...body }), 'abc')?.task;
	const output = 'https://replicate.delivery/x/out-0.webp';

	test('that succeeded has one image, for an hour from its end', () => {
		const completed_at = '2026-01-02T03:04:05.678901Z';
		expect(taskOf({ status: 'succeeded', output, completed_at })).toEqual({
			status: 'succeeded',
			taskId: 'abc',
			images: [
				{
					url: output,
					type: 'webp',
					secondsToLive: 3600,
					livesFrom: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
					nsfw: null,
				},
			],
		});
	});

	test.each([undefined, null, 'soon', 7])(
		'has an hour from the answer on if it ended at %p',
		(completed_at) => {
			const task = taskOf({ status: 'succeeded', output, completed_at });
			expect(task).toMatchObject({ images: [{ secondsToLive: 3600 }] });
			expect(task).toMatchObject({ images: [{ livesFrom: undefined }] });
		},
	);

	test('is handed on with the answer as it came', () => {
		const body = { id: 'abc', status: 'starting', logs: null };
		expect(reportOf(replicate, answer(body), 'abc')?.answer).toBe(body);
	});

	test.each([
		['starting', 'queued'],
		['processing', 'processing'],
		['a state of tomorrow', 'processing'],
	])('that is %s is %s', (status, state) => {
		expect(taskOf({ status })).toEqual({ status: state, taskId: 'abc' });
	});

	test.each([
		['failed', 'It was flagged as sensitive (E005)', true],
		['failed', 'It broke', false],
	])('that %s with "%s" has failed', (status, error, filtered) => {
		expect(taskOf({ status, error, output: null })).toEqual({
			status: 'failed',
			taskId: 'abc',
			reason: error,
			filtered,
		});
	});

	test('that failed for several reasons names them all', () => {
		expect(taskOf({ status: 'failed', error: ['It broke', 'Badly'] })).toMatchObject({
			reason: 'It broke; Badly',
		});
	});

	test.each(['failed', 'canceled', 'aborted'])('that was %s has failed', (status) => {
		expect(taskOf({ status, error: null })).toMatchObject({
			status: 'failed',
			reason: `The task was ${status}`,
			filtered: false,
		});
	});

	test('whose image was removed has failed, and says why', () => {
		expect(taskOf({ status: 'succeeded', output: null, data_removed: true })).toMatchObject({
			status: 'failed',
			reason: expect.stringContaining('after an hour') as string,
			filtered: false,
		});
	});

	test('whose image is still there has it, whatever else was removed', () => {
		expect(taskOf({ status: 'succeeded', output, data_removed: true })?.status).toBe('succeeded');
	});

	test('needs no id in the answer', () => {
		expect(reportOf(replicate, answer({ status: 'starting' }), 'abc')?.task.taskId).toBe('abc');
	});

	test.each(['/x', 7, {}, []])('with the output %j has no link that can be used, yet', (link) => {
		expect(taskOf({ status: 'succeeded', output: link })).toEqual({
			status: 'unusable',
			taskId: 'abc',
			link,
		});
	});

	test('that succeeded without an output may have one a moment later', () => {
		expect(taskOf({ status: 'succeeded', output: null })).toMatchObject({
			status: 'unusable',
			otherwise: { status: 'failed' },
		});
	});

	test.each([
		['of somebody else', { id: 'xyz', status: 'starting' }, 200],
		['without a status', { id: 'abc' }, 200],
		['as an HTTP error', { id: 'abc', status: 'starting' }, 500],
		['as a list', [], 200],
	])('is not seen in an answer %s', (_, body, status) => {
		expect(reportOf(replicate, answer(body, status), 'abc')).toBeUndefined();
	});
});

describe('an answer is of Replicate itself', () => {
	test.each<[unknown, number]>([
		[{ id: 'abc', status: 'starting' }, 201],
		[{ title: 'Unauthenticated', detail: 'No token', status: 401 }, 401],
		[{ detail: 'Not found' }, 404],
	])('if it is %j with status %i', (body, status) =>
		expect(replicate.isOwnAnswer(answer(body, status))).toBe(true),
	);

	test.each<[unknown, number]>([
		[{}, 200],
		[{ id: 'abc' }, 200],
		[{ status: 'ok' }, 200],
		[{ type: 'https://x.y/1010', title: 'Access denied', status: 403, detail: 'no' }, 403],
		[{ title: 'Forbidden', status: 403, detail: 'no', instance: '/v1' }, 403],
		[{ message: 'no Route matched' }, 404],
		[{ detail: 'Not Found' }, 404],
		[{ detail: 'The proxy says: Request was throttled' }, 429],
		['<html>', 200],
		[null, 200],
	])('but not if it is %j with status %i', (body, status) =>
		expect(replicate.isOwnAnswer(answer(body, status))).toBe(false),
	);
});

describe('a refusal of Replicate', () => {
	test.each<[number, object, 'submit' | 'task', string]>([
		[401, { title: 'Unauthenticated', detail: 'No token' }, 'submit', 'badKey'],
		[402, { title: 'Insufficient credit', detail: 'Buy' }, 'submit', 'emptyBalance'],
		[404, { detail: 'Not found' }, 'submit', 'routeNotFound'],
		[404, { detail: 'Not found' }, 'task', 'unknownTask'],
		[
			422,
			{ detail: '- input.steps: too many', invalid_fields: [{ field: 'input.steps' }] },
			'submit',
			'invalidRequest',
		],
		[
			422,
			{ detail: '- input.input_images.0: no', invalid_fields: [{ field: 'input.input_images.0' }] },
			'submit',
			'unreadableImage',
		],
		[
			400,
			{ invalid_fields: [null, { field: 'input.steps' }, { field: 'input.input_images' }] },
			'submit',
			'unreadableImage',
		],
		[500, { invalid_fields: [{ field: 'input.input_images' }] }, 'submit', 'unavailable'],
		[422, { detail: 'The input was flagged as sensitive' }, 'submit', 'filteredContent'],
		[429, { detail: 'Request was throttled.' }, 'submit', 'rateLimit'],
		[500, { detail: 'Oh no' }, 'submit', 'unavailable'],
	])('with %i %j to a %s means %s', (status, body, asked, kind) => {
		expect(replicate.readRefusal(answer(body, status), asked)).toMatchObject({
			kind,
			status,
			mayHaveCreatedTask: status >= 500,
		});
	});

	test.each<[object, number | undefined]>([
		[{ detail: 'Throttled. Your rate limit resets in ~30s.', retry_after: 7 }, 7],
		[{ detail: 'Throttled. Your rate limit resets in ~30s.' }, 30],
		[{ detail: 'Throttled. Your rate limit resets in 1.25 s.' }, 1.25],
		[{ detail: 'Throttled.' }, undefined],
	])('%j asks for a pause of %p seconds', (body, retryAfter) => {
		expect(replicate.readRefusal(answer(body, 429), 'submit')?.retryAfter).toBe(retryAfter);
	});

	test('says its title and its words', () => {
		const body = { title: 'Input validation failed', detail: '- prompt: too long', status: 422 };
		expect(replicate.readRefusal(answer(body, 422), 'submit')?.text).toBe(
			'Input validation failed: - prompt: too long',
		);
	});

	test('says nothing where it has no words', () => {
		expect(replicate.readRefusal(answer({}, 422), 'submit')?.text).toBeUndefined();
	});

	test('is none where the answer is a success', () => {
		expect(replicate.readRefusal(answer({}, 201), 'task')).toBeUndefined();
	});
});
