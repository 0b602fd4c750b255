const { join } = require('node:path');

const base = require('../../../jest.config');

/**
 * Takes engine and nodes from the same place, the real n8n in the cache: what n8n throws in a node
 * is then an instance of what the engine looks for, as it is in n8n.
 */
module.exports = async () => {
	const { ensureN8n } = await import('../../../scripts/lib/n8n-installation.mjs');
	const { folder } = await ensureN8n((line) => console.log(line));
	return {
		...base,
		rootDir: join(__dirname, '..', '..', '..'),
		testMatch: ['<rootDir>/test/n8n/neighbours/**/*.test.ts'],
		testPathIgnorePatterns: [],
		setupFiles: [join(__dirname, 'errorsOfNode.js')],
		moduleNameMapper: {
			'^(n8n-core|n8n-workflow|n8n-nodes-base)($|/.*)': join(folder, 'node_modules', '$1$2'),
		},
	};
};
