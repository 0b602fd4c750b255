/** @type {import('jest').Config} */
module.exports = {
	testEnvironment: 'node',
	testMatch: ['<rootDir>/test/**/*.test.ts'],
	// These need the real n8n: `npm run test:e2e` runs them, with a configuration of their own.
	testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/neighbours/'],
	transform: {
		// Types are checked by `npm run typecheck`; here they are only removed.
		'^.+\\.ts$': ['ts-jest', { tsconfig: 'test/tsconfig.json', diagnostics: false }],
	},
	// Far beyond what any test needs: a slow machine must not make one fail.
	testTimeout: 60_000,
	// Runs on several versions of n8n, by `npm run test:compatibility`.
	testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/compatibility/'],
	modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/output/'],
};
