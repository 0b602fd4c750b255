// The style of n8n's own code base.
module.exports = {
	semi: true,
	trailingComma: 'all',
	useTabs: true,
	tabWidth: 2,
	arrowParens: 'always',
	singleQuote: true,
	quoteProps: 'as-needed',
	endOfLine: 'lf',
	printWidth: 100,
	overrides: [
		{ files: '*.{json,yml,md}', options: { singleQuote: false } },
		{ files: '*.{yml,md}', options: { useTabs: false } },
	],
};
