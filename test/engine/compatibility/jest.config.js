const base = require('../../../jest.config.js');

/** ES modules that some n8n requires: Node 20 can do that, jest can not on Node 20. */
const esModules = '(p-retry|is-network-error)';

/**
 * The workflow suite on the n8n in the folder `HARNESS_ENGINE`, with the built package in the folder
 * `HARNESS_PACKAGE`, as `npm run test:compatibility` sets them.
 *
 * @type {import('jest').Config}
 */
module.exports = {
	...base,
	rootDir: '../../..',
	testMatch: [
		'<rootDir>/test/support/harness/*.test.ts',
		'<rootDir>/test/engine/*.test.ts',
		'<rootDir>/test/engine/compatibility/*.test.ts',
	],
	resolver: '<rootDir>/test/engine/compatibility/resolver.js',
	transform: {
		...base.transform,
		[`/node_modules/${esModules}/.+\\.js$`]: [
			'ts-jest',
			{ tsconfig: { allowJs: true, module: 'commonjs', target: 'es2022' }, diagnostics: false },
		],
	},
	transformIgnorePatterns: [`/node_modules/(?!${esModules}/)`],
	testPathIgnorePatterns: ['/node_modules/'],
	// The built package is what is tested.
	modulePathIgnorePatterns: ['<rootDir>/output/'],
};
