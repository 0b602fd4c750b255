import { choices, choose } from './choices.mjs';
import { CredentialDialog } from './credentialDialog.mjs';
import { OutputPanel } from './outputPanel.mjs';

/** A node's opened form with its input at the left and its output at the right. */
export class OpenNode {
	/** @param {import('playwright-core').Page} page */
	constructor(page) {
		this.page = page;
		this.view = page.getByTestId('ndv');
		this.form = this.view.getByTestId('node-parameters');
		this.output = new OutputPanel(page);
		this.credentialDialog = new CredentialDialog(page);
	}

	/** @param {string} name */
	field(name) {
		return this.form.getByTestId(`parameter-input-${name}`);
	}

	/** The list of reference images. */
	get images() {
		return this.form.getByTestId('fixed-collection-images');
	}

	/** The names of the fields that can be seen, from top to bottom. */
	async fieldNames() {
		const ids = await this.form
			.locator('[data-test-id]:visible')
			.evaluateAll((elements) => elements.map((element) => element.dataset.testId));
		return ids
			.map((id = '') => /^(?:parameter-input|fixed-collection)-(.+)$/.exec(id)?.[1])
			.filter((name) => name && !['field', 'add', 'delete'].includes(name));
	}

	/**
	 * @param {string} field
	 * @param {string} choice the label of an option
	 */
	async select(field, choice) {
		await this.field(field).click();
		await choose(this.page, choice);
	}

	/** @param {string} field a switch */
	async toggle(field) {
		await this.field(field).locator('.el-switch').click();
	}

	/** @param {string} field that an agent's model shall fill in */
	async letModelDefine(field) {
		await this.form
			.getByTestId(`${field}-parameter-input-persistent-options-container`)
			.getByTestId('from-ai-override-button')
			.click();
	}

	/** The labels of what can be added under 'Options'. */
	async offeredOptions() {
		await this.form.getByTestId('collection-parameter-add').click();
		const offers = choices(this.page);
		await offers.first().waitFor();
		const labels = await offers.allInnerTexts();
		await this.page.keyboard.press('Escape');
		await offers.first().waitFor({ state: 'hidden' });
		return labels.map((label) => label.trim());
	}

	/** Opens the dialog for a new credential, while there is none to choose from. */
	async firstCredential() {
		await this.view
			.getByTestId('node-credentials-slot')
			.getByText('Connect to Flux 2 Flex')
			.click();
		await this.credentialDialog.dialog.waitFor();
	}

	/** Opens the dialog of the chosen credential. */
	async editCredential() {
		await this.view.getByTestId('credential-edit-button').click();
		await this.credentialDialog.dialog.waitFor();
	}

	/** Runs all nodes before this one. */
	async executePreviousNodes() {
		await this.view.getByText('Execute previous nodes').click();
	}

	async close() {
		await this.view.getByTestId('ndv-close-button').click();
		await this.view.waitFor({ state: 'hidden' });
	}
}
