const base = require('../../jest.config.js');

/**
 * The tests that a mutation run repeats for each change of the code: those that take milliseconds.
 * Not the random ones and the large batches, which would make hours of it.
 *
 * @type {import('jest').Config}
 */
module.exports = {
	...base,
	rootDir: '../..',
	testMatch: ['<rootDir>/test/unit/**/*.test.ts'],
	testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/unit/(batch|payment)\\.test\\.ts$'],
	runner: '<rootDir>/scripts/mutation/firstFailure.cjs',
	// A change that makes a test wait has been noticed.
	testTimeout: 5_000,
};
