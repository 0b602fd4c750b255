import assert from 'node:assert/strict';

/**
 * Parts of the window that are worth showing, in CSS pixels.
 *
 * @typedef {{ x: number, y: number, width: number, height: number }} Clip
 */

/** Room around nodes for what belongs to them, as their names below. */
const canvasMargin = { left: 90, right: 90, top: 40, bottom: 80 };

/**
 * All of an element.
 *
 * @param {import('playwright-core').Locator} element
 */
export async function allOf(element) {
	const box = await element.boundingBox();
	assert.ok(box, 'it is not shown');
	return box;
}

/**
 * An opened node without its input.
 *
 * @param {import('./editor.mjs').Editor} editor
 * @param {number} height how much of it, from the top
 */
export async function formAndOutput({ openNode }, height) {
	const form = await allOf(openNode.form);
	const output = await allOf(openNode.output.panel);
	return { x: form.x, y: output.y, width: output.x + output.width - form.x, height };
}

/**
 * The top of the node panel.
 *
 * @param {import('./editor.mjs').Editor} editor
 * @param {number} height how much of it
 */
export async function topOfPanel({ nodePanel }, height) {
	return { ...(await allOf(nodePanel.panel)), height };
}

/**
 * All nodes on the canvas.
 *
 * @param {import('./editor.mjs').Editor} editor
 */
export async function nodes({ page }) {
	const boxes = await page
		.locator('.vue-flow__node')
		.evaluateAll((elements) => elements.map((element) => element.getBoundingClientRect().toJSON()));
	const x = Math.min(...boxes.map(({ left }) => left)) - canvasMargin.left;
	const y = Math.min(...boxes.map(({ top }) => top)) - canvasMargin.top;
	return {
		x,
		y,
		width: Math.max(...boxes.map(({ right }) => right)) + canvasMargin.right - x,
		height: Math.max(...boxes.map(({ bottom }) => bottom)) + canvasMargin.bottom - y,
	};
}
