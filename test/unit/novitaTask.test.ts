import { novita } from '../../nodes/Flux2Flex/services/novita';
import type { SucceededTask, Task } from '../../nodes/Flux2Flex/services/task';
import documented from '../engine/payloads/task-result.documented.json';
import fluxDev from '../engine/payloads/flux-2-dev.succeed.json';
import qwen from '../engine/payloads/qwen-image.succeed.json';
import webhookEvent from '../engine/payloads/webhook.event.json';
import { reportOf } from './reportOf';

const TASK_ID = 'task-1';
const URL_OF_IMAGE = 'https://images.example.com/1.png';

const read = (body: unknown, taskId = TASK_ID) =>
	reportOf(novita, { status: 200, headers: {}, body }, taskId)?.task;

const withStatus = (status: unknown, more: object = {}) =>
	read({ task: { task_id: TASK_ID, status, ...more }, images: [] });

const succeeded = (image: object, extra?: unknown) =>
	read({
		task: { task_id: TASK_ID, status: 'TASK_STATUS_SUCCEED', reason: '' },
		images: [{ image_url: URL_OF_IMAGE, ...image }],
		extra,
	}) as SucceededTask | undefined;

test.each([
	['the documented one', documented, { seed: 158881667, secondsToLive: 3600 }],
	['that of FLUX.2 [dev]', fluxDev, { seed: undefined, secondsToLive: 172800 }],
	['one with a permanent link', qwen, { seed: undefined, secondsToLive: undefined }],
	['the event of a webhook', webhookEvent.payload, { seed: undefined, secondsToLive: 3600 }],
])(
	'The recorded answer of Novita AI, %s, is read as a task, and handed on unchanged',
	(_name, body, { seed, secondsToLive }) => {
		const { task_id: taskId } = body.task;
		const url = body.images[0]?.image_url ?? '';
		const report = reportOf(novita, { status: 200, headers: {}, body }, taskId);
		expect(report?.task).toEqual<Task>({
			status: 'succeeded',
			taskId,
			seed,
			images: [{ url, type: 'jpeg', secondsToLive, nsfw: null }],
		});
		expect(report?.answer).toBe(body);
	},
);

describe('A task of Novita AI', () => {
	test.each([
		['TASK_STATUS_QUEUED', 'queued'],
		['TASK_STATUS_PROCESSING', 'processing'],
		['TASK_STATUS_UNKNOWN', 'processing'],
		['TASK_STATUS_OF_TOMORROW', 'processing'],
		['task_status_succeed', 'processing'],
		['TASK_STATUS_FAILED', 'failed'],
	])('with the status %s is %s', (status, expected) => {
		expect(withStatus(status)).toMatchObject({ status: expected, taskId: TASK_ID });
	});

	test.each([undefined, null, '', ' ', 3, true, {}, ['TASK_STATUS_SUCCEED']])(
		'tells nothing if its status is %p',
		(status) => {
			expect(withStatus(status)).toBeUndefined();
		},
	);
});

describe('A task on its way', () => {
	test('tells its reason, time left and progress', () => {
		const told = { reason: ' waiting for a GPU ', eta: '12', progress_percent: 40 };
		expect(withStatus('TASK_STATUS_QUEUED', told)).toEqual<Task>({
			status: 'queued',
			taskId: TASK_ID,
			reason: 'waiting for a GPU',
			eta: 12,
			progressPercent: 40,
		});
	});

	test.each<[string, object]>([
		['objects', { reason: {}, eta: {}, progress_percent: {} }],
		['lists', { reason: ['x'], eta: [1], progress_percent: [1] }],
		['null', { reason: null, eta: null, progress_percent: null }],
		['booleans', { reason: true, eta: true, progress_percent: false }],
		['empty texts', { reason: '', eta: '', progress_percent: ' ' }],
		['texts', { reason: 5, eta: 'soon', progress_percent: '40 %' }],
		['not finite', { reason: undefined, eta: Infinity, progress_percent: NaN }],
	])('tells nothing by %s in their place', (_name, told) => {
		for (const status of ['TASK_STATUS_QUEUED', 'TASK_STATUS_PROCESSING', 'TASK_STATUS_FAILED']) {
			expect(withStatus(status, told)).toMatchObject({ reason: undefined });
			expect(withStatus(status, told)).toMatchObject({ progressPercent: undefined });
		}
		expect(withStatus('TASK_STATUS_QUEUED', told)).toMatchObject({ eta: undefined });
	});
});

