/** Smallest and largest side in pixels that the services document. */
export const MIN_SIDE = 256;
export const MAX_SIDE = 1536;

export interface ImageSize {
	width: number;
	height: number;
}

/** Reads `1024*768`, `1024x768` or `1024×768`; undefined for anything else. */
export function parseSize(text: string): ImageSize | undefined {
	const match = /^\s*(\d{1,6})\s*[*xX×]\s*(\d{1,6})\s*$/.exec(text);
	return match ? { width: Number(match[1]), height: Number(match[2]) } : undefined;
}

/** Whether a side is a whole number of pixels within the documented range. */
export function isValidSide(side: number): boolean {
	return Number.isInteger(side) && side >= MIN_SIDE && side <= MAX_SIDE;
}
