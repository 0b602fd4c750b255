import { blackForestLabs } from '../../nodes/Flux2Flex/services/blackForestLabs';
import { novita } from '../../nodes/Flux2Flex/services/novita';
import type { Service } from '../../nodes/Flux2Flex/services/service';

/** Whose answer it is; everything else comes from somebody between n8n and the service. */
const answers: Array<[what: string, body: unknown, owner?: Service, status?: number]> = [
	['a page', '<html>'],
	['a text', 'error code: 1010'],
	['nothing', ''],
	['null', null],
	['an empty object', {}],
	["a gateway's message", { message: 'no Route matched with those values' }],
	['a captive portal', { ok: true }],
	["a proxy's status", { status: 'error', message: 'blocked' }],
	["a framework's envelope", { statusCode: 403, message: 'no', error: 'Forbidden' }],
	["another framework's", { timestamp: '2026', status: 403, error: 'Forbidden' }],
	['a problem document', { title: 'Bad Gateway', detail: 'no' }],
	['a code and a message, as others have them', { code: 500, message: 'no' }],
	['a code that is a text', { code: 'FORBIDDEN', message: 'no' }],

	['a receipt', { task_id: 'a' }, novita],
	['a list of receipts', [{ task_id: 'a' }]],
	['a task', { task: { task_id: 'a', status: 'TASK_STATUS_QUEUED' } }, novita],
	['an envelope', { code: 403, reason: 'INVALID_API_KEY', message: 'no', metadata: {} }, novita],
	['an envelope, the reason alone', { reason: 'TASK_NOT_FOUND' }, novita],
	['a reason with words behind it', { reason: 'DENIED because' }],
	['a reason with words before it', { reason: 'not ALLOWED' }],

	['a receipt', { id: 'a', polling_url: 'https://api.bfl.ai/v1/get_result' }, blackForestLabs],
	['a task', { id: 'a', status: 'Pending' }, blackForestLabs],
	['a list of tasks', [{ id: 'a', status: 'Pending' }]],
	['a task that failed, as an HTTP error', { id: 'a', status: 'Error' }, blackForestLabs, 422],
	['an id beside an error of somebody else', { id: 'a', error: 'Bad Gateway' }, undefined, 502],
	["the vendor's envelope", { error: 'insufficient_credits', message: 'no' }, blackForestLabs],
	['an envelope with a code of one word', { error: 'timeout', message: 'no' }, blackForestLabs],
	['an envelope with a sentence for a code', { error: 'not found!', message: 'no' }],
	['an envelope without a message', { error: 'timeout' }],
	['a word of its framework', { detail: 'Not authenticated' }, blackForestLabs],
	['complaints of its framework', { detail: [{ loc: ['body'], msg: 'no' }] }, blackForestLabs],
];

const rows = answers.map(([what, body, owner, status = 200]) => ({ what, body, owner, status }));

describe.each([novita, blackForestLabs])('An answer to $displayName', (service) => {
	test.each(rows)(
		'with $what, $body, is taken for its own only if it is',
		({ body, owner, status }) => {
			expect(service.isOwnAnswer({ status, headers: {}, body })).toBe(service === owner);
		},
	);
});
