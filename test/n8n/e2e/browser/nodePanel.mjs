/** The panel at the right in which nodes are searched for. */
export class NodePanel {
	/** @param {import('playwright-core').Page} page */
	constructor(page) {
		this.page = page;
		this.panel = page.getByTestId('node-creator');
	}

	/** @param {string} words */
	async search(words) {
		await this.panel.getByTestId('node-creator-search-bar').fill(words);
	}

	/**
	 * A node or an action in the list.
	 *
	 * @param {string} name exact
	 */
	entry(name) {
		return this.panel.getByTestId('item-iterator-item').filter({
			has: this.page.getByTestId('node-creator-item-name').getByText(name, { exact: true }),
		});
	}

	/** @param {string} name exact */
	async choose(name) {
		await this.entry(name).first().click();
	}

	/** What is listed at the moment. */
	async names() {
		return await this.panel.getByTestId('node-creator-item-name').allTextContents();
	}
}
