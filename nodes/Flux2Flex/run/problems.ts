import { NodeOperationError, type IExecuteFunctions } from 'n8n-workflow';

import type { Refusal, RefusalKind } from '../services/service';
import type { FailedTask } from '../services/task';
import type { Account } from '../services/account';
import type { NotSent } from '../transport/outcome';
import type { Outstanding } from './ledger';

/** Where a problem belongs: the item and, once there is one, its paid task. */
export interface Location {
	context: IExecuteFunctions;
	itemIndex: number;
	taskId?: string;
}

/**
 * An error that names the item and the task.
 *
 * @param message what happened, without a full stop
 * @param description the way out
 */
export function problem(where: Location, message: string, description: string): NodeOperationError {
	const task = where.taskId === undefined ? '' : ` (task ${where.taskId})`;
	// n8n keeps of an error row only the message, so whatever must survive stands in it.
	const text = `${message}${task} [item ${where.itemIndex}]`;
	const error = new NodeOperationError(where.context.getNode(), text, {
		itemIndex: where.itemIndex,
		description,
	});
	// The constructor swaps the whole message for a general one when a service's words or a user's
	// text happen to contain a system error code such as ETIMEDOUT ("preexisting" has EEXIST).
	error.message = text;
	return error;
}

/** The user stopped the execution. n8n recognises a cancel by the word "canceled". */
export function canceledError(
	context: IExecuteFunctions,
	outstanding: Outstanding,
): NodeOperationError {
	return withOutstanding(
		new NodeOperationError(context.getNode(), 'The execution was canceled'),
		outstanding,
	);
}

/** The error with everything named that was paid for and that this run does not hand out. */
export function withOutstanding(
	error: NodeOperationError,
	{ taskIds, unconfirmedItems }: Outstanding,
): NodeOperationError {
	const sentences = [error.description];
	if (taskIds.length > 0) {
		sentences.push(
			`Already paid for and not lost: ${taskIds.join(', ')}. 'Retry On Fail' and 'Retry execution' pick these tasks up without paying again; the operation 'Get Task Result' fetches them too.`,
		);
	}
	if (unconfirmedItems.length > 0) {
		sentences.push(
			`The answer to the submit was lost for these items, so their tasks may exist and be billed: ${unconfirmedItems.join(', ')}.`,
		);
	}
	error.description = sentences.filter(Boolean).join(' ') || undefined;
	return error;
}

type Wording = (account: Account) => [message: string, description: string];

/** One message for each way a service can say no; tested one by one. */
const wordings: Record<RefusalKind, Wording> = {
	badKey: ({ service }) => [
		`${service.displayName} did not accept the API key`,
		"Check 'API Key' and 'Service' in the credential.",
	],
	emptyBalance: ({ service }) => [
		`The balance of your ${service.displayName} account is empty`,
		`Top up the account at ${service.displayName}, then run the workflow again. This request was not charged.`,
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
		`The service may have retired the model: Novita AI announced its end for 2026-08-19. Choose another 'Service' in the credential, or check 'Base URL' (now ${baseUrl}).`,
	],
	unknownTask: ({ service }) => [
		`${service.displayName} does not know the task`,
		"Check that the credential is of the service and the account that accepted the task, and 'Task ID' where you entered it. Services forget old tasks; then only a new execution can order the image again.",
	],
	redirected: ({ baseUrl }) => [
		`The address ${baseUrl} redirects elsewhere`,
		"Enter the address it redirects to as 'Base URL' in the credential; the API key is not sent along a redirect.",
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
export function refusalProblem(
	where: Location,
	account: Account,
	refusal: Refusal,
): NodeOperationError {
	const [message, wayOut] = wordings[refusal.kind](account);
	const said = shorten(refusal.text ?? `HTTP status ${refusal.status}`);
	const isAboutInput = ABOUT_INPUT.has(refusal.kind) && refusal.text !== undefined;
	return problem(
		where,
		isAboutInput ? `${message}: ${said}` : message,
		`${wayOut} The service said: ${said}`,
	);
}

/** The request never reached the service. */
export function unreachableProblem(
	where: Location,
	{ service, baseUrl }: Account,
	{ cause }: NotSent,
): NodeOperationError {
	return problem(
		where,
		`${service.displayName} could not be reached at ${baseUrl}`,
		`Nothing was sent. Check 'Base URL' in the credential and the network of this n8n. Cause: ${cause}`,
	);
}

/** A submit whose answer was lost. */
export function unconfirmedProblem(
	where: Location,
	{ service }: Account,
	cause: string,
): NodeOperationError {
	return problem(
		where,
		`The answer to the submit was lost: the task may exist at ${service.displayName} and be billed`,
		`It is not sent again, so that nothing is paid twice. Look into your account at ${service.displayName}; to send it again nevertheless, turn on 'Resubmit Unconfirmed' under 'Options', or start a new execution. Cause: ${cause}`,
	);
}

/** The task ended without an image, and will never have one. */
export function failedTaskProblem(
	where: Location,
	{ service }: Account,
	{ reason, filtered }: FailedTask,
): NodeOperationError {
	const said = reason === undefined ? '' : `: ${shorten(reason).replace(/[.\s]+$/, '')}`;
	return filtered
		? problem(
				where,
				`${service.displayName} made no image because of the content${said}`,
				"Change 'Prompt' or the images in 'Reference Images'. Running it unchanged would pay for another task.",
			)
		: problem(
				where,
				`${service.displayName} could not make the image${said}`,
				"Check 'Prompt'. With 'Reference Images': links must be reachable for the service, and some services refuse data URIs (try 'Send Reference Images As' under 'Options'). A retry pays for a new task.",
			);
}
