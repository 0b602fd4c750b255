import { Listr, ListrTaskEventType, ListrTaskState } from 'listr2';

/**
 * @typedef {object} Step
 * @property {string} title
 * @property {(report: Report) => unknown} run
 * @property {() => string | false} [skip] the reason why there is nothing to do
 *
 * @typedef {object} Report
 * @property {(line: string) => void} line shows what the step is at
 * @property {(title: string) => void} title replaces the step's title
 */

/**
 * Runs steps one after the other and shows how far they are: live in a terminal, line by line in a
 * log. The first failure ends them.
 *
 * @param {Step[]} steps
 * @throws what the failed step threw
 */
export async function runSteps(steps) {
	/** @type {import('listr2').ListrTask[]} */
	const tasks = steps.map(({ title, run, skip }) => ({
		title,
		skip,
		task: async (_context, task) => {
			const stopClock = showElapsedTime(task);
			try {
				await run({
					line: (line) => (task.output = line),
					title: (newTitle) => (task.title = newTitle),
				});
			} finally {
				stopClock();
			}
		},
	}));
	await new Listr(tasks, {
		renderer: process.stdout.isTTY && !process.env.CI ? 'default' : LineRenderer,
		// What ends this process is decided in one place, see shutdown.mjs.
		registerSignalListeners: false,
		// The message is printed once, at the end, by the command.
		rendererOptions: { showErrorMessage: false, collapseErrors: false, collapseSkips: false },
	}).run();
}

/**
 * Long steps say every half a minute that they are alive.
 *
 * @param {{ output: string, title: string }} task
 * @returns {() => void}
 */
function showElapsedTime(task) {
	const started = Date.now();
	const timer = setInterval(() => {
		task.output = `still at it after ${Math.round((Date.now() - started) / 1000)} s …`;
	}, 30_000);
	return () => clearInterval(timer);
}

/** @typedef {import('listr2').ListrRendererFactory} ListrRenderer */

/** One line for each event, for logs and CI: no colours, no cursor movements. */
class LineRenderer {
	static nonTTY = true;
	static rendererOptions = {};
	static rendererTaskOptions = {};

	/** @param {import('listr2').ListrTaskObject<unknown, ListrRenderer, ListrRenderer>[]} tasks */
	constructor(tasks) {
		this.tasks = tasks;
	}

	render() {
		for (const task of this.tasks) {
			let started = Date.now();
			task.on(ListrTaskEventType.STATE, (state) => {
				const seconds = ((Date.now() - started) / 1000).toFixed(1);
				if (state === ListrTaskState.STARTED) {
					started = Date.now();
					console.log(`… ${task.title}`);
				} else if (state === ListrTaskState.COMPLETED) {
					console.log(`✔ ${task.title} (${seconds} s)`);
				} else if (state === ListrTaskState.FAILED) {
					console.log(`✖ ${task.title} (${seconds} s)`);
				} else if (state === ListrTaskState.SKIPPED) {
					console.log(`– ${task.message.skip ?? task.title}`);
				}
			});
			task.on(ListrTaskEventType.OUTPUT, (output) => console.log(`    ${output}`));
		}
	}

	end() {}
}
