/**
 * A failure whose message is meant for the person at the terminal: one line that says what happened
 * and what to do. Everything else that is thrown is a defect of these scripts.
 */
export class UserFacingError extends Error {
	/**
	 * @param {string} message one line, without a stack trace's help understandable
	 * @param {{ cause?: unknown }} [options]
	 */
	constructor(message, options) {
		super(message, options);
		this.name = 'UserFacingError';
	}
}

/**
 * @param {unknown} error
 * @returns {string} the first line of what went wrong
 */
export function firstLine(error) {
	const text = error instanceof Error ? error.message : String(error);
	return text.trim().split('\n')[0] ?? '';
}
