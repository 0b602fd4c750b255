/**
 * Chooses an entry of the list that is open.
 *
 * @param {import('playwright-core').Page} page
 * @param {string} label exact
 */
export async function choose(page, label) {
	await choices(page)
		.filter({ has: page.getByText(label, { exact: true }) })
		.click();
}

/**
 * @param {import('playwright-core').Page} page
 * @returns {import('playwright-core').Locator} the entries of the list that is open
 */
export function choices(page) {
	return page.locator('[role="option"]:visible');
}
