import { ErrorReporter, ExecuteContext, Tracing } from 'n8n-core';
import { NodeApiError, type INode } from 'n8n-workflow';

import { Container, network, type Logger } from './coreDependencies';

/**
 * What differs between the versions of n8n that the tests run on, see `npm run test:compatibility`.
 * Found out by looking, since n8n's changelog does not tell when what came.
 */
const features = {
	ssrfProtection: {
		reason: 'this n8n has no protection against server-side request forgery',
		isThere: () => network !== undefined,
	},
	toolExecution: {
		reason: 'this n8n does not tell a node that an agent calls it (isToolExecution)',
		isThere: () => 'isToolExecution' in ExecuteContext.prototype,
	},
	errorCauses: {
		reason: 'this n8n loses the cause of a failed request, so its texts say less',
		isThere: () => new NodeApiError({} as INode, new Error('cause') as never).cause !== undefined,
	},
};

/** Something that not every n8n has. */
type EngineFeature = keyof typeof features;

/** How the name of a group of tests begins that cannot apply; the reason follows. */
const SKIPPED = 'skipped: ';

/** Whether the tests run on an n8n that has it. */
export function engineHas(feature: EngineFeature): boolean {
	return features[feature].isThere();
}

/** Tests that cannot apply where n8n lacks a feature; there they are skipped, and the reason named. */
export function onlyWith(feature: EngineFeature, tests: () => void): void {
	if (engineHas(feature)) tests();
	else describe.skip(SKIPPED + features[feature].reason, tests);
}

/** n8n's error reporter, which later versions give their tracing, too. */
export function createErrorReporter(logger: Logger): ErrorReporter {
	const tracing = Tracing as typeof Tracing | undefined;
	return new ErrorReporter(logger, (tracing && Container.get(tracing)) as Tracing);
}
