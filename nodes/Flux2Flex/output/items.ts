import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import type {
	FailedTask,
	PendingTask,
	Charges,
	SucceededTask,
	TaskImage,
	TaskReceipt,
	TaskReference,
	TaskReport,
} from '../services/task';
import type { Account } from '../services/account';
import { askForTask } from '../wait/askForTask';
import { downloadImage, type DownloadedImage } from './downloadImage';
import type { NodeRun } from '../run/nodeRun';
import type { OutputSettings } from '../read/outputSettings';

/** Latest time a date can show, in milliseconds since 1970 (ECMA-262, 21.4.1.1). */
const LATEST_TIME = 8.64e15;

/** A succeeded task and what is known about it beyond the service's answer. */
export interface FinishedTask {
	itemIndex: number;
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
	run: NodeRun,
	finished: FinishedTask,
	settings: OutputSettings,
): Promise<INodeExecutionData[]> {
	const { itemIndex, task, answer } = finished;
	const receivedAt = run.clock.now();
	const items: INodeExecutionData[] = [];
	for (const [imageIndex, image] of task.images.entries()) {
		const file =
			settings.binaryPropertyName === undefined
				? undefined
				: await downloadImage(run, {
						itemIndex,
						taskId: task.taskId,
						image,
						imageIndex,
						fileName: settings.fileName,
						renew: async () => await renewLink(run, finished, imageIndex),
					});
		const expiresAt = expiryOf(image, receivedAt);
		if (file === undefined) run.noteUnsavedLink(expiresAt);
		const json = settings.simplify ? simplify(finished, image, expiresAt, file) : unchanged(answer);
		items.push({
			json,
			pairedItem: { item: itemIndex },
			...(file &&
				settings.binaryPropertyName !== undefined && {
					binary: { [settings.binaryPropertyName]: file.binary },
				}),
		});
	}
	return items;
}

/** The item for a task that was only submitted. */
export function emitReceipt(itemIndex: number, receipt: TaskReceipt): INodeExecutionData {
	const { taskId, pollingUrl, charges } = receipt;
	return {
		json: {
			task_id: taskId,
			...(pollingUrl !== undefined && { polling_url: pollingUrl }),
			...charges,
		},
		pairedItem: { item: itemIndex },
	};
}

/** The item for a task without an image (yet), as far as it is known. */
export function emitTask(
	itemIndex: number,
	{ reference, task, answer }: UnfinishedTask,
	{ simplify: isSimple }: OutputSettings,
): INodeExecutionData {
	const json: IDataObject =
		isSimple || answer === undefined
			? {
					task_id: task.taskId,
					status: task.status,
					// The next look needs it as much as this one did.
					...(reference.pollingUrl !== undefined && { polling_url: reference.pollingUrl }),
					...(task.reason !== undefined && { reason: task.reason }),
					...('eta' in task && task.eta !== undefined && { eta: task.eta }),
					...(task.progressPercent !== undefined && { progress_percent: task.progressPercent }),
				}
			: unchanged(answer);
	return { json, pairedItem: { item: itemIndex } };
}

function simplify(
	{ task, requestedSeed, charges }: FinishedTask,
	image: TaskImage,
	expiresAt: number | undefined,
	file: DownloadedImage | undefined,
): IDataObject {
	const seed = task.seed ?? requestedSeed;
	return {
		task_id: task.taskId,
		status: task.status,
		...(seed !== undefined && { seed }),
		image_url: image.url,
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

/** Milliseconds since 1970; undefined when the link does not expire. */
function expiryOf({ secondsToLive }: TaskImage, receivedAt: number): number | undefined {
	if (secondsToLive === undefined) return undefined;
	const expiresAt = receivedAt + secondsToLive * 1000;
	return expiresAt <= LATEST_TIME ? expiresAt : undefined;
}

async function renewLink(
	run: NodeRun,
	{ itemIndex, account, reference }: FinishedTask,
	imageIndex: number,
): Promise<TaskImage | undefined> {
	const { task: now } = await askForTask(run, account, itemIndex, reference);
	return now.status === 'succeeded' ? now.images[imageIndex] : undefined;
}
