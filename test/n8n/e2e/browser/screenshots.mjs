import { createCanvas, loadImage } from '@napi-rs/canvas';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { outputFolder, repository } from '../../../../scripts/lib/paths.mjs';

const screenshotFolder = join(outputFolder, 'screenshots');
const documentationFolder = join(repository, 'docs', 'images');

/** Of 100: letters stay sharp, and an image in the editor stays below 200 KB. */
const webpQuality = 82;

/** Removes what an earlier run has left. */
export async function clearScreenshots() {
	await rm(screenshotFolder, { recursive: true, force: true });
}

/**
 * Keeps what the page shows, without anything that only passes by. It goes to `output/screenshots`,
 * and with `WRITE_SCREENSHOTS` set also to where README.md and the documentation show it.
 *
 * @param {import('./editor.mjs').Editor} editor
 * @param {string} name
 * @param {import('./clips.mjs').Clip} clip
 */
export async function takeScreenshot(editor, name, clip) {
	const { page } = editor;
	await editor.closeNotifications();
	await page.mouse.move(1, 1);
	await page
		.locator(':focus')
		.evaluateAll((elements) => elements.forEach((element) => element.blur()));
	await page.locator('[role="tooltip"]:visible').waitFor({ state: 'hidden' });
	const png = await page.screenshot({ clip, animations: 'disabled', caret: 'hide' });
	const webp = await encode(png);
	await save(screenshotFolder, name, webp);
	if (process.env.WRITE_SCREENSHOTS) await save(documentationFolder, name, webp);
}

/**
 * Keeps what may explain why a test failed.
 *
 * @param {import('./editor.mjs').Editor} editor
 * @param {string} title of the test
 */
export async function keepEvidence(editor, title) {
	const name = `failed-${title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`;
	await mkdir(screenshotFolder, { recursive: true });
	await writeFile(join(screenshotFolder, `${name}.log`), editor.consoleLines.join('\n'));
	await editor.page.screenshot({ path: join(screenshotFolder, `${name}.png`) });
}

/** @param {Buffer} png */
async function encode(png) {
	const image = await loadImage(png);
	const canvas = createCanvas(image.width, image.height);
	canvas.getContext('2d').drawImage(image, 0, 0);
	return await canvas.encode('webp', webpQuality);
}

/**
 * @param {string} folder
 * @param {string} name
 * @param {Buffer} webp
 */
async function save(folder, name, webp) {
	await mkdir(folder, { recursive: true });
	await writeFile(join(folder, `${name}.webp`), webp);
}
