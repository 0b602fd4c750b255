import { changed, type TaskResult } from './answers';
import type { FaultRow } from './faultRow';

/** One of each kind of value that JSON has, and some that trip up careless code. */
const VALUES: unknown[] = [
	null,
	true,
	-1,
	1e300,
	'text',
	'',
	[],
	[null],
	[[['nested']]],
	{},
	{ toString: null, valueOf: null },
	{ length: 3 },
];

type Change = (result: TaskResult, value: unknown) => unknown;

const inTask =
	(field: string): Change =>
	(result, value) => ({ ...result, task: { ...result.task, [field]: value } });

const inImage =
	(field: string): Change =>
	(result, value) => ({
		...result,
		images: result.images.map((image) => ({ ...image, [field]: value })),
	});

const inExtra =
	(field: string): Change =>
	(result, value) => ({ ...result, extra: { ...result.extra, [field]: value } });

const FIELDS: Record<string, Change> = {
	task: (result, task) => ({ ...result, task }),
	'task.task_id': inTask('task_id'),
	'task.status': inTask('status'),
	'task.reason': inTask('reason'),
	'task.task_type': inTask('task_type'),
	'task.eta': inTask('eta'),
	'task.progress_percent': inTask('progress_percent'),
	images: (result, images) => ({ ...result, images }),
	'images[0]': (result, image) => ({ ...result, images: [image] }),
	'images[0].image_url': inImage('image_url'),
	'images[0].image_url_ttl': inImage('image_url_ttl'),
	'images[0].image_type': inImage('image_type'),
	'images[0].nsfw_detection_result': inImage('nsfw_detection_result'),
	extra: (result, extra) => ({ ...result, extra }),
	'extra.seed': inExtra('seed'),
	'extra.has_nsfw_contents': inExtra('has_nsfw_contents'),
	'extra.debug_info': inExtra('debug_info'),
	videos: (result, videos) => ({ ...result, videos }),
};

/** Without a list of images, or with an empty one, a success has no picture: that is for good. */
const meansNoPicture = (field: string, value: unknown) =>
	field === 'images' && (value === null || (Array.isArray(value) && value.length === 0));

/** The first answer about a task has the next of the values in the field, later ones are true. */
function wrongAtFirst(change: Change, values: unknown[]) {
	const seen = new Set<unknown>();
	return changed((result) => {
		const { task_id: taskId } = result.task;
		if (seen.has(taskId)) return result;
		seen.add(taskId);
		return change(result, values[seen.size - 1]);
	});
}

/** For every field of a result a run with as many items, and so tasks, as there are wrong values. */
export const wrongTypeRows: FaultRow[] = Object.entries(FIELDS).map(([field, change]) => {
	const values = VALUES.filter((value) => !meansNoPicture(field, value));
	const items = values.length;
	return {
		call: 'poll',
		happens: `a wrong type in ${field} (${items} kinds)`,
		times: 1,
		items,
		faults: () => [{ call: 'poll', times: Infinity, fault: wrongAtFirst(change, values) }],
		expected: { billed: items, pictures: items, requests: [items, 2 * items] },
	};
});
