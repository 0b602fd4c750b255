import type { IExecuteFunctions } from 'n8n-workflow';

/** Milliseconds: links that die within a day are worth a word. */
export const SOON = 24 * 60 * 60 * 1000;

/** What the output panel tells beyond the items: collected while the run goes, shown at its end. */
export class Hints {
	private resumedTasks = 0;
	private firstExpiry = Infinity;

	/** A task of an earlier try was picked up instead of being paid for again. */
	taskResumed(): void {
		this.resumedTasks++;
	}

	/** Only the link of an image was handed out; `expiresAt` in milliseconds since 1970. */
	linkUnsaved(expiresAt: number): void {
		this.firstExpiry = Math.min(this.firstExpiry, expiresAt);
	}

	/** @param now milliseconds since 1970 */
	show(context: IExecuteFunctions, now: number): void {
		const hints: string[] = [];
		if (this.resumedTasks > 0) {
			const tasks = this.resumedTasks === 1 ? '1 task was' : `${this.resumedTasks} tasks were`;
			hints.push(
				`${tasks} already paid for by an earlier try and picked up instead of paid again.`,
			);
		}
		if (this.firstExpiry - now < SOON) {
			const time = new Date(this.firstExpiry).toISOString();
			hints.push(
				`The image links expire, the first at ${time}. Turn on 'Download Image' to keep the images.`,
			);
		}
		for (const message of hints) {
			context.addExecutionHints?.({ message, type: 'info', location: 'outputPane' });
		}
	}
}
