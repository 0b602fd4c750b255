// `npm test`: every check that needs no running n8n. See README.md.
import './lib/require-node.mjs';

import('./lib/run-command.mjs').then(({ runCommand }) =>
	runCommand(() => import('./lib/test-command.mjs')),
);
