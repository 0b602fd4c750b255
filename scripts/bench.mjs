// `npm run bench`: our node against a plain loop and n8n's HTTP Request nodes. See README.md.
import './lib/require-node.mjs';

import('./lib/run-command.mjs').then(({ runCommand }) =>
	runCommand(() => import('./bench/bench-command.mjs')),
);
