// `npm start`: the node in a real n8n, from a fresh clone, in one command. See README.md.
import './lib/require-node.mjs';

import('./lib/run-command.mjs').then(({ runCommand }) =>
	runCommand(() => import('./lib/start-command.mjs')),
);
