import type { INodeTypeDescription } from 'n8n-workflow';

import { maxTasks, options } from './options';
import { operation, paidOperations } from './operation';

/** More input items than this are worth a word before they are paid for. */
const MANY_ITEMS = 10;

const isPaid = `${JSON.stringify(paidOperations)}.includes($parameter["${operation.name}"])`;
const hasLimit = `$parameter["${options.name}"]?.["${maxTasks.name}"] > 0`;

/** What the editor shows in place of the output, until there is one. */
export const hints: INodeTypeDescription['hints'] = [
	{
		message: `Each item is a paid task. '${maxTasks.displayName}' under '${options.displayName}' limits how many a run may submit.`,
		displayCondition: `={{ ${isPaid} && !(${hasLimit}) && $input.all().length > ${MANY_ITEMS} }}`,
		whenToDisplay: 'beforeExecution',
		// In the input pane the editor shows the hints of the node before.
		location: 'outputPane',
	},
];

/** What n8n's AI workflow builder is told. */
export const builderHint: INodeTypeDescription['builderHint'] = {
	searchHint:
		'Makes and edits images with FLUX.2 [flex]. Use the operation Submit and Wait: it returns the image as a file in binary field `data` (Put Output File in Field), ready for nodes that upload or send files. Give it all items at once instead of a loop: it submits and waits for many together, in the order of the input. Each item is a paid task, so set Max Tasks under Options in whatever runs unattended.',
};
