import { selectors } from 'playwright-core';
import { owner } from '../../../../scripts/lib/n8n-client.mjs';
import { onShutdown } from '../../../../scripts/lib/shutdown.mjs';
import { startChromium } from '../chromium.mjs';
import { Canvas } from './canvas.mjs';
import { NodePanel } from './nodePanel.mjs';
import { OpenNode } from './openNode.mjs';

/** Milliseconds until something has to be on the page: the editor's code alone has 27 MB. */
const patience = 60_000;

const viewport = { width: 1440, height: 900 };

/**
 * Starts a browser and signs in to n8n as its owner.
 *
 * @param {string} url n8n's address
 * @returns {Promise<Editor>}
 */
export async function startEditor(url) {
	// n8n's own name for the attribute that its tests go by.
	selectors.setTestIdAttribute('data-test-id');
	const browser = await startChromium();
	onShutdown(async () => await browser.close());
	const page = await browser.newPage({ viewport, deviceScaleFactor: 2, colorScheme: 'light' });
	page.setDefaultTimeout(patience);
	const editor = new Editor(page, url);
	await editor.signIn();
	return editor;
}

/** n8n's editor as somebody who builds workflows sees it. */
export class Editor {
	/** What the page printed to its console, for whoever looks into a failure. */
	consoleLines = /** @type {string[]} */ ([]);

	/**
	 * @param {import('playwright-core').Page} page
	 * @param {string} url n8n's address
	 */
	constructor(page, url) {
		this.page = page;
		this.url = url;
		this.canvas = new Canvas(page);
		this.nodePanel = new NodePanel(page);
		this.openNode = new OpenNode(page);
		page.on('console', (message) => this.consoleLines.push(`${message.type()}: ${message.text()}`));
		page.on('pageerror', (error) => this.consoleLines.push(`uncaught: ${error.stack}`));
		// The editor asks before unsaved changes are lost; tests leave them on purpose.
		page.on('dialog', (dialog) => void dialog.accept());
	}

	async signIn() {
		await this.page.goto(`${this.url}/signin`, { waitUntil: 'commit' });
		await this.page.getByTestId('emailOrLdapLoginId').locator('input').fill(owner.email);
		await this.page.getByTestId('password').locator('input').fill(owner.password);
		await this.page.getByTestId('form-submit-button').click();
		await this.page.waitForURL(({ pathname }) => pathname !== '/signin', { waitUntil: 'commit' });
	}

	/** Opens an empty workflow, in the light theme. */
	async newWorkflow() {
		await this.useTheme('light');
		await this.page.goto(`${this.url}/workflow/new`, { waitUntil: 'commit' });
		await this.page.getByTestId('canvas-plus-button').waitFor();
	}

	/**
	 * Opens a workflow, in the light theme.
	 *
	 * @param {{ id: string, nodes: Array<{ name: string }> }} workflow a stored one
	 */
	async open({ id, nodes }) {
		await this.useTheme('light');
		await this.page.goto(`${this.url}/workflow/${id}`, { waitUntil: 'commit' });
		for (const { name } of nodes) await this.canvas.node(name).waitFor();
	}

	/**
	 * n8n follows the operating system's theme unless told otherwise.
	 *
	 * @param {'light' | 'dark'} theme
	 */
	async useTheme(theme) {
		await this.page.emulateMedia({ colorScheme: theme });
	}

	/** Closes the messages in the corner. */
	async closeNotifications() {
		const notifications = this.page.locator('.el-notification');
		for (const notification of (await notifications.all()).reverse()) {
			// It may go by itself in this moment.
			await notification
				.locator('.el-notification__closeBtn')
				.click({ timeout: 2000 })
				.catch(() => {});
		}
		await this.page.waitForFunction(() => !document.querySelector('.el-notification'));
	}
}
