// `npm run docs:screenshots`: runs the tests in the editor and writes what they saw into docs/images.
import './lib/require-node.mjs';

import('./lib/run-command.mjs').then(({ runCommand }) =>
	runCommand(async () => {
		const { run } = await import('./lib/test-e2e-command.mjs');
		process.env.WRITE_SCREENSHOTS = '1';
		return { run: async () => await run(['browser']) };
	}),
);
