/** A picture of a finished task, as the service describes it. */
export interface TaskImage {
	/** http(s) link; public, often signed and short-lived. */
	url: string;
	/** What the service calls the format (`png`, `jpeg`, `webp`), when it says. */
	type?: string;
	/** Seconds the link lives from the moment of the answer; undefined when it does not expire. */
	secondsToLive?: number;
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

/** A task that ended without a picture; it will never have one. */
export interface FailedTask {
	status: 'failed';
	taskId: string;
	reason?: string;
	/** The service withheld the picture because of its content. */
	filtered: boolean;
	progressPercent?: number;
}

/** A task with at least one picture. */
export interface SucceededTask {
	status: 'succeeded';
	taskId: string;
	seed?: number;
	images: [TaskImage, ...TaskImage[]];
}

export type Task = PendingTask | FailedTask | SucceededTask;

/** A task together with the answer it was read from, for users who want the answer unchanged. */
export interface TaskReport {
	task: Task;
	answer: Record<string, unknown>;
}
