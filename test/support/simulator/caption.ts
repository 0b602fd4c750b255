import type { Scene } from './compositions';
import { MONO, SANS, SERIF } from './fonts';
import { translucent } from './palettes';
import type { TextBox } from './textLayout';
import { layOutText } from './textLayout';

/** Where on the image something lies, in pixels. */
export interface Area {
	x: number;
	y: number;
	width: number;
	height: number;
}

export interface CaptionText {
	prompt: string;
	/** Small type under the prompt: seed, size. */
	details: string;
}

/** A panel with the prompt on it. @returns the area it covers */
export function paintCaption(scene: Scene, text: CaptionText): Area {
	const { context, width, height, unit, palette } = scene;
	const margin = unit * 0.045;
	const padding = unit * 0.038;
	// On a very wide image the panel stands to the left, not across the whole width.
	const panelWidth = width > unit * 2 ? unit * 1.5 : width - margin * 2;
	const textWidth = panelWidth - padding * 2;

	const smallSize = Math.max(8, unit * 0.02);
	const box: TextBox = {
		width: textWidth,
		height: Math.min(height * 0.36, unit * 0.34),
		largestSize: unit * 0.044,
		smallestSize: Math.max(9, unit * 0.021),
		lineHeight: 1.36,
		family: SERIF,
	};
	const { lines, fontSize } = layOutText(context, text.prompt, box);
	const lineHeight = fontSize * box.lineHeight;
	const footerHeight = smallSize * 2.6;
	const panelHeight = padding * 1.55 + lines.length * lineHeight + footerHeight;
	const area: Area = {
		x: margin,
		y: height - margin - panelHeight,
		width: panelWidth,
		height: panelHeight,
	};
	paintPanel(scene, area);

	context.textBaseline = 'alphabetic';
	context.textAlign = 'left';
	context.fillStyle = '#ffffff';
	context.font = `${fontSize}px ${SERIF}`;
	for (const [index, line] of lines.entries()) {
		context.fillText(line, area.x + padding, area.y + padding * 0.85 + lineHeight * (index + 0.78));
	}

	const baseline = area.y + area.height - padding * 0.8;
	context.strokeStyle = translucent(palette.light, 0.3);
	context.lineWidth = Math.max(1, unit * 0.0012);
	context.beginPath();
	context.moveTo(area.x + padding, baseline - smallSize * 1.6);
	context.lineTo(area.x + padding + textWidth, baseline - smallSize * 1.6);
	context.stroke();

	const mark = 'simulated';
	context.font = `${smallSize}px ${SANS}`;
	const markWidth = context.measureText(mark).width;
	context.fillStyle = translucent(palette.light, 0.85);
	context.font = `${smallSize}px ${MONO}`;
	context.fillText(text.details, area.x + padding, baseline, textWidth - markWidth - smallSize * 2);
	context.font = `${smallSize}px ${SANS}`;
	context.textAlign = 'right';
	context.fillText(mark, area.x + padding + textWidth, baseline);
	return area;
}

/** A dark, see-through panel: white type reads on it with every palette. */
function paintPanel({ context, unit, palette }: Scene, area: Area): void {
	context.save();
	context.shadowColor = 'rgba(0, 0, 0, 0.35)';
	context.shadowBlur = unit * 0.04;
	context.shadowOffsetY = unit * 0.008;
	context.fillStyle = translucent(palette.night, 0.78);
	context.beginPath();
	context.roundRect(area.x, area.y, area.width, area.height, unit * 0.026);
	context.fill();
	context.restore();
	context.strokeStyle = 'rgba(255, 255, 255, 0.22)';
	context.lineWidth = Math.max(1, unit * 0.0015);
	context.stroke();
}
