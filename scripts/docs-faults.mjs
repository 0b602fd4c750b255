// `npm run docs:faults`: runs every fault and writes what was seen into docs/faults.md.
import './lib/require-node.mjs';

import('./lib/run-command.mjs').then(({ runCommand }) =>
	runCommand(async () => {
		const { execa } = await import('execa');
		const { repository } = await import('./lib/paths.mjs');
		return {
			run: async () => {
				const jest = ['node_modules/jest/bin/jest.js', 'test/engine/faults/matrix.test.ts'];
				const { exitCode } = await execa(process.execPath, jest, {
					cwd: repository,
					env: { WRITE_FAULTS_PAGE: '1' },
					stdio: 'inherit',
					reject: false,
				});
				return exitCode ?? 1;
			},
		};
	}),
);