test.each([
	['NSFW content detected', true],
	['The prompt was flagged as sensitive', true],
	['Request Moderated', true],
	['content moderation', true],
	['ILLEGAL_PROMPT', true],
	['blocked by the safety checker', true],
	['out of memory', false],
	['failed to download the image', false],
	['', false],
])(
	'Whether a task that failed because of %p is one of filtered content: %p',
	(reason, filtered) => {
		expect(withStatus('TASK_STATUS_FAILED', { reason })).toMatchObject({
			status: 'failed',
			reason: reason === '' ? undefined : reason,
			filtered,
		});
	},
);

describe('An answer about a task', () => {
	test.each<[unknown, boolean]>([
		[TASK_ID, true],
		[undefined, true],
		['task-2', false],
		['TASK-1', false],
		['', false],
		[1, false],
		[{ toString: () => 'task-2' }, false],
	])('that names the task %p may be used: %p', (id, isUsable) => {
		const body = {
			task: { task_id: id, status: 'TASK_STATUS_SUCCEED' },
			images: [{ image_url: URL_OF_IMAGE }],
		};
		expect(read(body) !== undefined).toBe(isUsable);
	});

	test('may name it by a number as well as by its text', () => {
		expect(read({ task: { task_id: 17, status: 'TASK_STATUS_QUEUED' } }, '17')).toBeDefined();
	});
});

test.each<[string, unknown]>([
	['null', null],
	['nothing', undefined],
	['a web page', '<html><body>502 Bad Gateway</body></html>'],
	['an empty text', ''],
	['a number', 17],
	['a list', [{ task: { task_id: TASK_ID, status: 'TASK_STATUS_SUCCEED' } }]],
	['an empty object', {}],
	['a task that is null', { task: null }],
	['a task that is a text', { task: 'TASK_STATUS_SUCCEED' }],
	['a list of tasks', { task: [{ status: 'TASK_STATUS_SUCCEED' }] }],
	['an error envelope', { code: 500, reason: 'GET_RESULT_FAILED', message: 'x' }],
])('As an answer, %s tells nothing about a task', (_name, body) => {
	expect(read(body)).toBeUndefined();
});

test.each([
	['an empty list', [], '', 'The service finished the task without an image'],
	['no list', undefined, '', 'The service finished the task without an image'],
	['null', null, '', 'The service finished the task without an image'],
	['an empty list and a reason', [], 'content filtered', 'content filtered'],
])(
	'A finished task with %s for its images has failed if it stays like that',
	(_name, images, said, reason) => {
		const task = { task_id: TASK_ID, status: 'TASK_STATUS_SUCCEED', reason: said };
		expect(read({ task, images })).toMatchObject({
			status: 'unusable',
			otherwise: { status: 'failed', reason, filtered: true },
		});
	},
);

describe('The link of an image', () => {
	test.each([
		'https://images.example.com/1.png',
		'http://127.0.0.1:8080/1.png?X-Amz-Expires=3600&sig=a%2Fb',
		'HTTPS://IMAGES.EXAMPLE.COM/1.PNG',
	])('can be %s', (url) => {
		expect(succeeded({ image_url: url })?.images[0].url).toBe(url);
	});

	test.each([
		undefined,
		null,
		'',
		'images.example.com/1.png',
		'//images.example.com/1.png',
		'ftp://images.example.com/1.png',
		'file:///etc/passwd',
		'javascript:alert(1)',
		'data:image/png;base64,iVBORw0KGgo=',
		'http://',
		'https://[',
		7,
		{},
		['https://images.example.com/1.png'],
	])('cannot be %p: the task is finished, and its link cannot be used', (url) => {
		expect(succeeded({ image_url: url })).toMatchObject({ status: 'unusable', taskId: TASK_ID });
	});

	test('is told as it came if it cannot be used', () => {
		expect(succeeded({ image_url: '/images/1.png' })).toMatchObject({ link: '/images/1.png' });
	});

	test('is not handed out in part if one of several is bad, so that none is lost', () => {
		const task = { task_id: TASK_ID, status: 'TASK_STATUS_SUCCEED' };
		for (const other of [null, 'x', [], { image_url: '' }]) {
			const images = [{ image_url: URL_OF_IMAGE }, other];
			expect(read({ task, images })).toMatchObject({ status: 'unusable' });
		}
	});

	test.each(['x', 7, true, {}])('is not looked for in images that are no list (%p)', (images) => {
		const task = { task_id: TASK_ID, status: 'TASK_STATUS_SUCCEED' };
		expect(read({ task, images })).toBeUndefined();
	});

	test('keeps its place among several', () => {
		const task = { task_id: TASK_ID, status: 'TASK_STATUS_SUCCEED' };
		const urls = ['https://a.example/3', 'https://a.example/1', 'https://a.example/2'];
		const result = read({ task, images: urls.map((url) => ({ image_url: url })) });
		expect((result as SucceededTask).images.map(({ url }) => url)).toEqual(urls);
	});
});

