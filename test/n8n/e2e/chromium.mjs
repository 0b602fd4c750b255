import { chromium } from 'playwright-core';
import { ensureChromium } from '../../../scripts/lib/chromium.mjs';

/** @returns {Promise<import('playwright-core').Browser>} a new one; whoever starts it closes it */
export async function startChromium() {
	return await chromium.launch({
		executablePath: await ensureChromium(() => {}),
		args: [
			'--disable-background-networking',
			// Chromium's sandbox refuses to work for root, as whom containers usually run.
			...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
		],
	});
}

/**
 * Opens an address in a headless browser and closes it afterwards.
 *
 * @param {string} address
 * @param {import('playwright-core').BrowserContextOptions} options
 * @param {(page: import('playwright-core').Page) => Promise<void>} look
 */
export async function openPage(address, options, look) {
	const browser = await startChromium();
	try {
		const page = await browser.newPage(options);
		await page.goto(address);
		await look(page);
	} finally {
		await browser.close();
	}
}
