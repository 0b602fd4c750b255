import type { IBinaryData } from 'n8n-workflow';

import { fileNameFor } from '../images/fileName';
import { isEnoughToSniff, sniffImage, type ImageFormat } from '../images/imageFormat';
import type { Item } from '../run/item';
import type { NodeRun } from '../run/nodeRun';
import { backOff } from '../run/retryRules';
import type { TaskImage, TaskReport } from '../services/task';
import { within } from '../timing/clock';
import { discard, type ByteStream } from '../transport/byteStream';
import { readFirstBytes } from '../transport/firstBytes';
import { limitBytes } from '../transport/limitBytes';

export interface DownloadedImage {
	binary: IBinaryData;
	format: ImageFormat;
	/** The link that led to it: after a dead one, a fresh one. */
	source: LinkedImage;
}

/** An image as an answer described it, and when: its link lives from then on. */
export interface LinkedImage {
	image: TaskImage;
	answer: TaskReport['answer'];
	/** Milliseconds since 1970. */
	receivedAt: number;
}

/** What to download and where it belongs. */
export interface DownloadJob {
	taskId: string;
	source: LinkedImage;
	/** 0 for the first image of a task. */
	imageIndex: number;
	/** The name the user chose, if any. */
	fileName?: string;
	/** Asks the service for the same image once more: links expire, tasks stay. */
	renew(): Promise<LinkedImage | undefined>;
}

/** Largest image in bytes; the largest size the service makes is a few MB. */
export const MAX_IMAGE_BYTES = 50_000_000;
/** Milliseconds for one download as a whole. */
export const DOWNLOAD_TIME_LIMIT = 600_000;
export const MAX_ATTEMPTS = 4;

type StoredFile = Omit<DownloadedImage, 'source'>;

/** An attempt that brought no image; `isFinal` when another one cannot do better. */
interface FailedAttempt {
	cause: string;
	isFinal: boolean;
}

/**
 * Streams an image into n8n's binary store, with name and type that agree with its bytes.
 *
 * @throws NodeOperationError when there is no image to be had; the task is still paid for
 */
export async function downloadImage(item: Item, job: DownloadJob): Promise<DownloadedImage> {
	const { run } = item;
	let { source } = job;
	for (let attempt = 1; ; attempt++) {
		const result = await attemptDownload(run, job, source.image);
		run.assertRunning();
		if ('binary' in result) return { ...result, source };
		item.log('download failed', { attempt, reason: result.cause });
		if (result.isFinal || attempt >= MAX_ATTEMPTS) {
			throw item.problem(
				'The image could not be downloaded',
				`The task is finished, paid for and not lost: ${wayOut(run)} Cause: ${result.cause}`,
			);
		}
		// Image hosts were seen to need some seconds, and the image is paid for.
		await run.sleep(backOff(attempt + 1, run.random));
		source = (await job.renew()) ?? source;
	}
}

/** What a retry does, a model cannot; and its tool has no 'Download Image'. */
function wayOut({ isTool }: NodeRun): string {
	return isTool
		? "the operation 'Get Task Result' gets the image by its task ID without paying again; ordering the image again may cost again. With \"Service Link\" as 'Tool Result' under 'Options' nothing is downloaded."
		: "'Retry On Fail' and the operation 'Get Task Result' ask for a fresh link without paying again; with 'Download Image' off the node returns the link only.";
}

async function attemptDownload(
	run: NodeRun,
	job: DownloadJob,
	image: TaskImage,
): Promise<StoredFile | FailedAttempt> {
	const download = await run.transport.open(image.url, {
		timeLimit: DOWNLOAD_TIME_LIMIT,
		signal: run.haltSignal,
	});
	if (download.kind !== 'open') {
		const isFinal = download.kind === 'notSent' && !download.temporary;
		return { cause: download.cause, isFinal };
	}
	const { status, headers, body } = download;
	try {
		if (status < 200 || status > 299) {
			return { cause: `the image host answered with HTTP status ${status}`, isFinal: false };
		}
		if (Number(headers['content-length']) > MAX_IMAGE_BYTES) return tooLarge();
		const stored = store(run, job, body);
		return (
			(await within(run.clock, DOWNLOAD_TIME_LIMIT, run.haltSignal, stored)) ?? {
				cause: 'it took too long',
				isFinal: false,
			}
		);
	} finally {
		discard(body);
	}
}

async function store(
	run: NodeRun,
	{ taskId, imageIndex, fileName }: DownloadJob,
	body: ByteStream,
): Promise<StoredFile | FailedAttempt> {
	let limit: ReturnType<typeof limitBytes> | undefined;
	try {
		const format = sniffImage(await readFirstBytes(body, isEnoughToSniff));
		if (format === undefined) {
			return { cause: 'what the link leads to is not an image', isFinal: false };
		}
		limit = limitBytes(body, MAX_IMAGE_BYTES);
		const binary = await Promise.race([
			run.context.helpers.prepareBinaryData(
				body,
				fileNameFor({ taskId, imageIndex, chosen: fileName, format }),
				format.mimeType,
			),
			failureOf(body),
		]);
		return { binary, format };
	} catch (error) {
		if (limit?.wasExceeded()) return tooLarge();
		return { cause: error instanceof Error ? error.message : String(error), isFinal: false };
	}
}

/** Rejects when the stream fails, also before its reader came: not every reader of n8n looks back. */
async function failureOf(stream: ByteStream): Promise<never> {
	return await new Promise((_resolve, reject) => {
		if (stream.errored) reject(stream.errored);
		stream.once('error', reject);
	});
}

function tooLarge(): FailedAttempt {
	return { cause: `the file is larger than ${MAX_IMAGE_BYTES / 1e6} MB`, isFinal: true };
}
