/**
 * A version of n8n. `core` and `workflow` are the versions of n8n-core and n8n-workflow that this n8n
 * asks for: `npm view n8n@<version> dependencies`.
 *
 * @typedef {{ n8n: string, core: string, workflow: string }} Version
 */

/**
 * Those that the node is tested with.
 *
 * @type {Version[]}
 */
export const compatibilityVersions = [
	// The last of n8n 1.
	{ n8n: '1.123.81', core: '1.122.48', workflow: '1.120.31' },
	// The first of n8n 2.
	{ n8n: '2.0.3', core: '2.0.2', workflow: '2.0.1' },
	// The one that everything else here runs on; nothing may be skipped on it.
	{ n8n: '2.41.1', core: '2.41.1', workflow: '2.41.0' },
];
