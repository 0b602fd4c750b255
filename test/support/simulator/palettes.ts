/** Colours as `#rrggbb`, from the darkest to the lightest. */
export interface Palette {
	night: string;
	deep: string;
	middle: string;
	warm: string;
	light: string;
}

export const PALETTES: readonly Palette[] = [
	// dusk
	{ night: '#1b1035', deep: '#4a1f63', middle: '#c2416b', warm: '#ff8a5b', light: '#ffe3b0' },
	// lagoon
	{ night: '#06202e', deep: '#0b4f6c', middle: '#1a9e96', warm: '#7fd8be', light: '#f7f4d5' },
	// aurora
	{ night: '#0a1130', deep: '#1f3c88', middle: '#5a67d8', warm: '#5eead4', light: '#e9fff4' },
	// terracotta
	{ night: '#2a1410', deep: '#7a2e1d', middle: '#cf5c36', warm: '#f0a868', light: '#fdf0d5' },
	// orchid
	{ night: '#1a0b2e', deep: '#5b1f7a', middle: '#b0489f', warm: '#f59ac1', light: '#ffeef6' },
	// moss
	{ night: '#0f1f17', deep: '#285238', middle: '#5f8d4e', warm: '#d9c86b', light: '#fbf7dc' },
	// cobalt and coral
	{ night: '#0b1640', deep: '#1d3fbb', middle: '#5a7df0', warm: '#ff7f6b', light: '#fff1e6' },
	// rose gold
	{ night: '#2b1520', deep: '#6d2b47', middle: '#c0697d', warm: '#eeb58f', light: '#fff3e8' },
];

/** A colour some way from one to another. @param share 0 = the first, 1 = the second */
export function mixColours(first: string, second: string, share: number): string {
	const from = channels(first);
	const mixed = channels(second).map((channel, index) => {
		const start = from[index] ?? 0;
		return Math.round(start + (channel - start) * share);
	});
	return `#${mixed.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`;
}

/** The same colour, see-through. @param opacity 0–1 */
export function translucent(colour: string, opacity: number): string {
	return `rgba(${channels(colour).join(', ')}, ${opacity})`;
}

function channels(colour: string): number[] {
	return [1, 3, 5].map((start) => parseInt(colour.slice(start, start + 2), 16));
}
