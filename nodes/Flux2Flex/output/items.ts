import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { TOOL_LINK_DAYS } from '../description/options';
import { TOOL_LINK_LIFE, type OutputSettings } from '../read/outputSettings';
import type { Item } from '../run/item';
import { signLink } from '../run/signedLink';
import type { Account } from '../services/account';
import type {
	Charges,
	FailedTask,
	PendingTask,
	SucceededTask,
	TaskImage,
	TaskReceipt,
	TaskReference,
	TaskReport,
} from '../services/task';
import { askForTask } from '../wait/askForTask';
import { downloadImage, type DownloadedImage, type LinkedImage } from './downloadImage';

/** Latest time a date can show, in milliseconds since 1970 (ECMA-262, 21.4.1.1). */
const LATEST_TIME = 8.64e15;

/** In milliseconds. */
const DAY = 86_400_000;

/** A succeeded task and what is known about it beyond the service's answer. */
export interface FinishedTask {
	item: Item;
	account: Account;
	reference: TaskReference;
	task: SucceededTask;
	answer: TaskReport['answer'];
	/** The seed of the request, when the user chose one: not every answer repeats it. */
	requestedSeed?: number;
	/** What the submit said about the cost; an answer may repeat it. */
	charges?: Charges;
}

/** A task that has no image (yet), and the service's answer about it when there is one. */
export interface UnfinishedTask {
	reference: TaskReference;
	task: PendingTask | FailedTask;
	answer?: TaskReport['answer'];
}

/** One item per image, with the image in it when the settings ask for it. */
export async function emitImages(
	finished: FinishedTask,
	settings: OutputSettings,
): Promise<INodeExecutionData[]> {
	const { item, task, answer } = finished;
	const receivedAt = item.run.clock.now();
	const items: INodeExecutionData[] = [];
	for (const [imageIndex, image] of task.images.entries()) {
		const { binaryPropertyName, fileName, asLink = false } = settings;
		const told: LinkedImage = { image, answer, receivedAt };
		const file =
			binaryPropertyName === undefined && !asLink
				? undefined
				: await downloadImage(item, {
						source: told,
						imageIndex,
						taskId: task.taskId,
						fileName,
						renew: async () => await renewLink(finished, imageIndex),
					});
		const source = file?.source ?? told;
		const link = asLink && file ? signedLink(item, file) : linkOf(source);
		const { expiresAt } = link;
		const isUnsaved = file === undefined && expiresAt !== undefined && !item.run.isTool;
		if (isUnsaved) item.run.hints.linkUnsaved(expiresAt);
		items.push({
			json: settings.simplify
				? simplify(finished, source.image, link, file)
				: unchanged(source.answer),
			pairedItem: { item: item.index },
			...(file &&
				binaryPropertyName !== undefined && { binary: { [binaryPropertyName]: file.binary } }),
		});
	}
	return items;
}

/** The item for a task that was only submitted. */
export function emitReceipt(item: Item, receipt: TaskReceipt): INodeExecutionData {
	const { taskId, links, charges } = receipt;
	return {
		json: {
			task_id: taskId,
			...links,
			...charges,
		},
		pairedItem: { item: item.index },
	};
}

/** The item for a task without an image (yet), as far as it is known. */
export function emitTask(
	item: Item,
	{ reference, task, answer }: UnfinishedTask,
	settings: OutputSettings,
): INodeExecutionData {
	const json: IDataObject =
		settings.simplify || answer === undefined
			? {
					task_id: task.taskId,
					status: task.status,
					// The next look needs it as much as this one did.
					...reference.links,
					...(task.reason !== undefined && { reason: task.reason }),
					...('eta' in task && task.eta !== undefined && { eta: task.eta }),
					...(task.progressPercent !== undefined && { progress_percent: task.progressPercent }),
				}
			: unchanged(answer);
	return { json, pairedItem: { item: item.index } };
}

function simplify(
	{ task, requestedSeed, charges }: FinishedTask,
	image: TaskImage,
	{ url, expiresAt }: Link,
	file: DownloadedImage | undefined,
): IDataObject {
	const seed = task.seed ?? requestedSeed;
	return {
		task_id: task.taskId,
		status: task.status,
		...(seed !== undefined && { seed }),
		image_url: url,
		image_type: file?.format.name ?? image.type ?? null,
		image_url_expires_at: expiresAt === undefined ? null : new Date(expiresAt).toISOString(),
		nsfw: image.nsfw,
		...charges,
		...task.charges,
	};
}

/**
 * The service's answer as it came, but for a key `error`: as part of a good item it would make Retry
 * On Fail run the node again, and pay again.
 */
function unchanged(answer: TaskReport['answer']): IDataObject {
	return Object.fromEntries(
		Object.entries(answer).filter(([key]) => key !== 'error'),
	) as IDataObject;
}

/** Where an image is to be had. */
interface Link {
	url: string;
	/** Milliseconds since 1970; undefined when the link does not expire. */
	expiresAt?: number;
}

/** The service's own. */
function linkOf({ image, receivedAt }: LinkedImage): Link {
	const { url, secondsToLive, livesFrom = receivedAt } = image;
	if (secondsToLive === undefined) return { url };
	const expiresAt = livesFrom + secondsToLive * 1000;
	return { url, expiresAt: expiresAt <= LATEST_TIME ? expiresAt : undefined };
}

/** One of this n8n; the service's where it cannot sign after all, since the image is paid for. */
function signedLink(item: Item, { binary, source }: DownloadedImage): Link {
	const url = signLink(item, binary, TOOL_LINK_LIFE);
	if (url === undefined) return linkOf(source);
	return { url, expiresAt: item.run.clock.now() + TOOL_LINK_DAYS * DAY };
}

async function renewLink(
	{ item, account, reference }: FinishedTask,
	imageIndex: number,
): Promise<LinkedImage | undefined> {
	const { task: now, answer } = await askForTask(item, account, reference);
	const image = now.status === 'succeeded' ? now.images[imageIndex] : undefined;
	return image && { image, answer, receivedAt: item.run.clock.now() };
}
