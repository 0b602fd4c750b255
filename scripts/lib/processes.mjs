/**
 * @param {number} processId
 * @returns {boolean} whether there is such a process, of whomever
 */
export function isRunning(processId) {
	if (!Number.isInteger(processId) || processId <= 0) return false;
	try {
		process.kill(processId, 0);
		return true;
	} catch (error) {
		return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
	}
}
