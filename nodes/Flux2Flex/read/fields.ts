import type { NodeRun } from '../run/nodeRun';
import { problem } from '../run/problems';

/** A parameter as n8n resolved it for an item, expressions included. */
export function readParameter(
	run: NodeRun,
	itemIndex: number,
	name: string,
	fallback?: unknown,
): unknown {
	return run.context.getNodeParameter(name, itemIndex, fallback);
}

export interface NumberRule {
	/** The label the user sees. */
	label: string;
	min: number;
	max?: number;
	whole?: boolean;
	/** e.g. "seconds" */
	unit?: string;
}

/** @throws NodeOperationError when the value is no number, or outside the rule */
export function checkNumber(
	run: NodeRun,
	itemIndex: number,
	value: unknown,
	{ label, min, max = Infinity, whole = false, unit }: NumberRule,
): number {
	// Expressions often give numbers as text.
	const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
	if (
		typeof number === 'number' &&
		Number.isFinite(number) &&
		number >= min &&
		number <= max &&
		(!whole || Number.isInteger(number))
	) {
		return number;
	}
	const range = max === Infinity ? `of ${min} or more` : `from ${min} to ${max}`;
	const kind = `${whole ? 'a whole number' : 'a number'}${unit === undefined ? '' : ` of ${unit}`}`;
	throw problem(
		{ context: run.context, itemIndex },
		`'${label}' must be ${kind} ${range}, but is ${show(value)}`,
		`Change '${label}', or the expression behind it.`,
	);
}

/** A value as it can stand in a message. */
export function show(value: unknown): string {
	const text = typeof value === 'string' ? `"${value}"` : (JSON.stringify(value) ?? 'not defined');
	return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
