import { novita } from './novita';
import type { TestedService } from './testedService';

/** The same API on another host: https://docs.jiekou.ai/docs/models/reference-flux-2-flex */
export const jieKou: TestedService = {
	...novita,
	id: 'jieKou',
	displayName: 'JieKou.AI',
	defaultBaseUrl: 'https://api.highwayapi.ai',
	// It documents no call for the balance: a good key is told that there is no such task.
	credentialTest: {
		call: 'poll',
		path: novita.poll.requests('')[0]!.path,
		status: 404,
		body: { code: 404, reason: 'TASK_NOT_FOUND', message: 'task not found', metadata: {} },
	},
};
