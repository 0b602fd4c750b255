import { novita } from './novita';
import type { Service } from './service';

/** The same API on another host: https://docs.jiekou.ai/docs/models/reference-flux-2-flex */
export const jieKou: Service = {
	...novita,
	id: 'jieKou',
	displayName: 'JieKou.AI',
	defaultBaseUrl: 'https://api.highwayapi.ai',
};
