import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import type { Item } from '../run/item';
import { show } from '../values/show';
import { asObject, asText } from '../values/untrusted';

/*
 * Each reader takes the field as the form describes it: label, default, limits and choices stand
 * there and nowhere else. All of them throw a NodeOperationError that names the item and the label.
 */

/** A field's value; "" counts as not set, as it does where an expression or an AI agent leaves it out. */
export function readValue(item: Item, field: INodeProperties): unknown {
	const value = item.read(field);
	return value === '' ? field.default : value;
}

/**
 * @param unit what is counted, e.g. "seconds"
 * @throws NodeOperationError when the value is no number, or outside the field's limits
 */
export function readNumber(item: Item, field: INodeProperties, unit?: string): number {
	const { minValue = -Infinity, maxValue = Infinity, numberPrecision } = field.typeOptions ?? {};
	const isWhole = numberPrecision === 0;
	const value = readValue(item, field);
	// Expressions often give numbers as text.
	const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
	if (
		typeof number === 'number' &&
		Number.isFinite(number) &&
		number >= minValue &&
		number <= maxValue &&
		(!isWhole || Number.isInteger(number))
	) {
		return number;
	}
	const range =
		maxValue === Infinity ? `of ${minValue} or more` : `from ${minValue} to ${maxValue}`;
	const kind = `${isWhole ? 'a whole number' : 'a number'}${unit === undefined ? '' : ` of ${unit}`}`;
	throw item.problem(
		`'${field.displayName}' must be ${kind} ${range}, but is ${show(value)}`,
		wayOut(field),
	);
}

/** @throws NodeOperationError when the value is none of the field's choices */
export function readChoice(item: Item, field: INodeProperties): string {
	const value = readValue(item, field);
	const choices = (field.options ?? []) as INodePropertyOptions[];
	if (choices.some((choice) => choice.value === value)) return String(value);
	throw item.problem(
		`'${field.displayName}' is ${show(value)}, which is not one of its choices`,
		`Choose ${choices.map(({ name }) => `"${name}"`).join(' or ')}, or check the expression behind it.`,
	);
}

/**
 * Also as text or as 0 and 1, which is how expressions and AI agents give it.
 *
 * @throws NodeOperationError when the value says neither true nor false
 */
export function readBoolean(item: Item, field: INodeProperties): boolean {
	const value = readValue(item, field);
	if (value === true || value === 'true' || value === 1) return true;
	if (value === false || value === 'false' || value === 0) return false;
	throw item.problem(
		`'${field.displayName}' is ${show(value)}, which is not true or false`,
		wayOut(field),
	);
}

/**
 * A text as it was entered; numbers and dates as text. "" where it is not set.
 *
 * @throws NodeOperationError when the value is neither
 */
export function readText(item: Item, field: INodeProperties): string {
	const value = item.read(field);
	const text = asWritten(value);
	if (text !== undefined && !OBJECT_IN_TEXT.test(text)) return wellFormed(text);
	throw item.problem(`'${field.displayName}' is ${show(value)}, which is not text`, wayOut(field));
}

/** The value of any field, by its type. */
export function readField(item: Item, field: INodeProperties): unknown {
	switch (field.type) {
		case 'number':
			return readNumber(item, field);
		case 'boolean':
			return readBoolean(item, field);
		case 'options':
			return readChoice(item, field);
		default:
			return readText(item, field);
	}
}

/** Text, finite numbers, and dates as ISO text; undefined for everything else. */
export function asWritten(value: unknown): string | undefined {
	if (typeof value === 'string') return value;
	if (typeof value === 'number') return Number.isFinite(value) ? String(value) : undefined;
	if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : value.toISOString();
	// What `$now` and its like give: a DateTime of luxon, which is no dependency of this package.
	const { isLuxonDateTime } = asObject(value) ?? {};
	return isLuxonDateTime === true ? asText((value as DateTime).toISO()) : undefined;
}

/** What n8n writes for an object that an expression puts in the middle of a text. */
const OBJECT_IN_TEXT = /\[object [A-Z]\w*\]/;

/** Half an emoji at the end of a text that was cut off is no character, and no service can read it. */
function wellFormed(text: string): string {
	return Buffer.from(text).toString();
}

interface DateTime {
	toISO(): string | null;
}

const wayOut = ({ displayName }: INodeProperties) =>
	`Change '${displayName}', or the expression behind it.`;
