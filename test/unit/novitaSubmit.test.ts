import { jieKou } from '../../nodes/Flux2Flex/services/jieKou';
import { novita } from '../../nodes/Flux2Flex/services/novita';
import { findService } from '../../nodes/Flux2Flex/services/registry';
import type { GenerationInput } from '../../nodes/Flux2Flex/services/service';
import recordedRequest from '../engine/payloads/flux-2-flex.request.json';

const plain: GenerationInput = { prompt: 'a cat', seed: -1, images: [], ownOptions: {} };

const bodyOf = (input: Partial<GenerationInput>) =>
	novita.submitRequest({ ...plain, ...input }).body;

test('Novita AI gets the key as a bearer token', () => {
	expect(novita.authenticate('a-key')).toEqual({ Authorization: 'Bearer a-key' });
});

describe('the request of a submit to Novita AI', () => {
	test('is what a public client was recorded to send', () => {
		const request = novita.submitRequest({
			prompt: recordedRequest.prompt,
			size: { width: 1024, height: 1024 },
			seed: 42,
			images: recordedRequest.images,
			ownOptions: {},
		});
		expect(request).toEqual({
			method: 'POST',
			path: '/v3/async/flux-2-flex',
			body: recordedRequest,
		});
	});

	test('leaves out what the user left open', () => {
		expect(bodyOf({})).toEqual({ prompt: 'a cat', seed: -1 });
	});

	test('separates width and height by an asterisk, width first', () => {
		expect(bodyOf({ size: { width: 1536, height: 256 } })?.size).toBe('1536*256');
	});

	test('keeps the order of the reference images', () => {
		const images = ['https://example.com/b.png', 'data:image/png;base64,iVBO', 'http://a.example/'];
		expect(bodyOf({ images })?.images).toEqual(images);
	});

	test('names the address to call when the task is over', () => {
		const webhookUrl = 'https://n8n.example.com/webhook-waiting/1';
		expect(bodyOf({ webhookUrl })?.extra).toEqual({ webhook: { url: webhookUrl } });
	});

	test('passes a prompt on as it is', () => {
		const prompt = '  "quoted"\n猫 🐈‍⬛ \u0000 ';
		expect(bodyOf({ prompt })?.prompt).toBe(prompt);
	});
});

test('the request for a task has its id in the query', () => {
	expect(novita.taskRequest({ taskId: 'a b&c=d' })).toEqual({
		method: 'GET',
		path: '/v3/async/task-result',
		query: { task_id: 'a b&c=d' },
	});
});

describe('from the reply to a submit the task id', () => {
	test.each<[string, unknown, string | undefined]>([
		['a text', { task_id: 'abc' }, 'abc'],
		['a text with spaces around it', { task_id: ' abc\n' }, 'abc'],
		['a number', { task_id: 12345 }, '12345'],
		['zero', { task_id: 0 }, '0'],
		['empty', { task_id: '' }, undefined],
		['blank', { task_id: '  ' }, undefined],
		['null', { task_id: null }, undefined],
		['a list', { task_id: ['abc'] }, undefined],
		['an object', { task_id: { id: 'abc' } }, undefined],
		['a boolean', { task_id: true }, undefined],
		['absent', {}, undefined],
		['below another name', { id: 'abc' }, undefined],
		['in a list', [{ task_id: 'abc' }], undefined],
		['a web page', '<html></html>', undefined],
		['nothing', null, undefined],
		['nothing at all', undefined, undefined],
	])('that is %s is read as such: %p is %p', (_name, body, expected) => {
		expect(novita.readReceipt({ status: 200, headers: {}, body })).toEqual(
			expected === undefined ? undefined : { taskId: expected, charges: {} },
		);
	});
});

describe('the services to choose from', () => {
	test.each([
		['novita', 'Novita AI', 'https://api.novita.ai', novita],
		['jieKou', 'JieKou.AI', 'https://api.highwayapi.ai', jieKou],
	])('offer %s', (id, displayName, defaultBaseUrl, service) => {
		expect(findService(id)).toBe(service);
		expect(service).toMatchObject({ id, displayName, defaultBaseUrl, maxReferenceImages: 3 });
	});

	test('differ in nothing else where they offer the same API', () => {
		const names = ['id', 'displayName', 'defaultBaseUrl', 'about', 'announcedEnd', 'keyTest'];
		const rest = (service: object) =>
			Object.fromEntries(Object.entries(service).filter(([name]) => !names.includes(name)));
		expect(rest(jieKou)).toEqual(rest(novita));
	});

	test.each([undefined, null, '', 'Novita', 'toString', '__proto__', 0, {}, ['novita']])(
		'%p is none of them',
		(id) => {
			expect(findService(id)).toBeUndefined();
		},
	);
});
