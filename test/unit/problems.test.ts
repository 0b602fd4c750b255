import type { INode, NodeOperationError } from 'n8n-workflow';

import { Item } from '../../nodes/Flux2Flex/run/item';
import type { NodeRun } from '../../nodes/Flux2Flex/run/nodeRun';
import {
	describeCause,
	failedTaskProblem,
	noAnswerProblem,
	noTaskProblem,
	settleUnusable,
	unconfirmedProblem,
} from '../../nodes/Flux2Flex/run/problems';
import type { Account } from '../../nodes/Flux2Flex/services/account';
import { blackForestLabs } from '../../nodes/Flux2Flex/services/blackForestLabs';
import { novita } from '../../nodes/Flux2Flex/services/novita';
import type { Refusal, RefusalKind, Service } from '../../nodes/Flux2Flex/services/service';
import type { Lost, NotSent, Stranger } from '../../nodes/Flux2Flex/transport/outcome';

const node = { name: 'Flux', type: 'flux2Flex' } as INode;

/** @param taskId of a task that is paid for */
function itemWith(taskId?: string): Item {
	const item = new Item({ isTool: false, context: { getNode: () => node } } as NodeRun, 0);
	item.taskId = taskId;
	return item;
}

const accountOf = (service: Service, baseUrl = service.defaultBaseUrl): Account => ({
	service,
	baseUrl,
	apiKey: 'sk-key',
	secrets: [],
	credentials: {},
});
const account = accountOf({ ...novita, announcedEnd: undefined });

const refusal = (kind: RefusalKind, more: Partial<Refusal> = {}): Refusal => ({
	kind,
	status: 400,
	text: 'its words',
	mayHaveCreatedTask: false,
	...more,
});
const notSent = (temporary: boolean): NotSent => ({ kind: 'notSent', cause: 'WHY', temporary });
const lost: Lost = { kind: 'lost', cause: 'WHY' };
const stranger = (status: number, words = 'a page'): Stranger => ({
	kind: 'stranger',
	status,
	headers: {},
	words,
});
const noTask = (cause: Refusal | Stranger | NotSent, of = account) =>
	noTaskProblem(itemWith(), of, cause);
const noAnswer = (cause: Refusal | Stranger | NotSent | Lost, of = account) =>
	noAnswerProblem(itemWith('abc'), of, cause);

const failed = (how: { reason?: string; filtered: boolean }) =>
	failedTaskProblem(itemWith(), account, { status: 'failed', taskId: 'a', ...how });

function unusable(link: unknown): NodeOperationError {
	try {
		settleUnusable(itemWith(), { task: { status: 'unusable', taskId: 'a', link }, answer: {} });
	} catch (error) {
		return error as NodeOperationError;
	}
	throw new Error('No problem');
}

/** Each way a service says no: what is told of it, and what the way out speaks of. */
const refusals: Record<RefusalKind, [message: string, wayOut: string[]]> = {
	badKey: ['Novita AI did not accept the API key', ["'API Key' and 'Service'"]],
	emptyBalance: ['The balance of your Novita AI account is empty', ['Top up', 'not charged']],
	notAllowed: [
		'Your Novita AI account is not allowed to use FLUX.2 [flex]',
		['are allowed to use at Novita AI'],
	],
	rateLimit: [
		'Novita AI refuses more requests for now (rate limit)',
		["'Max Concurrent Tasks' under 'Options'"],
	],
	filteredContent: [
		'Novita AI refused the content of this request: its words',
		["'Prompt'", "'Reference Images'"],
	],
	unreadableImage: [
		'Novita AI could not use a reference image: its words',
		["'Reference Images': PNG, JPEG or WebP"],
	],
	invalidRequest: [
		'Novita AI did not accept the request: its words',
		["'Prompt', 'Size', 'Seed', 'Reference Images' and 'Options'"],
	],
	routeNotFound: [
		'FLUX.2 [flex] is not available at Novita AI (404, the route does not exist)',
		['may have retired the model. Choose', "'Service'", "'Base URL' (now https://api.novita.ai)"],
	],
	unknownTask: ['Novita AI does not know the task', ["'Task ID'", 'only a new execution']],
	overloaded: [
		'Novita AI is over capacity and takes no more tasks for now',
		['later. No task was made.'],
	],
	unavailable: ['Novita AI is not available at the moment', ['Run the workflow again later.']],
	unexpected: [
		'Novita AI gave an answer that this node does not understand',
		["'Base URL' in the credential."],
	],
};

type Row = [what: string, tell: () => NodeOperationError, message: string, wayOut: string[]];

