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
 * The entries of the list that is open.
 *
 * @param {import('playwright-core').Page} page
 */
export function choices(page) {
	return page.locator('[role="option"]:visible');
}
