/** @type {import('jest').Config} */
module.exports = {
	testEnvironment: 'node',
	testMatch: ['<rootDir>/test/**/*.test.ts'],
	// These have configurations of their own: `npm run test:e2e` (in the real n8n) and
	// `npm run test:compatibility` (on several versions of n8n) run them.
	testPathIgnorePatterns: [
		'/node_modules/',
		'<rootDir>/test/engine/compatibility/',
		'<rootDir>/test/n8n/neighbours/',
	],
	transform: {
		// Types are checked by `npm run typecheck`; here they are only removed.
		'^.+\\.ts$': ['ts-jest', { tsconfig: 'test/tsconfig.json', diagnostics: false }],
		// A package of ES modules only, which jest cannot load as they are.
		'/node_modules/github-slugger/.+\\.js$': [
			'ts-jest',
			{
				tsconfig: { allowJs: true, module: 'commonjs', isolatedModules: true },
				diagnostics: false,
			},
		],
	},
	transformIgnorePatterns: ['/node_modules/(?!github-slugger/)'],
	// Far beyond what any test needs: a slow machine must not make one fail.
	testTimeout: 60_000,
	modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/output/'],
};
