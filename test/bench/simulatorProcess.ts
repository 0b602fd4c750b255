import { startSimulator, type Call, type Simulator } from '../support/simulator';
import { answerQuestions } from './childProcess';
import { ImageMaker } from './markedImage';
import { taskDuration, type TaskDurations } from './taskDurations';

/** How the service behaves in a case. */
export interface ServiceSettings {
	durations: TaskDurations;
	/** Default no limit. */
	maxActiveTasks?: number;
	/** Default no limit. */
	maxSubmitsPerSecond?: number;
	/** Default false. */
	retryAfter?: boolean;
	imageBytes: number;
}

/** What the simulator saw; times in milliseconds since 1970. */
export interface ServiceReport {
	tasks: Array<{ id: string; prompt: string; acceptedAt: number; endsAt: number }>;
	requests: Array<{ call: Call; status: number; at: number; taskId?: string }>;
}

export type SimulatorQuestion =
	/** Answered by the service's address; the one started before under the same name ends. */
	| { kind: 'start'; name: string; settings: ServiceSettings }
	/** Answered by a {@link ServiceReport}; afterwards the next contestant finds everything as new. */
	| { kind: 'reportAndReset'; name: string };

const simulators = new Map<string, Simulator>();

async function start(
	name: string,
	{ durations, imageBytes, ...limits }: ServiceSettings,
): Promise<string> {
	await simulators.get(name)?.close();
	const images = new ImageMaker(imageBytes);
	const simulator = await startSimulator({
		...limits,
		processingMilliseconds: (taskNumber) => taskDuration(durations, taskNumber),
		drawImage: async ({ prompt }) => images.make(prompt),
	});
	simulators.set(name, simulator);
	return simulator.url;
}

function reportAndReset(name: string): ServiceReport {
	const simulator = simulators.get(name);
	const { tasks = [], requests = [] } = simulator ?? {};
	const report = {
		tasks: tasks.map(({ id, prompt, acceptedAt, endsAt }) => ({ id, prompt, acceptedAt, endsAt })),
		requests: requests.map(({ call, status, at, taskId }) => ({ call, status, at, taskId })),
	};
	simulator?.reset();
	return report;
}

answerQuestions<SimulatorQuestion>(async (question) =>
	question.kind === 'start'
		? await start(question.name, question.settings)
		: reportAndReset(question.name),
);
