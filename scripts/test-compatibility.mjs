// `npm run test:compatibility`: the workflow suite on several versions of n8n. See README.md.
import './lib/require-node.mjs';

import('./lib/run-command.mjs').then(({ runCommand }) =>
	runCommand(() => import('./lib/test-compatibility-command.mjs')),
);
