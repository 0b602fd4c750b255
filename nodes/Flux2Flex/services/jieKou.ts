import { novita, TASK_RESULT_PATH } from './novita';
import type { Service } from './service';

/** The same API on another host: https://docs.jiekou.ai/docs/models/reference-flux-2-flex */
export const jieKou: Service = {
	...novita,
	id: 'jieKou',
	displayName: 'JieKou.AI',
	about: 'A host that works like Novita AI, up to 3 reference images',
	defaultBaseUrl: 'https://api.highwayapi.ai',
	// No call for the balance is documented. Asking for a task that does not exist tells a good key
	// (404, TASK_NOT_FOUND) from a bad one (403, INVALID_API_KEY).
	keyTest: {
		path: `${TASK_RESULT_PATH}?task_id=credential-test`,
		goodStatus: 404,
		proof: 'reason',
	},
	announcedEnd: undefined,
};
