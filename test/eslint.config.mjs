import config from '../eslint.config.mjs';

/**
 * n8n's rules as for the node, less those that only make sense for code that runs inside n8n. In a
 * file of its own, as n8n wants the other one to be nothing but its own rules.
 *
 * @type {import('eslint').Linter.Config[]}
 */
export default [
	...config,
	{
		files: ['test/**/*.ts'],
		rules: {
			'@n8n/community-nodes/no-dangerous-functions': 'off',
			'@n8n/community-nodes/no-restricted-globals': 'off',
			'@n8n/community-nodes/no-restricted-imports': 'off',
			'@n8n/community-nodes/require-node-api-error': 'off',
		},
	},
];
