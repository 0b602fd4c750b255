import { sizeOfImage } from './images.mjs';

/** What a node has returned, at the right of its form. */
export class OutputPanel {
	/** @param {import('playwright-core').Page} page */
	constructor(page) {
		this.page = page;
		this.panel = page.getByTestId('output-panel');
		this.errorMessage = this.panel.getByTestId('node-error-message');
		this.errorDescription = this.panel.getByTestId('node-error-description');
	}

	/** @param {'schema' | 'table' | 'json' | 'binary'} form */
	async show(form) {
		await this.panel.getByTestId(`radio-button-${form}`).click();
	}

	/** Opens the image in the binary tab, and tells its size as the browser has drawn it. */
	async viewImage() {
		await this.panel.getByTestId('ndv-view-binary-data').first().click();
		return await sizeOfImage(this.panel.locator('img[src*="binary-data"]'));
	}
}
