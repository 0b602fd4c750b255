import { blackForestLabs } from './blackForestLabs';
import { jieKou } from './jieKou';
import { falAi } from './falAi';
import { novita } from './novita';
import { replicate } from './replicate';
import type { TaskState, TestedService } from './testedService';

export { fieldOf, withField, withFields } from './jsonPath';
export type {
	Ending,
	Json,
	Meaning,
	Order,
	Refusal,
	TaskState,
	TestedService,
} from './testedService';
export { blackForestLabs, falAi, jieKou, novita, replicate };

/**
 * Every service the credential offers. Contract tests, fault matrix and benchmark run once per row:
 * a further service is one more file and its entry here.
 */
export const testedServices: TestedService[] = [blackForestLabs, falAi, jieKou, novita, replicate];

/** The request that brings what came of a task. */
export function resultRequest({ poll }: TestedService, taskId: string) {
	return poll.requests(taskId).at(-1)!;
}

/** The answers to the requests for a task, one after the other. */
export function answersAbout({ poll }: TestedService, state: TaskState) {
	const requests = poll.requests(String(state.taskId));
	return requests.map(({ call }, index) => {
		const isLast = index === requests.length - 1;
		return { call, body: isLast ? poll.answer(state) : poll.standing?.(state) };
	});
}

/**
 * The service with this id.
 *
 * @throws Error when there is none
 */
export function findTestedService(id: string): TestedService {
	const service = testedServices.find((one) => one.id === id);
	if (service !== undefined) return service;
	const ids = testedServices.map((one) => one.id).join(', ');
	throw new Error(`There is no service '${id}', only ${ids}`);
}

/** One service per dialect, for what would only be seen a second time at the others. */
export const dialects: TestedService[] = [novita, blackForestLabs, falAi, replicate];
