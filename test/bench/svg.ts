import type { ContestantName } from './contestants';

/** Where a panel draws, in pixels. */
export interface Box {
	left: number;
	right: number;
	top: number;
	bottom: number;
}

/** From a value to pixels. */
export type Scale = (value: number) => number;

/** A logarithmic scale; values beyond its ends are drawn at them. */
export function logScale([low, high]: [number, number], [from, to]: [number, number]): Scale {
	return (value) => {
		const clamped = Math.min(Math.max(value, low), high);
		const share = Math.log(clamped / low) / Math.log(high / low);
		return Math.round((from + share * (to - from)) * 10) / 10;
	};
}

/** A line of text; `classes` as in {@link style}. */
export function text(x: number, y: number, content: string, classes: string): string {
	const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
	return `<text class="${classes}" x="${x}" y="${y}">${escaped}</text>`;
}

/** Every contestant has a shape of its own: colours alone do not tell them apart for everybody. */
export function markerAt(name: ContestantName, x: number, y: number): string {
	switch (name) {
		case 'ours':
			return `<circle class="mark ${name}" cx="${x}" cy="${y}" r="5"/>`;
		case 'httpNodes':
			return `<rect class="mark ${name}" x="${x - 4.5}" y="${y - 4.5}" width="9" height="9"/>`;
		case 'oneByOne':
			return `<path class="mark ${name}" d="M${x} ${y - 5.5}l5.5 9.5h-11z"/>`;
	}
}

/**
 * An image in a README does not learn the page's theme, only the system's: so it brings its own
 * background, and is readable either way.
 */
export const style = `<style>
text { font-family: system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328; }
.title { font-size: 15px; font-weight: 600; }
.label, .strong { font-size: 13px; }
.strong { font-weight: 600; }
.small { font-size: 12px; fill: #59636e; }
.end { text-anchor: end; }
.middle { text-anchor: middle; }
.card { fill: #ffffff; stroke: #d1d9e0; }
.grid { stroke: #d1d9e0; stroke-width: 1; }
.line { fill: none; stroke-width: 2; }
.dashed { stroke-dasharray: 5 4; }
.mark { stroke: #ffffff; stroke-width: 1; }
.line.ours { stroke: #0969da; }
.mark.ours, .text-ours { fill: #0969da; }
.line.httpNodes { stroke: #bc4c00; }
.mark.httpNodes, .text-httpNodes { fill: #bc4c00; }
.line.oneByOne { stroke: #6e7781; }
.mark.oneByOne, .text-oneByOne { fill: #6e7781; }
.text-ours { font-weight: 600; }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc; }
.small { fill: #9198a1; }
.card { fill: #0d1117; stroke: #3d444d; }
.grid { stroke: #3d444d; }
.mark { stroke: #0d1117; }
.line.ours { stroke: #58a6ff; }
.mark.ours, .text-ours { fill: #58a6ff; }
.line.httpNodes { stroke: #f0883e; }
.mark.httpNodes, .text-httpNodes { fill: #f0883e; }
.line.oneByOne { stroke: #9198a1; }
.mark.oneByOne, .text-oneByOne { fill: #9198a1; }
}
</style>`;