test.each<Row>([
	...Object.entries(refusals).map(([kind, [message, wayOut]]): Row => {
		const said = [...wayOut, ' The service said: its words'];
		return [`a refusal: ${kind}`, () => noTask(refusal(kind as RefusalKind)), message, said];
	}),
	[
		'a refusal without words',
		() => noTask(refusal('filteredContent', { text: undefined, status: 451 })),
		'Novita AI refused the content of this request',
		['The service said: HTTP status 451'],
	],
	[
		'a refusal about a task',
		() => noAnswer(refusal('unavailable')),
		'Novita AI is not available at the moment (task abc)',
		['The service said: its words'],
	],
	[
		'the announced end of the model',
		() => noTask(refusal('routeNotFound'), accountOf({ ...novita, announcedEnd: 'May 2030' })),
		refusals.routeNotFound[0],
		['retired the model: Novita AI announced its end for May 2030. Choose'],
	],
	[
		'no connection',
		() => noTask(notSent(true)),
		'Novita AI could not be reached at https://api.novita.ai',
		["Nothing was sent. Check 'Base URL'", 'Cause: WHY'],
	],
	[
		'no connection to ask for a task, ever',
		() => noAnswer(notSent(false)),
		'Novita AI could not be reached at https://api.novita.ai (task abc)',
		["The task is not lost: ask for it again later. Check 'Base URL'", 'Cause: WHY'],
	],
	...[notSent(true), lost].map(
		(cause): Row => [
			`no answer about a task: ${cause.kind}`,
			() => noAnswer(cause),
			'Novita AI gave no usable answer about the task (task abc)',
			['The task is not lost: ask for it again later. Last answer: WHY'],
		],
	),
	[
		'a stranger at a submit',
		() => noTask(stranger(403)),
		'Something between n8n and Novita AI answered in its place: HTTP status 403, "a page"',
		["No task was made. This is not the service's word", '(now https://api.novita.ai).\n'],
	],
	[
		'a stranger without a word',
		() => noTask(stranger(403, '')),
		'Something between n8n and Novita AI answered in its place: HTTP status 403, without a word',
		["Look at the proxy and the firewall of this n8n's network"],
	],
	[
		'a stranger who slows down',
		() => noTask(stranger(429)),
		'Something between n8n and Novita AI answered in its place: HTTP status 429, "a page"',
		["(now https://api.novita.ai). Lower 'Max Concurrent Tasks'"],
	],
	[
		'a stranger at a poll',
		() => noAnswer(stranger(403)),
		'Something between n8n and Novita AI answered in its place: HTTP status 403, "a page" (task abc)',
		['The task is not lost: ask for it again later. This is not'],
	],
	[
		'a lost answer',
		() => unconfirmedProblem(itemWith(), account, 'WHY'),
		'The answer to the submit was lost: the task may exist at Novita AI and be billed',
		['account at Novita AI', "'Resubmit Unconfirmed' under 'Options'", 'Cause: WHY'],
	],
	...['out of memory. .', 'out of memory', undefined].map(
		(reason): Row => [
			`a failed task with the reason ${reason}`,
			() => failed({ reason, filtered: false }),
			`Novita AI could not make the image${reason === undefined ? '' : ': out of memory'}`,
			["'Prompt'", "'Send Reference Images As' under 'Options'", 'A retry pays'],
		],
	),
	[
		'a filtered task, in many words',
		() => failed({ reason: 'x'.repeat(501), filtered: true }),
		`Novita AI made no image because of the content: ${'x'.repeat(500)}…`,
		["'Prompt'", "'Reference Images'", 'would pay for another task'],
	],
	...[
		['/a.png', '"/a.png"'],
		['x'.repeat(498), `"${'x'.repeat(498)}"`],
		[undefined, 'none'],
	].map(
		([link, shown]): Row => [
			`a link that cannot be used: ${shown}`,
			() => unusable(link),
			`The task is finished, but the link to its image cannot be used: ${shown}`,
			["'Get Task Result'", 'ask the service'],
		],
	),
])('of %s is told what happened, and the way out', (_what, tell, told, wayOut) => {
	const { message, description } = tell();
	expect(message).toBe(`${told} [item 0]`);
	// A line break stands for the end.
	for (const words of wayOut) expect(`${description}\n`).toContain(words);
});

test('a finished task that comes to something else is that, and no problem', () => {
	const otherwise = { status: 'failed', taskId: 'a', filtered: true } as const;
	const task = { status: 'unusable', taskId: 'a', link: undefined, otherwise } as const;
	expect(settleUnusable(itemWith(), { task, answer: { a: 1 } })).toEqual({
		task: otherwise,
		answer: { a: 1 },
	});
});

test('a refusal that comes after a task was paid for does not say that nothing was charged', () => {
	expect(noAnswer(refusal('emptyBalance')).description).toContain(
		'then run the workflow again. The service said',
	);
});

const gateway = accountOf(blackForestLabs, 'https://gateway.example.com');

describe("that a task's region may be another one", () => {
	const REGION = "enter the polling_url that 'Submit' returned as 'Task ID'";

	test.each([
		['is told of a task that is unknown', refusal('unknownTask'), accountOf(blackForestLabs), true],
		["is told of a stranger's 404", stranger(404), accountOf(blackForestLabs), true],
		["is not told of a stranger's 403", stranger(403), accountOf(blackForestLabs), false],
		['is not told behind a gateway', refusal('unknownTask'), gateway, false],
		['is not told of a service without regions', refusal('unknownTask'), account, false],
	])('%s', (_name, cause, of, isTold) => {
		const { description } = noAnswer(cause, of);
		expect(description?.includes(REGION)).toBe(isTold);
		expect(description).toMatch(/^(Its tasks are known|Check that|The task is not lost: ask)/);
		expect(description).not.toMatch(/ {2}| $/);
	});
});

test.each([
	[lost, 'WHY'],
	[notSent(true), 'WHY'],
	[refusal('badKey'), 'its words'],
	[refusal('badKey', { text: undefined }), 'HTTP status 400'],
	[stranger(403), 'something between n8n and Novita AI answered in its place, HTTP status 403'],
])('the cause %j is told as %p', (cause, told) => {
	expect(describeCause(cause, account)).toContain(told);
});
