/** Counts checks and says at the end how they went. */
export class Totals {
	passed = 0;
	failed = 0;

	/**
	 * @param {number} passed
	 * @param {number} failed
	 */
	add(passed, failed) {
		this.passed += passed;
		this.failed += failed;
	}

	/** Prints the line that scripts look for; it stands alone and comes last. */
	print() {
		console.log(`\n${this.passed} passed, ${this.failed} failed`);
	}

	/** @returns {number} nothing that passed is a failure, too: then nothing was checked */
	get exitCode() {
		return this.failed === 0 && this.passed > 0 ? 0 : 1;
	}
}
