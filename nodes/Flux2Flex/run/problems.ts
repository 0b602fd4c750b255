import type { NodeOperationError } from 'n8n-workflow';

import type { Account } from '../services/account';
import type { Refusal, RefusalKind } from '../services/service';
import type { FailedTask } from '../services/task';
import type { NotSent } from '../transport/outcome';
import type { Item } from './item';

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
		`The service may have retired the model${service.announcedEnd === undefined ? '' : `: ${service.displayName} announced its end for ${service.announcedEnd}`}. Choose another 'Service' in the credential, or check 'Base URL' (now ${baseUrl}).`,
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
export function refusalProblem(item: Item, account: Account, refusal: Refusal): NodeOperationError {
	const [message, wayOut] = wordings[refusal.kind](account);
	const said = shorten(refusal.text ?? `HTTP status ${refusal.status}`);
	const isAboutInput = ABOUT_INPUT.has(refusal.kind) && refusal.text !== undefined;
	return item.problem(
		isAboutInput ? `${message}: ${said}` : message,
		`${wayOut} The service said: ${said}`,
	);
}

/** The request never reached the service. */
export function unreachableProblem(
	item: Item,
	{ service, baseUrl }: Account,
	{ cause }: NotSent,
): NodeOperationError {
	return item.problem(
		`${service.displayName} could not be reached at ${baseUrl}`,
		`Nothing was sent. Check 'Base URL' in the credential and the network of this n8n. Cause: ${cause}`,
	);
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
