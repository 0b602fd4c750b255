import { createFalClient } from '@fal-ai/client';
import Replicate from 'replicate';

import { devDependencies } from '../../package.json';
import type { PayingClient } from './lostAnswers';

const API_KEY = 'simulator-key';
const LOOK_MILLISECONDS = 50;

/** How many of them became something. */
async function countFulfilled(promises: Array<Promise<unknown>>): Promise<number> {
	const results = await Promise.allSettled(promises);
	return results.filter(({ status }) => status === 'fulfilled').length;
}

/** The vendors' own clients, unchanged and as their documentation shows them. */
export const officialClients: PayingClient[] = [
	{
		name: `@fal-ai/client ${devDependencies['@fal-ai/client']}`,
		makeImages: async (serviceUrl, prompts) => {
			const client = createFalClient({
				credentials: API_KEY,
				proxyUrl: { url: `${serviceUrl}/proxy`, when: 'always' },
			});
			return await countFulfilled(
				prompts.map(
					async (prompt) =>
						await client.subscribe('fal-ai/flux-2-flex', {
							input: { prompt },
							pollInterval: LOOK_MILLISECONDS,
						}),
				),
			);
		},
	},
	{
		name: `replicate ${devDependencies.replicate}`,
		makeImages: async (serviceUrl, prompts) => {
			const client = new Replicate({ auth: API_KEY, baseUrl: `${serviceUrl}/v1` });
			return await countFulfilled(
				prompts.map(
					async (prompt) =>
						await client.run('black-forest-labs/flux-2-flex', {
							input: { prompt },
							wait: { mode: 'poll', interval: LOOK_MILLISECONDS },
						}),
				),
			);
		},
	},
];
