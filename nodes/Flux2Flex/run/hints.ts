import type { NodeRun } from './nodeRun';

/** Milliseconds: links that die within a day are worth a word. */
const SOON = 24 * 60 * 60 * 1000;

/** Tells on the output panel what the items alone do not show. */
export function addHints(run: NodeRun): void {
	const hints: string[] = [];
	if (run.resumedTasks > 0) {
		const tasks = run.resumedTasks === 1 ? '1 task was' : `${run.resumedTasks} tasks were`;
		hints.push(`${tasks} already paid for by an earlier try and picked up instead of paid again.`);
	}
	const { firstUnsavedExpiry } = run;
	if (firstUnsavedExpiry !== undefined && firstUnsavedExpiry - run.clock.now() < SOON) {
		const time = new Date(firstUnsavedExpiry).toISOString();
		hints.push(
			`The image links expire, the first at ${time}. Turn on 'Download Image' to keep the images.`,
		);
	}
	for (const message of hints) {
		run.context.addExecutionHints?.({ message, type: 'info', location: 'outputPane' });
	}
}
