import type { NodeOperationError } from 'n8n-workflow';

import { isAddressOf, type Account } from '../services/account';
import type { Refusal, RefusalKind } from '../services/service';
import type { FailedTask } from '../services/task';
import type { Lost, NotSent, Stranger } from '../transport/outcome';
import type { Item } from './item';
import {
	describeStranger,
	WHERE_TO_LOOK,
	type SettledReport,
	type UnusableReport,
} from './retryRules';

/** `isPaid`: there is a task, which costs money whatever is said now. */
type Wording = (account: Account, isPaid: boolean) => [message: string, description: string];

/** One message for each way a service can say no; tested one by one. */
const wordings: Record<RefusalKind, Wording> = {
	badKey: ({ service }) => [
		`${service.displayName} did not accept the API key`,
		"Check 'API Key' and 'Service' in the credential.",
	],
	emptyBalance: ({ service }, isPaid) => [
		`The balance of your ${service.displayName} account is empty`,
		`Top up the account at ${service.displayName}, then run the workflow again.${isPaid ? '' : ' This request was not charged.'}`,
	],
	notAllowed: ({ service }) => [
		`Your ${service.displayName} account is not allowed to use FLUX.2 [flex]`,
		`Check what your account and its API key are allowed to use at ${service.displayName}.`,
	],
	rateLimit: ({ service }) => [
		`${service.displayName} refuses more requests for now (rate limit)`,
		"Lower 'Max Concurrent Tasks' under 'Options', or send fewer items at a time.",
	],
	filteredContent: ({ service }) => [
		`${service.displayName} refused the content of this request`,
		"Change 'Prompt' or the images in 'Reference Images'.",
	],
	unreadableImage: ({ service }) => [
		`${service.displayName} could not use a reference image`,
		"Check 'Reference Images': PNG, JPEG or WebP, not too large, and reachable from the internet when given as a link.",
	],
	invalidRequest: ({ service }) => [
		`${service.displayName} did not accept the request`,
		"Check 'Prompt', 'Size', 'Seed', 'Reference Images' and 'Options'.",
	],
	routeNotFound: ({ service, baseUrl }) => [
		`FLUX.2 [flex] is not available at ${service.displayName} (404, the route does not exist)`,
		`The service may have retired the model${service.announcedEnd === undefined ? '' : `: ${service.displayName} announced its end for ${service.announcedEnd}`}. Choose another 'Service' in the credential, or check 'Base URL' (now ${baseUrl}).`,
	],
	unknownTask: (account) => [
		`${account.service.displayName} does not know the task`,
		`${regionHint(account)}Check that the credential is of the service and the account that accepted the task, and 'Task ID' where you entered it. Services forget old tasks; then only a new execution can order the image again.`,
	],
	overloaded: ({ service }) => [
		`${service.displayName} is over capacity and takes no more tasks for now`,
		'Run the workflow again later. No task was made.',
	],
	unavailable: ({ service }) => [
		`${service.displayName} is not available at the moment`,
		'Run the workflow again later.',
	],
	unexpected: ({ service }) => [
		`${service.displayName} gave an answer that this node does not understand`,
		"Check 'Base URL' in the credential.",
	],
};

/** Behind a gateway all calls go through it, and another address would not help. */
function regionHint({ service, baseUrl }: Account): string {
	return service.regionalLink !== undefined && isAddressOf(service, baseUrl)
		? `Its tasks are known in one region only: enter the ${service.regionalLink} that 'Submit' returned as 'Task ID', not the task_id alone. `
		: '';
}

/** A service's own words, short enough for a message. */
function shorten(words: string): string {
	return words.length > 500 ? `${words.slice(0, 500)}…` : words;
}

/** Only the service knows what is wrong with the input, so its words stand in the message. */
const ABOUT_INPUT: ReadonlySet<RefusalKind> = new Set([
	'filteredContent',
	'unreadableImage',
	'invalidRequest',
]);

/** The service said no. */
export function refusalProblem(item: Item, account: Account, refusal: Refusal): NodeOperationError {
	const isPaid = item.taskId !== undefined;
	const [message, wayOut] = wordings[refusal.kind](account, isPaid);
	const said = shorten(describeCause(refusal, account));
	const isAboutInput = ABOUT_INPUT.has(refusal.kind) && refusal.text !== undefined;
	return item.problem(
		isAboutInput ? `${message}: ${said}` : message,
		`${wayOut} The service said: ${said}`,
	);
}

