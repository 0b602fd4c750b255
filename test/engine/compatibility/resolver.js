const { join, resolve, sep } = require('node:path');

const repository = join(resolve(__dirname, '..', '..', '..'), sep);
const engine = process.env.HARNESS_ENGINE;

const isOfN8n = /^n8n-(core|workflow)(\/|$)/;

/**
 * Jest's resolver, but n8n comes from the folder in `HARNESS_ENGINE` when something in this
 * repository asks for it: the tests, the harness and the built node. What n8n is built on it then
 * finds beside itself, as always.
 */
module.exports = (request, options) => {
	const isAskedHere = join(options.basedir, sep).startsWith(repository);
	const basedir = isOfN8n.test(request) && isAskedHere ? engine : options.basedir;
	return options.defaultResolver(request, { ...options, basedir });
};
