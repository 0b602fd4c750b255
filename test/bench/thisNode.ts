import { version } from '../../package.json';
import { runWorkflow } from '../support/harness';
import { findTestedService } from '../support/services';
import { contestant } from './contestants';
import type { PayingClient } from './lostAnswers';

/**
 * This node, to be held against the official clients.
 *
 * @param packageFolder the package as built; undefined = from its source
 */
export function thisNodeAt(serviceId: string, packageFolder?: string): PayingClient {
	return {
		name: `this node ${version} at ${findTestedService(serviceId).displayName}`,
		makeImages: async (serviceUrl, prompts) => {
			const surroundings = { serviceUrl, serviceId, packageFolder, baseNodesFolder: '' };
			const { run, lastNode } = contestant('ours', {}, surroundings);
			for (const node of run.workflow.nodes) node.onError = 'continueRegularOutput';
			const input = prompts.map((prompt) => ({ json: { prompt } }));
			const result = await runWorkflow({ ...run, input });
			const items = result.outputs(lastNode).flat();
			return items.filter(({ binary }) => binary !== undefined).length;
		},
	};
}