/** No task was made: the service refused, a stranger did, or the request never left. */
export function noTaskProblem(
	item: Item,
	account: Account,
	cause: Refusal | Stranger | NotSent,
): NodeOperationError {
	switch (cause.kind) {
		case 'notSent':
			return unreachableProblem(item, account, cause);
		case 'stranger':
			return strangerProblem(item, account, cause, 'No task was made.');
		default:
			return refusalProblem(item, account, cause);
	}
}

/** There is a task, and no answer about it. */
export function noAnswerProblem(
	item: Item,
	account: Account,
	cause: Refusal | Stranger | NotSent | Lost,
): NodeOperationError {
	switch (cause.kind) {
		case 'notSent':
			if (!cause.temporary) return unreachableProblem(item, account, cause);
			break;
		case 'stranger':
			return strangerProblem(
				item,
				account,
				cause,
				// The word that a region has for the tasks of others is not known for sure.
				`The task is not lost: ask for it again later. ${cause.status === 404 ? regionHint(account) : ''}`.trim(),
			);
		case 'lost':
			break;
		default:
			return refusalProblem(item, account, cause);
	}
	return item.problem(
		`${account.service.displayName} gave no usable answer about the task`,
		`The task is not lost: ask for it again later. Last answer: ${cause.cause}`,
	);
}

/** The request never reached the service. */
function unreachableProblem(
	item: Item,
	{ service, baseUrl }: Account,
	{ cause }: NotSent,
): NodeOperationError {
	return item.problem(
		`${service.displayName} could not be reached at ${baseUrl}`,
		`${item.taskId === undefined ? 'Nothing was sent.' : 'The task is not lost: ask for it again later.'} Check 'Base URL' in the credential and the network of this n8n. Cause: ${cause}`,
	);
}

/** Somebody else answered in the service's place. */
function strangerProblem(
	item: Item,
	account: Account,
	stranger: Stranger,
	consequence: string,
): NodeOperationError {
	const { status, words } = stranger;
	const said = words === '' ? 'without a word' : `"${words}"`;
	const rate =
		status === 429
			? " Lower 'Max Concurrent Tasks' under 'Options', or send fewer items at a time."
			: '';
	return item.problem(
		`Something between n8n and ${account.service.displayName} answered in its place: HTTP status ${status}, ${said}`,
		`${consequence} This is not the service's word, so it says nothing about your key, balance or content. ${WHERE_TO_LOOK} (now ${account.baseUrl}).${rate}`,
	);
}

/** Why there was no answer that helps, for the log and to follow "Cause:". */
export function describeCause(
	cause: Refusal | Stranger | NotSent | Lost,
	account: Account,
): string {
	switch (cause.kind) {
		case 'notSent':
		case 'lost':
			return cause.cause;
		case 'stranger':
			return describeStranger(cause, account.service);
		default:
			return cause.text ?? `HTTP status ${cause.status}`;
	}
}

/** A submit whose answer was lost. */
export function unconfirmedProblem(
	item: Item,
	{ service }: Account,
	cause: string,
): NodeOperationError {
	return item.problem(
		`The answer to the submit was lost: the task may exist at ${service.displayName} and be billed`,
		`It is not sent again, so that nothing is paid twice. Look into your account at ${service.displayName}; to send it again nevertheless, turn on 'Resubmit Unconfirmed' under 'Options', or start a new execution. Cause: ${cause}`,
	);
}

/** The task ended without an image, and will never have one. */
export function failedTaskProblem(
	item: Item,
	{ service }: Account,
	{ reason, filtered }: FailedTask,
): NodeOperationError {
	const said = reason === undefined ? '' : `: ${shorten(reason).replace(/[.\s]+$/, '')}`;
	return filtered
		? item.problem(
				`${service.displayName} made no image because of the content${said}`,
				"Change 'Prompt' or the images in 'Reference Images'. Running it unchanged would pay for another task.",
			)
		: item.problem(
				`${service.displayName} could not make the image${said}`,
				"Check 'Prompt'. With 'Reference Images': links must be reachable for the service, and some services refuse data URIs (try 'Send Reference Images As' under 'Options'). A retry pays for a new task.",
			);
}

/**
 * What a finished task comes to when there is still no way to its image after several looks.
 *
 * @throws NodeOperationError when the image is there, but its link is of no use
 */
export function settleUnusable(item: Item, { task, answer }: UnusableReport): SettledReport {
	if (task.otherwise !== undefined) return { task: task.otherwise, answer };
	throw item.problem(
		`The task is finished, but the link to its image cannot be used: ${shorten(JSON.stringify(task.link) ?? 'none')}`,
		"It is paid for and not lost: 'Get Task Result' asks for it again later. If the link stays like that, ask the service.",
	);
}
