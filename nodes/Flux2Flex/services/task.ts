import { asHttpUrl } from '../values/untrusted';

/** How a task is asked for. */
export interface TaskReference {
	taskId: string;
	/** Where the service says to ask for it, under its own names: it may be another (regional) host. */
	links?: Readonly<Record<string, string>>;
}

/** The links of these names in an answer that are links. */
export function readLinks(answer: Record<string, unknown>, ...names: string[]) {
	const links = names.map((name) => [name, asHttpUrl(answer[name])] as const);
	return Object.fromEntries(
		links.filter((link): link is [string, string] => link[1] !== undefined),
	);
}

/** What a task costs, under the service's own names. */
export interface Charges {
	/** In the service's own unit. */
	cost?: number;
	/** Megapixels of the reference images. */
	input_mp?: number;
	/** Megapixels of the image. */
	output_mp?: number;
}

/** What a service says when it accepts a task, and so bills it. */
export interface TaskReceipt extends TaskReference {
	charges: Charges;
}

/** An image of a finished task, as the service describes it. */
export interface TaskImage {
	/** http(s) link; public, often signed and short-lived. */
	url: string;
	/** What the service calls the format (`png`, `jpeg`, `webp`), when it says. */
	type?: string;
	/** Seconds the link lives; undefined when it does not expire. */
	secondsToLive?: number;
	/** When that time began, in milliseconds since 1970; undefined: with the answer. */
	livesFrom?: number;
	/** Whether the service found adult content; null when it did not look. */
	nsfw: boolean | null;
}

/** A task the service still works on. */
export interface PendingTask {
	status: 'queued' | 'processing';
	taskId: string;
	reason?: string;
	/** Seconds until the result, as the service guesses. */
	eta?: number;
	progressPercent?: number;
}

/** A task that ended without an image; it will never have one. */
export interface FailedTask {
	status: 'failed';
	taskId: string;
	reason?: string;
	/** The service withheld the image because of its content. */
	filtered: boolean;
	progressPercent?: number;
}

/**
 * A task that is over and paid for, but whose image cannot be reached by what was answered. The next
 * answer may have what is missing, so this is not believed at once.
 */
export interface UnusableTask {
	status: 'unusable';
	taskId: string;
	/** What stands in the place of the link. */
	link: unknown;
	/** What it means when it stays like that; undefined: the image is there, its link is of no use. */
	otherwise?: FailedTask;
}

/** A task with at least one image. */
export interface SucceededTask {
	status: 'succeeded';
	taskId: string;
	seed?: number;
	/** Where the answer repeats them. */
	charges?: Charges;
	images: [TaskImage, ...TaskImage[]];
}

export type Task = PendingTask | FailedTask | UnusableTask | SucceededTask;

/** A task together with the answer it was read from, for users who want the answer unchanged. */
export interface TaskReport {
	task: Task;
	answer: Record<string, unknown>;
}

/** What an image is called where the answer does not tell its format, but the file's name does. */
export function typeInName(url: string): string | undefined {
	const extension = /\.(jpe?g|png|webp)$/i.exec(new URL(url).pathname)?.[1]?.toLowerCase();
	return extension === 'jpg' ? 'jpeg' : extension;
}