describe('A link with the time to live', () => {
	test.each<[unknown, number | undefined]>([
		[3600, 3600],
		['3600', 3600],
		['172800', 172800],
		[604800, 604800],
		[' 3600 ', 3600],
		['0', undefined],
		[0, undefined],
		[-1, undefined],
		['-3600', undefined],
		['', undefined],
		['soon', undefined],
		['1h', undefined],
		[null, undefined],
		[undefined, undefined],
		[true, undefined],
		[{}, undefined],
		[[3600], undefined],
		[NaN, undefined],
		[Infinity, undefined],
		['Infinity', undefined],
	])('%p lives for %p seconds', (ttl, seconds) => {
		expect(succeeded({ image_url_ttl: ttl })?.images[0].secondsToLive).toBe(seconds);
	});

	test.each([1e308, '1e308', Number.MAX_VALUE])('%p does not lose the image', (ttl) => {
		expect(succeeded({ image_url_ttl: ttl })?.images[0].url).toBe(URL_OF_IMAGE);
	});
});

test.each<[unknown, string | undefined]>([
	['jpeg', 'jpeg'],
	['webp', 'webp'],
	['', undefined],
	[null, undefined],
	[1, undefined],
	[{}, undefined],
])('The type %p of an image is read as %p', (type, expected) => {
	expect(succeeded({ image_type: type })?.images[0].type).toBe(expected);
});

test.each<[unknown, number | undefined]>([
	['158881667', 158881667],
	[158881667, 158881667],
	['0', 0],
	[2147483647, 2147483647],
	['-1', undefined],
	['', undefined],
	['random', undefined],
	['1.5', undefined],
	['1e400', undefined],
	['9007199254740993', undefined],
	[null, undefined],
	[true, undefined],
	[{}, undefined],
	[[7], undefined],
])('The seed %p of a task is read as %p', (seed, expected) => {
	expect(succeeded({}, { seed })?.seed).toBe(expected);
});

describe('Whether an image is adult content', () => {
	test.each<[string, unknown, unknown, boolean | null]>([
		['nobody looked', null, undefined, null],
		['nobody looked, empty result', {}, { has_nsfw_contents: [] }, null],
		['found', { valid: true, confidence: 0.9 }, undefined, true],
		['not found', { valid: false, confidence: 0.1 }, undefined, false],
		['found, told beside the images', null, { has_nsfw_contents: [true] }, true],
		['not found, told beside the images', {}, { has_nsfw_contents: [false] }, false],
		[
			'the result of the image counts first',
			{ valid: false },
			{ has_nsfw_contents: [true] },
			false,
		],
		['a text', { valid: 'true' }, undefined, null],
		['a number', { valid: 1 }, undefined, null],
		['a list', [true], undefined, null],
		['flags that are no list', null, { has_nsfw_contents: true }, null],
		['flags of another type', null, { has_nsfw_contents: ['true'] }, null],
		['extra that is a list', null, [], null],
		['extra that is a text', null, 'x', null],
	])('is told rightly: %s', (_name, result, extra, expected) => {
		expect(succeeded({ nsfw_detection_result: result }, extra)?.images[0].nsfw).toBe(expected);
	});

	test('is told by the flag of its own place', () => {
		const task = { task_id: TASK_ID, status: 'TASK_STATUS_SUCCEED' };
		const images = [{ image_url: URL_OF_IMAGE }, { image_url: URL_OF_IMAGE }];
		const result = read({ task, images, extra: { has_nsfw_contents: [false, true] } });
		expect((result as SucceededTask).images.map(({ nsfw }) => nsfw)).toEqual([false, true]);
	});
});
