// `npm run test:e2e`: the packed node in a real n8n. See README.md.
import './lib/require-node.mjs';

import('./lib/run-command.mjs').then(({ runCommand }) =>
	runCommand(() => import('./lib/test-e2e-command.mjs')),
);
