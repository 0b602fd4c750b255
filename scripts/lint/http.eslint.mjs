import parser from '@typescript-eslint/parser';

const message = 'Only nodes/Flux2Flex/transport/ does HTTP.';
const name = '/^httpRequest(WithAuthentication)?$/';

/**
 * A configuration of its own: n8n wants `eslint.config.mjs` to be nothing but its own rules.
 *
 * @type {import('eslint').Linter.Config[]}
 */
export default [
	{
		files: ['nodes/**/*.ts', 'credentials/**/*.ts'],
		ignores: ['nodes/Flux2Flex/transport/**'],
		languageOptions: { parser },
		linterOptions: { reportUnusedDisableDirectives: 'off' },
		rules: {
			'no-restricted-syntax': [
				'error',
				{ selector: `MemberExpression[property.name=${name}]`, message },
				{ selector: `ObjectPattern > Property[key.name=${name}]`, message },
				{ selector: `Literal[value=${name}]`, message },
				{
					// Older helpers of n8n.
					selector: "MemberExpression[object.property.name='helpers'][property.name=/^request/]",
					message,
				},
				{ selector: 'Identifier[name=/^(fetch|XMLHttpRequest|WebSocket)$/]', message },
			],
		},
	},
];
