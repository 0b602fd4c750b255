import type { SKRSContext2D } from '@napi-rs/canvas';

/** More can't fit on any image, and measuring 32 000 words would take its time. */
const MAX_CHARACTERS = 1_600;

const ELLIPSIS = '…';

export interface TextBox {
	/** Pixels. */
	width: number;
	/** Pixels. */
	height: number;
	/** The font's size is the largest from here … */
	largestSize: number;
	/** … to here with which the text fits, in pixels. */
	smallestSize: number;
	lineHeight: number;
	family: string;
}

export interface LaidOutText {
	lines: string[];
	fontSize: number;
}

/**
 * Breaks a text into lines that fill a box, as large as it fits. What doesn't even fit at the
 * smallest size ends in an ellipsis.
 */
export function layOutText(context: SKRSContext2D, text: string, box: TextBox): LaidOutText {
	const isCut = text.length > MAX_CHARACTERS;
	const words = splitWords(isCut ? text.slice(0, MAX_CHARACTERS) + ELLIPSIS : text);

	for (let fontSize = box.largestSize; ; fontSize *= 0.92) {
		const size = Math.max(fontSize, box.smallestSize);
		context.font = `${size}px ${box.family}`;
		const lines = breakLines(context, words, box.width);
		const maxLines = Math.max(1, Math.floor(box.height / (size * box.lineHeight)));
		if (lines.length <= maxLines) return { lines, fontSize: size };
		if (size === box.smallestSize) {
			return { lines: cutLines(context, lines, maxLines, box.width), fontSize: size };
		}
	}
}

function splitWords(text: string): string[] {
	return text.split(/\s+/).filter((word) => word !== '');
}

function breakLines(context: SKRSContext2D, words: string[], width: number): string[] {
	const lines: string[] = [];
	let line = '';
	for (const word of words) {
		const longer = line === '' ? word : `${line} ${word}`;
		if (fits(context, longer, width)) {
			line = longer;
			continue;
		}
		if (fits(context, word, width)) {
			lines.push(line);
			line = word;
			continue;
		}
		// Links, and scripts that put no spaces between words: break anywhere.
		line = line === '' ? '' : `${line} `;
		for (const character of characters(word)) {
			if (line !== '' && !fits(context, line + character, width)) {
				lines.push(line.trimEnd());
				line = '';
			}
			line += character;
		}
	}
	return line === '' ? lines : [...lines, line];
}

function cutLines(
	context: SKRSContext2D,
	lines: string[],
	maxLines: number,
	width: number,
): string[] {
	const kept = lines.slice(0, maxLines);
	const last = characters(kept.pop() ?? '');
	while (last.length > 0 && !fits(context, last.join('') + ELLIPSIS, width)) last.pop();
	return [...kept, last.join('').trimEnd() + ELLIPSIS];
}

function fits(context: SKRSContext2D, text: string, width: number): boolean {
	return context.measureText(text).width <= width;
}

/** What a reader sees as characters: an emoji with its skin tone is one. */
function characters(text: string): string[] {
	return [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);
}
