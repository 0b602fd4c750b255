/**
 * Prints what a test has measured: the docs quote these lines.
 *
 * @param {string} what
 * @param {Record<string, string | number>} figures
 */
export function printFigures(what, figures) {
	const list = Object.entries(figures).map(([name, value]) => `${name} ${value}`);
	// The standard output of a test file belongs to Node's test runner, which loses its place in it.
	console.error(`  ▸ ${what}: ${list.join(', ')}`);
}

/**
 * @param {number} milliseconds
 * @returns {string} e.g. '12.3 s'
 */
export function seconds(milliseconds) {
	return `${(milliseconds / 1000).toFixed(1)} s`;
}
