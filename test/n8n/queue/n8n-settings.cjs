// Runs on n8n's own Node, in a process of its own, with the settings to check in its environment.
// Argument: the folder n8n is installed in. Prints { known, complaints } as JSON.
const { readdirSync, readFileSync } = require('node:fs');
const { join } = require('node:path');

const modules = join(process.argv[2], 'node_modules');
const fromN8n = (/** @type {string[]} */ ...path) => require(join(modules, ...path));

/** @param {string} folder */
const javaScriptIn = (folder) =>
	readdirSync(folder, { recursive: true, encoding: 'utf8' })
		.filter((name) => name.endsWith('.js'))
		.map((name) => join(folder, name));

const known = new Set();
/** @type {string[]} */
const complaints = [];
console.warn = (line) => complaints.push(String(line));

// n8n declares its settings with this decorator, on properties of configuration classes.
const decorators = fromN8n('@n8n', 'config', 'dist', 'decorators.js');
const classes = new Set();
const declare = decorators.Env;
/**
 * @param {string} name
 * @param {unknown} schema
 * @returns {(target: object, key: string) => void}
 */
decorators.Env = (name, schema) => (target, key) => {
	known.add(name);
	classes.add(target.constructor);
	declare(name, schema)(target, key);
};
fromN8n('@n8n', 'config');
fromN8n('n8n-core', 'dist', 'binary-data', 'binary-data.config.js');
fromN8n('n8n', 'dist', 'modules', 'community-packages', 'community-packages.config.js');

// Making them reads the environment, and complains of values that do not fit.
const { Container } = fromN8n('@n8n', 'di');
for (const configuration of classes) Container.get(configuration);

// A few settings are read without a declaration. Those of the rules on outdated settings do not count.
for (const path of ['n8n', 'n8n-core'].flatMap((name) =>
	javaScriptIn(join(modules, name, 'dist')),
)) {
	if (/[\\/](deprecation|breaking-changes)[\\/]/.test(path)) continue;
	const reads = readFileSync(path, 'utf8').matchAll(/process\.env\.([A-Z][A-Z0-9_]+)/g);
	for (const [, name] of reads) known.add(name);
}

process.stdout.write(JSON.stringify({ known: [...known], complaints }));
