const { readFileSync } = require('node:fs');
const { default: TestRunner } = require('jest-runner');

/** The full names of the tests in each file that has run, by its path. */
const namesIn = new Map();

/**
 * Runs what may notice a mutant, and no more. Stryker names the tests that reach it, but jest would
 * still load every file, and go on after the first failure: that made a minute of a second.
 */
module.exports = class FirstFailure extends TestRunner {
	async runTests(tests, watcher, options) {
		const { testNamePattern } = this._globalConfig;
		const pattern = testNamePattern ? new RegExp(testNamePattern, 'i') : /^/;
		this.on('test-file-success', ([{ path }, { testResults, numFailingTests }]) => {
			namesIn.set(
				path,
				testResults.map(({ fullName }) => fullName),
			);
			if (numFailingTests > 0) watcher.setState({ interrupted: true });
		});
		const reaching = tests.filter(({ path }) => namesIn.get(path)?.some(isNamed(pattern)) ?? true);
		await super.runTests(reaching.sort(byCost), watcher, options);
	}
};

/** @param {RegExp} pattern */
const isNamed = (pattern) => (name) => pattern.test(name);

/**
 * Tables of decisions before the virtual world: they notice in milliseconds what makes a wait there
 * go on for ever.
 */
const byCost = (one, other) => cost(one) - cost(other);
const cost = ({ path }) => {
	const text = readFileSync(path, 'utf8');
	return text.length * (text.includes('/support/') ? 100 : 1);
};
