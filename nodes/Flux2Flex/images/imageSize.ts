import type { SizeRule } from '../services/service';

export interface ImageSize {
	/** Pixels. */
	width: number;
	height: number;
}

/** Reads `1024*768`, `1024x768` or `1024×768`; undefined for anything else. */
export function parseSize(text: string): ImageSize | undefined {
	const match = /^\s*(\d{1,6})\s*[*xX×]\s*(\d{1,6})\s*$/.exec(text);
	return match ? { width: Number(match[1]), height: Number(match[2]) } : undefined;
}

/** The same as text, in the form that saved workflows have. */
export function writeSize({ width, height }: ImageSize): string {
	return `${width}*${height}`;
}

/** Whether a service with this rule makes images of this size. */
export function isValidSize({ width, height }: ImageSize, rule: SizeRule): boolean {
	const isValidSide = (side: number) =>
		Number.isInteger(side) &&
		side >= rule.minSide &&
		side <= rule.maxSide &&
		side % rule.multipleOf === 0;
	return isValidSide(width) && isValidSide(height) && width * height <= rule.maxPixels;
}

/** The size closest to a wanted one that a service with this rule makes, of about the same shape. */
export function nearestSize(wanted: ImageSize, rule: SizeRule): ImageSize {
	const { minSide, maxSide, multipleOf, maxPixels } = rule;
	const shrink = Math.min(1, Math.sqrt(maxPixels / (wanted.width * wanted.height)));
	const toSide = (length: number) =>
		Math.min(maxSide, Math.max(minSide, Math.round((length * shrink) / multipleOf) * multipleOf));
	const width = toSide(wanted.width);
	const height = toSide(wanted.height);
	// Rounding up, or a short side made longer, may have made it too large again.
	const longest = Math.floor(maxPixels / Math.min(width, height) / multipleOf) * multipleOf;
	return { width: Math.min(width, longest), height: Math.min(height, longest) };
}

/** The rule in words, to follow "width and height". */
export function describeSizeRule(rule: SizeRule): string {
	const { minSide, maxSide, multipleOf, maxPixels } = rule;
	const isSideTheLimit = maxSide * maxSide <= maxPixels;
	const multiples = multipleOf === 1 ? '' : ` in multiples of ${multipleOf}`;
	return isSideTheLimit
		? `from ${minSide} to ${maxSide} pixels${multiples}`
		: `of ${minSide} pixels or more${multiples}, ${(maxPixels / 2 ** 20).toFixed(0)} megapixels together`;
}
