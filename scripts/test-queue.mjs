// `npm run test:queue`: the packed node in n8n's queue mode. See README.md.
import './lib/require-node.mjs';

import('./lib/run-command.mjs').then(({ runCommand }) =>
	runCommand(() => import('./lib/test-queue-command.mjs')),
);
