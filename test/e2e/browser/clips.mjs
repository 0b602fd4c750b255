/** Parts of a window of 1280 × 800 pixels, about as wide as README.md is shown. */

/** An opened node without its input. */
export const formAndOutput = { x: 431, y: 66, width: 824, height: 709 };

/** The node panel and the canvas at its left. */
export const nodePanel = { x: 450, y: 65, width: 830, height: 400 };

/** Two nodes in the middle of the canvas. */
export const canvas = { x: 300, y: 230, width: 720, height: 300 };
