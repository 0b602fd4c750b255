import { dirname, join } from 'node:path';

import { GlobalFonts } from '@napi-rs/canvas';

/** Family names for `context.font`. The last one stands in for what DejaVu has no glyphs for. */
export const SERIF = '"Simulator Serif", sans-serif';
export const SANS = '"Simulator Sans", sans-serif';
export const MONO = '"Simulator Mono", monospace';

const FILES = {
	'Simulator Serif': 'DejaVuSerif.ttf',
	'Simulator Sans': 'DejaVuSans.ttf',
	'Simulator Mono': 'DejaVuSansMono.ttf',
};

/** Makes the fonts known, from files of a package: many servers have no fonts at all. */
export function registerFonts(): void {
	const folder = join(dirname(require.resolve('dejavu-fonts-ttf/package.json')), 'ttf');
	for (const [family, file] of Object.entries(FILES)) {
		if (!GlobalFonts.has(family)) GlobalFonts.registerFromPath(join(folder, file), family);
	}
}
