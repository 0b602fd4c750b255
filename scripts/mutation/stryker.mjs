/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
	testRunner: 'jest',
	jest: { configFile: 'scripts/mutation/jest.config.cjs', enableFindRelatedTests: false },
	coverageAnalysis: 'perTest',
	// What runs once, when a file is loaded, cannot be switched per test: n8n's descriptions mostly,
	// which the tests of `description/` compare as a whole.
	ignoreStatic: true,
	mutate: ['nodes/Flux2Flex/**/*.ts'],
	ignorePatterns: ['/dist', '/output'],
	reporters: ['clear-text', 'progress-append-only', 'json'],
	jsonReporter: { fileName: 'output/mutation/mutation.json' },
	clearTextReporter: { logTests: false, reportTests: false },
	tempDirName: 'output/mutation/sandbox',
	concurrency: 2,
};
