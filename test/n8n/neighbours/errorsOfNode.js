/**
 * Node throws errors of its own, which are no `Error` to code that jest runs in a world apart. n8n
 * asks for `instanceof Error`, for example to tell a file that does not exist yet.
 */
const { isNativeError } = require('node:util/types');

const isInstance = Function.prototype[Symbol.hasInstance];

Object.defineProperty(Error, Symbol.hasInstance, {
	value(error) {
		// Classes that extend Error inherit this function.
		return isInstance.call(this, error) || (this === Error && isNativeError(error));
	},
});
