import { taskId as taskIdField } from '../description/result';
import type { Item } from '../run/item';
import { isAddressOf, mayGetKey, type Account } from '../services/account';
import type { TaskReference } from '../services/task';
import { asHttpUrl } from '../values/untrusted';
import { show } from '../values/show';

/** Longest link that is taken for a task's. */
const MAX_LINK_LENGTH = 2000;

/**
 * The task an item asks for: an id, or the link its service gave for polling.
 *
 * @throws NodeOperationError when it can be neither
 */
export function readTaskId(item: Item, account: Account): TaskReference {
	const value = item.read(taskIdField);
	if (typeof value === 'number' && !Number.isSafeInteger(value)) {
		throw item.problem(
			`'Task ID' is a number too long to be exact: ${value}`,
			'Pass it on as text, as it came: n8n rounds whole numbers of more than 15 digits.',
		);
	}
	const text = typeof value === 'number' ? String(value) : value;
	const link = asHttpUrl(text);
	if (link !== undefined && link.length <= MAX_LINK_LENGTH) return readLink(item, link, account);
	if (typeof text === 'string' && /^\s*[^\s\p{Cc}]{1,200}\s*$/u.test(text)) {
		return { taskId: text.trim() };
	}
	throw item.problem(
		text === ''
			? "'Task ID' is empty"
			: `'Task ID' is ${show(value)}, which cannot be the ID of a task`,
		"Enter the task_id that 'Submit' returned, e.g. {{ $json.task_id }}.",
	);
}

function readLink(item: Item, link: string, account: Account): TaskReference {
	const { displayName, readTaskLink } = account.service;
	if (readTaskLink === undefined) {
		throw item.problem(
			`'Task ID' is a link, but ${displayName} knows its tasks by their ID`,
			"Enter the task_id that 'Submit' returned, e.g. {{ $json.task_id }}, and check 'Service' in the credential.",
		);
	}
	const task = readTaskLink(link);
	// Behind a gateway the key stays there: the task is then asked for by its id.
	const isLinkOfTask = mayGetKey(account, link) || isAddressOf(account.service, link);
	if (task === undefined || !isLinkOfTask) {
		throw item.problem(
			`'Task ID' is a link that is not one of ${displayName} for a task: ${show(link)}`,
			"The API key is not sent there. Enter the task_id, or a link of the task, that 'Submit' returned.",
		);
	}
	return task;
}
