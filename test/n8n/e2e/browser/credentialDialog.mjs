import { choose } from './choices.mjs';

/** The dialog in which a credential is entered and tested. */
export class CredentialDialog {
	/** @param {import('playwright-core').Page} page */
	constructor(page) {
		this.page = page;
		this.dialog = page.getByTestId('editCredential-modal');
		this.success = this.dialog.getByTestId('credentials-config-container-test-success');
	}

	/**
	 * @param {string} service the label of an option
	 */
	async selectService(service) {
		await this.dialog.getByTestId('parameter-input-service').click();
		await choose(this.page, service);
	}

	/**
	 * @param {'apiKey' | 'baseUrl'} field
	 * @param {string} text
	 */
	async fill(field, text) {
		await this.dialog.getByTestId(`parameter-input-${field}`).locator('input').fill(text);
	}

	/** Stores the credential, which also tests it. When the test passes, n8n closes the dialog. */
	async save() {
		await this.dialog.getByTestId('credential-save-button').click();
	}

	/**
	 * Waits until the dialog says that the test failed, with these details.
	 *
	 * @param {string} details
	 */
	async waitForFailure(details) {
		await this.dialog.getByText('Couldn’t connect with these settings').waitFor();
		const more = this.dialog.getByText('More details');
		// They stay open for the next failure.
		if (await more.isVisible()) await more.click();
		await this.dialog.getByText(details).waitFor();
	}

	/** Waits until it has gone. */
	async waitForClosing() {
		await this.dialog.waitFor({ state: 'hidden' });
	}

	async close() {
		await this.page.locator('.el-dialog__headerbtn:visible').click();
		await this.waitForClosing();
	}
}
