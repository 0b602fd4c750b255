import { blackForestLabs } from './blackForestLabs';
import { jieKou } from './jieKou';
import { novita } from './novita';
import type { TestedService } from './testedService';

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
export { blackForestLabs, jieKou, novita };

/**
 * Every service the credential offers. Contract tests, fault matrix and benchmark run once per row:
 * a further service is one more file and its entry here.
 */
export const testedServices: TestedService[] = [novita, jieKou, blackForestLabs];

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
export const dialects: TestedService[] = [novita, blackForestLabs];
