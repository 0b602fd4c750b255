import { readBinary, runWorkflow, type RunResult } from '../support/harness';
import { answerQuestions } from './childProcess';
import {
	contestant,
	promptOf,
	type Contestant,
	type ContestantName,
	type ContestantSettings,
	type Surroundings,
} from './contestants';
import { readPrompt } from './markedImage';

export interface Preparation {
	name: ContestantName;
	settings: ContestantSettings;
	surroundings: Surroundings;
	/** A service whose tasks end at once, for a first run that is not measured. */
	warmUpUrl: string;
}

export type ContestantQuestion =
	/** Loads everything; answered when it is done. */
	| { kind: 'prepare'; preparation: Preparation }
	/** Answered by a {@link RunReport}. */
	| { kind: 'measure'; itemCount: number };

/** What one run took in this process, and what came of it. */
export interface RunReport {
	/** Milliseconds from the start of the workflow to its end. */
	wall: number;
	/** Milliseconds of processor time, on all threads. */
	cpu: number;
	/** Bytes of resident memory just before the run. */
	memoryBefore: number;
	/** Most bytes of resident memory during the run. */
	memoryPeak: number;
	/** Why the execution failed; undefined when it did not. */
	failure?: string;
	/** The prompts that the images were made for, in the order of the items; null = a bad image. */
	images: Array<string | null>;
	keepsOrder: boolean;
}

const WARM_UP_ITEMS = 30;
/** Looking costs a little, and the system tells of peaks in between. */
const SAMPLE_MILLISECONDS = 100;

let measured: Contestant | undefined;

async function prepare({ name, settings, surroundings, warmUpUrl }: Preparation): Promise<void> {
	// An n8n at work has loaded and compiled everything long ago.
	const warmUp = contestant(
		name,
		{ ...settings, waitSeconds: settings.waitSeconds && 0 },
		{ ...surroundings, serviceUrl: warmUpUrl },
	);
	await run(warmUp, WARM_UP_ITEMS);
	measured = contestant(name, settings, surroundings);
}

async function measure(contestantRun: Contestant, itemCount: number): Promise<RunReport> {
	globalThis.gc?.();
	const memory = new MemorySampler();
	const cpuBefore = process.cpuUsage();
	const started = performance.now();
	const result = await run(contestantRun, itemCount);
	const wall = performance.now() - started;
	const { user, system } = process.cpuUsage(cpuBefore);
	memory.stop();

	return {
		wall,
		cpu: (user + system) / 1000,
		memoryBefore: memory.before,
		memoryPeak: memory.peak,
		failure: result.status === 'success' ? undefined : (result.error?.message ?? result.status),
		images: await readImages(result, contestantRun.lastNode),
		keepsOrder: contestantRun.keepsOrder,
	};
}

async function run({ run: options }: Contestant, itemCount: number): Promise<RunResult> {
	return await runWorkflow({
		...options,
		input: Array.from({ length: itemCount }, (_, index) => ({ json: { prompt: promptOf(index) } })),
	});
}

async function readImages(result: RunResult, nodeName: string): Promise<Array<string | null>> {
	const prompts: Array<string | null> = [];
	const runs = result.runExecutionData.resultData.runData[nodeName] ?? [];
	for (const runIndex of runs.keys()) {
		for (const { binary } of result.outputs(nodeName, runIndex)[0] ?? []) {
			const image = binary?.data;
			const prompt = image && readPrompt(await readBinary(image));
			prompts.push(prompt ?? null);
		}
	}
	return prompts;
}

/** Watches the resident memory of this process. */
class MemorySampler {
	readonly before = process.memoryUsage.rss();
	private highest = this.before;
	private readonly highestEver = process.resourceUsage().maxRSS;
	private readonly timer = setInterval(() => this.sample(), SAMPLE_MILLISECONDS);

	get peak(): number {
		return this.highest;
	}

	stop(): void {
		clearInterval(this.timer);
		this.sample();
		// The system saw every moment. What it says counts if the peak was not before the run.
		const { maxRSS } = process.resourceUsage();
		if (maxRSS > this.highestEver) this.highest = Math.max(this.highest, maxRSS * 1024);
	}

	private sample(): void {
		this.highest = Math.max(this.highest, process.memoryUsage.rss());
	}
}

answerQuestions<ContestantQuestion>(async (question) => {
	if (question.kind === 'prepare') return await prepare(question.preparation);
	if (measured === undefined) throw new Error('The contestant is not prepared');
	return await measure(measured, question.itemCount);
});
