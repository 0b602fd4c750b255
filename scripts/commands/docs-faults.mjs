import { execa } from 'execa';
import { repository } from '../lib/paths.mjs';

/**
 * `npm run docs:faults`: runs every fault and writes what was seen into docs/faults.md.
 *
 * @returns {Promise<number>} exit code
 */
export async function run() {
	const jest = ['node_modules/jest/bin/jest.js', 'test/engine/faults/matrix.test.ts'];
	const { exitCode } = await execa(process.execPath, jest, {
		cwd: repository,
		env: { WRITE_FAULTS_PAGE: '1' },
		stdio: 'inherit',
		reject: false,
	});
	return exitCode ?? 1;
}
