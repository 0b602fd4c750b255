import { novita } from '../../nodes/Flux2Flex/services/novita';
import type { RefusalKind } from '../../nodes/Flux2Flex/services/service';
import recordedErrors from '../engine/payloads/errors.json';

const read = (status: number, body: unknown) =>
	novita.readRefusal({ status, headers: {}, body }, 'submit');

test.each([
	['INVALID_API_KEY', 'badKey'],
	['FAILED_TO_AUTH', 'badKey'],
	['UNAUTHORIZED', 'badKey'],
	['NOT_ENOUGH_BALANCE', 'emptyBalance'],
])('the recorded error %s is %s', (reason, kind) => {
	const recorded = recordedErrors.find(({ body }) => body.reason === reason);
	const refusal = read(recorded?.status ?? 0, recorded?.body);
	expect(refusal).toEqual({
		kind,
		status: recorded?.status,
		text: `${reason}: ${recorded?.body.message}`,
		mayHaveCreatedTask: false,
	});
});

/** The reasons of the vendor's documentation; the third column: whether a task may exist. */
const documentedReasons: Array<[number, string, RefusalKind, boolean]> = [
	[400, 'INVALID_REQUEST_BODY', 'invalidRequest', false],
	[400, 'IMAGE_FILE_EXCEEDS_MAX_SIZE', 'unreadableImage', false],
	[400, 'INVALID_IMAGE_FORMAT', 'unreadableImage', false],
	[400, 'IMAGE_EXCEEDS_MAX_RESOLUTION', 'unreadableImage', false],
	[400, 'INVALID_IMAGE_SIZE', 'invalidRequest', false],
	[400, 'ILLEGAL_PROMPT', 'filteredContent', false],
	[400, 'ILLEGAL_IMAGE_CONTENT', 'filteredContent', false],
	[400, 'BILLING_BALANCE_NOT_ENOUGH', 'emptyBalance', false],
	[400, 'MISSING_API_KEY', 'badKey', false],
	[403, 'MISSING_API_KEY', 'badKey', false],
	[401, 'FAILED_TO_AUTH', 'badKey', false],
	[401, 'UNAUTHORIZED', 'badKey', false],
	[403, 'INVALID_API_KEY', 'badKey', false],
	[403, 'NOT_ENOUGH_BALANCE', 'emptyBalance', false],
	[403, 'BILLING_AUTH_FAILED', 'emptyBalance', false],
	[403, 'FEATURE_NOT_ALLOWED', 'notAllowed', false],
	[403, 'API_NOT_ALLOWED', 'notAllowed', false],
	[403, 'NEED_REAL_NAME_VERIFY', 'notAllowed', false],
	[403, 'ACCESS_DENY', 'notAllowed', false],
	[404, 'API_NOT_FOUND', 'routeNotFound', false],
	[404, 'TASK_NOT_FOUND', 'unknownTask', false],
	[404, 'MODEL_NOT_FOUND', 'routeNotFound', false],
	[429, 'RATE_LIMIT_EXCEEDED', 'rateLimit', false],
	[500, 'BILLING_FAILED', 'unavailable', true],
	[500, 'CREATE_TASK_FAILED', 'unavailable', false],
	[500, 'GET_RESULT_FAILED', 'unavailable', true],
	[500, 'TASK_FAILED', 'unavailable', true],
	[503, 'SERVICE_NOT_AVAILABLE', 'unavailable', false],
];

describe('a refusal of Novita AI with a documented reason', () => {
	test.each(documentedReasons)(
		'(%i %s) is %s; whether a task may exist is %p',
		(status, reason, kind, mayHaveCreatedTask) => {
			const envelope = { code: status, reason, message: 'some words', metadata: {} };
			const text = `${reason}: some words`;
			expect(read(status, envelope)).toEqual({ kind, status, text, mayHaveCreatedTask });
			expect(read(status, { reason })).toMatchObject({ kind, text: reason, mayHaveCreatedTask });
		},
	);
});

describe('an answer of Novita AI', () => {
	test.each<[number, RefusalKind, boolean]>([
		[400, 'invalidRequest', false],
		[401, 'badKey', false],
		[402, 'emptyBalance', false],
		[403, 'notAllowed', false],
		[404, 'routeNotFound', false],
		[300, 'unexpected', false],
		[405, 'unexpected', false],
		[408, 'unexpected', true],
		[413, 'unreadableImage', false],
		[418, 'unexpected', false],
		[422, 'invalidRequest', false],
		[429, 'rateLimit', false],
		[500, 'unavailable', true],
		[502, 'unavailable', true],
		[503, 'unavailable', true],
		[504, 'unavailable', true],
		[524, 'unavailable', true],
	])(
		'without a reason, with %i, is %s; whether a task may exist is %p',
		(status, kind, mayHaveCreatedTask) => {
			const bodies = ['', null, undefined, [], {}, 17, '<html><h1>nginx</h1></html>', ['x']];
			for (const body of bodies) {
				expect(read(status, body)).toEqual({ kind, status, text: undefined, mayHaveCreatedTask });
			}
		},
	);

	test.each([200, 201, 202, 204, 299])('with %i is no refusal', (status) => {
		expect(read(status, { task_id: 'a' })).toBeUndefined();
		expect(read(status, { code: 200, reason: 'SUCCESS' })).toBeUndefined();
		expect(read(status, { code: 500, reason: 'SOMETHING_NEW' })).toBeUndefined();
		expect(read(status, null)).toBeUndefined();
	});

	test('that comes as a success, with the status of an error in its body, is that error', () => {
		expect(read(200, { code: 403, reason: 'NOT_ENOUGH_BALANCE', message: 'no' })).toEqual({
			kind: 'emptyBalance',
			status: 403,
			text: 'NOT_ENOUGH_BALANCE: no',
			mayHaveCreatedTask: false,
		});
		expect(read(200, { code: 500, reason: 'CREATE_TASK_FAILED' })).toMatchObject({
			mayHaveCreatedTask: false,
		});
		expect(read(200, { code: 400, reason: 'NOT_ENOUGH_BALANCE' })?.status).toBe(400);
		expect(read(200, { code: 399, reason: 'NOT_ENOUGH_BALANCE' })).toBeUndefined();
		expect(read(200, { code: 500, reason: 'BILLING_FAILED' })).toBeUndefined();
	});
});

describe('the words of Novita AI', () => {
	test.each<[number, string, RefusalKind]>([
		[403, 'not enough balance', 'emptyBalance'],
		[403, 'invalid api-key', 'badKey'],
		[403, 'failed to authenticate', 'badKey'],
		[403, 'not in your country', 'notAllowed'],
		[404, 'task not found', 'unknownTask'],
		[404, 'route not found', 'routeNotFound'],
	])('decide where there is no reason: %i %p is %s', (status, message, kind) => {
		expect(read(status, { code: status, message })).toMatchObject({ kind, text: message });
	});

	test.each<[unknown, unknown, string | undefined]>([
		['A_REASON', 'a message', 'A_REASON: a message'],
		['A_REASON', '', 'A_REASON'],
		[undefined, 'a message', 'a message'],
		[{}, ['x'], undefined],
		[5, true, undefined],
	])('with the reason %p and the message %p are told as %p', (reason, message, text) => {
		expect(read(400, { reason, message })?.text).toBe(text);
	});

	test('leave it to the status if nobody knows the reason', () => {
		for (const reason of ['SOMETHING_NEW', 'toString', 'constructor', '__proto__']) {
			expect(read(401, { reason })?.kind).toBe('badKey');
			expect(read(500, { reason })?.mayHaveCreatedTask).toBe(true);
		}
	});
});
