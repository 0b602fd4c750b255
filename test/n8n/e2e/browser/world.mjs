import { it } from 'node:test';
import { keepEvidence } from './screenshots.mjs';

/**
 * @typedef {object} World what the steps act upon; filled when the first test starts
 * @property {import('../environment.mjs').Environment} environment
 * @property {import('./editor.mjs').Editor} editor
 */

/**
 * A test of what the editor shows. When it fails, a screenshot and the browser's console are kept in
 * `output/screenshots`.
 *
 * @param {World} world
 * @param {string} title
 * @param {(world: World) => Promise<void>} run
 */
export function inEditor(world, title, run) {
	it(title, async () => {
		try {
			await run(world);
		} catch (error) {
			await keepEvidence(world.editor, title);
			throw error;
		}
	});
}
